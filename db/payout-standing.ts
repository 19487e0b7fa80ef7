import { sql } from "kysely";
import type { Selectable } from "kysely";

import type { AccountId, ParticipantId, PayoutId } from "../domain/id.ts";
import type { PayoutWaits } from "../domain/payout/deadlines.ts";
import type { PayoutStanding } from "../domain/payout/states.ts";
import type { ShopTransaction } from "./connection.ts";
import type { PayoutsTable } from "./schema/referral.ts";

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

/** Null when the account is gone. */
export async function findParticipantAccount(
  trx: ShopTransaction,
  payoutId: PayoutId,
): Promise<AccountId | null> {
  const row = await trx
    .selectFrom("payouts")
    .innerJoin("referral_participants", "referral_participants.id", "payouts.participant_id")
    .where("payouts.id", "=", payoutId)
    .select("account_id")
    .executeTakeFirst();
  return row?.account_id ?? null;
}

/** What the deadlines look at. */
export function payoutWaits(
  row: Pick<
    Selectable<PayoutsTable>,
    "state" | "notice_due" | "gated_at" | "waiting_since" | "reminded_at" | "escalated_at" | "timings"
  >,
): PayoutWaits {
  return {
    state: row.state,
    hasNoticeDue: row.notice_due !== null,
    gatedAt: row.gated_at,
    waitingSince: row.waiting_since,
    remindedAt: row.reminded_at,
    escalatedAt: row.escalated_at,
    timings: row.timings,
  };
}
