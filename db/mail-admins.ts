import { isCriticalMail } from "../domain/account/notice-preferences.ts";
import type { ApprovalMail } from "../domain/account/notice-preferences.ts";
import { isOn } from "../domain/account/notice-topics.ts";
import type { PlatformRole } from "../domain/platform-role.ts";
import type { ShopTransaction } from "./connection.ts";
import { queueMails } from "./mails.ts";
import { choicesBy } from "./notice-preferences.ts";

type ToAdmins = { role: PlatformRole; kind: ApprovalMail; businessKey: string; now: Date };

/** To whoever has the role and has not switched it off, without a word about the shop: who may see it looks at the queue. */
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
    .select(choicesBy("email", "accounts.id").as("choices"))
    .execute();
  const told = admins.filter(({ choices }) => isCriticalMail(kind) || isOn("approvals", "email", choices));
  await queueMails(
    trx,
    told.map(({ accountId, language }) => {
      return { accountId, kind, businessKey: `${businessKey}:${accountId}`, data: {}, language, now };
    }),
  );
}
