import { sql } from "kysely";

import type { AccountId, ParticipantId } from "../domain/id.ts";
import type { PayoutStanding } from "../domain/payout/states.ts";
import type { ShopTransaction } from "./connection.ts";

/** What may stand between a participant and a payout in that currency. */
export async function readStanding(
  trx: ShopTransaction,
  payout: { participant_id: ParticipantId; currency: string; account_version: number | null },
): Promise<PayoutStanding & { accountId: AccountId | null }> {
  const { rows } = await sql<{
    accountId: AccountId | null;
    participant: PayoutStanding["participant"];
    hasOpenFlag: boolean;
    version: number | null;
    usableFrom: Date | null;
  }>`
    select p.account_id as "accountId", p.state as participant, a.version, a.usable_from as "usableFrom",
      exists (select from fraud_flags f where f.participant_id = p.id
        and f.state = 'open' and f.severity = 'high') as "hasOpenFlag"
    from referral_participants p
      left join payout_accounts a on a.participant_id = p.id and a.currency = ${payout.currency}
    where p.id = ${payout.participant_id}`.execute(trx);
  const [row] = rows;
  if (row === undefined) throw new TypeError("a payout has a participant");
  const { accountId, participant, hasOpenFlag, version, usableFrom } = row;
  const account = version === null || usableFrom === null ? null : { version, usableFrom };
  return { accountId, participant, hasOpenFlag, account, proposedVersion: payout.account_version };
}
