import type { ShopTransaction } from "../../db/connection.ts";
import { putReferralSignal } from "../../db/fraud-screening.ts";
import { findParticipant } from "../../db/referrals.ts";
import type { AccountId } from "../../domain/id.ts";
import type { BlindIndexer } from "../../domain/sealing.ts";

/** Equal for every account of one browser: by it the rules against fraud see that two share it. */
export function browserIndexOf(blindIndexer: BlindIndexer, browser: string): Promise<Buffer> {
  return blindIndexer.index("platform", "referral.browser", browser);
}

/** Of who takes part in the referral, and of nobody else. */
export async function noteBrowser(
  trx: ShopTransaction,
  { accountId, browserIndex, now }: { accountId: AccountId; browserIndex: Buffer; now: Date },
): Promise<void> {
  if ((await findParticipant(trx, accountId)) === undefined) return;
  await putReferralSignal(trx, { accountId, kind: "device", index: browserIndex, now });
}
