import { findAccount, accountPlace } from "../../db/accounts.ts";
import type { ShopTransaction } from "../../db/connection.ts";
import { putReferralSignal } from "../../db/fraud-screening.ts";
import { findParticipant } from "../../db/referrals.ts";
import { emailStem } from "../../domain/account/email-stem.ts";
import type { AccountId } from "../../domain/id.ts";
import type { BlindIndexer } from "../../domain/sealing.ts";
import type { ApiDeps } from "../deps.ts";

/** Equal for all addresses of one mailbox: by it the rules against fraud see that two accounts are one person's. */
export function stemIndexOf(blindIndexer: BlindIndexer, email: string): Promise<Buffer> {
  return blindIndexer.index("platform", "referral.email_stem", emailStem(email));
}

/** Of the account's own address; undefined when it is no longer kept. */
export async function readStemIndex(
  { db, sealer, blindIndexer }: Pick<ApiDeps, "db" | "sealer" | "blindIndexer">,
  accountId: AccountId,
): Promise<Buffer | undefined> {
  const account = await db.withoutShop((trx) => findAccount(trx, accountId));
  if (account === undefined) return undefined;
  const [email] = await sealer.open([
    { place: accountPlace(accountId, "account.email"), sealed: account.email },
  ]);
  return email && stemIndexOf(blindIndexer, email.toString("utf8"));
}

/** Of who takes part in the referral, and of nobody else. */
export async function noteEmail(
  trx: ShopTransaction,
  { accountId, stemIndex, now }: { accountId: AccountId; stemIndex: Buffer; now: Date },
): Promise<void> {
  if ((await findParticipant(trx, accountId)) === undefined) return;
  await putReferralSignal(trx, { accountId, kind: "email", index: stemIndex, now });
}
