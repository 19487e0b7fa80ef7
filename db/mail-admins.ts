import type { MailKind } from "../domain/account/mail-texts.ts";
import type { PlatformRole } from "../domain/platform-role.ts";
import type { ShopTransaction } from "./connection.ts";
import { queueMails } from "./mails.ts";

type ToAdmins = { role: PlatformRole; kind: MailKind; businessKey: string; now: Date };

/** To whoever has the role, without a word about the shop: who may see it looks at the queue. */
export async function mailAdmins(
  trx: ShopTransaction,
  { role, kind, businessKey, now }: ToAdmins,
): Promise<void> {
  const admins = await trx
    .selectFrom("platform_roles")
    .innerJoin("accounts", "accounts.id", "platform_roles.account_id")
    .where("platform_roles.role", "=", role)
    .where("accounts.suspended_at", "is", null)
    .select(["accounts.id as accountId", "accounts.language"])
    .execute();
  await queueMails(
    trx,
    admins.map(({ accountId, language }) => {
      return { accountId, kind, businessKey: `${businessKey}:${accountId}`, data: {}, language, now };
    }),
  );
}
