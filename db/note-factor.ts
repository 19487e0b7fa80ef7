import type { MailKind } from "../domain/account/mail-texts.ts";
import { newId } from "../domain/id.ts";
import type { AccountId } from "../domain/id.ts";
import { appendAccountEvent } from "./account-events.ts";
import { findAccount } from "./accounts.ts";
import type { ShopTransaction } from "./connection.ts";
import { queueMail } from "./mails.ts";

const mailOf = {
  "factor.confirmed": "factor_confirmed",
  "factor.removed": "factor_removed",
  "recovery_code.used": "recovery_code_used",
} as const satisfies Record<string, MailKind>;

type FactorChange = { accountId: AccountId; kind: keyof typeof mailOf; now: Date };

/** In the account's history and by mail: a stranger who did it must not go unnoticed. */
export async function noteFactor(trx: ShopTransaction, change: FactorChange): Promise<void> {
  const { accountId, now } = change;
  await appendAccountEvent(trx, change);
  const language = (await findAccount(trx, accountId))?.language ?? "en";
  const kind = mailOf[change.kind];
  await queueMail(trx, {
    accountId,
    kind,
    businessKey: `${kind}:${newId<string>()}`,
    data: {},
    language,
    now,
  });
}
