import { sql } from "kysely";
import type { Selectable } from "kysely";

import type { AccountId, ParticipantId, PayoutId } from "../domain/id.ts";
import type { PayoutWaits } from "../domain/payout/deadlines.ts";
import type { PayoutStanding } from "../domain/payout/states.ts";
import type { ShopTransaction } from "./connection.ts";
import type { PayoutAccountRow } from "./payout-accounts.ts";
import type { PayoutsTable } from "./schema/referral.ts";
import { isSuspended } from "./suspended-participants.ts";

/** With where the money would go, read in one with what the gate looks at: no other account comes between. */
export type PayoutFooting = PayoutStanding & {
  account: (PayoutStanding["account"] & Pick<PayoutAccountRow, "kind" | "details">) | null;
};

/** What may stand between a participant and a payout in that currency. */
export async function readStanding(
  trx: ShopTransaction,
  payout: { participant_id: ParticipantId; currency: string; account_version: number | null },
): Promise<PayoutFooting> {
  type Account = Pick<PayoutAccountRow, "version" | "kind" | "details"> & { usableFrom: Date };
  type Row = Pick<PayoutStanding, "isSuspended" | "isFinal" | "hasOpenFlag"> &
    (Account | { [Name in keyof Account]: null });
  const { rows } = await sql<Row>`
    select ${isSuspended("p")} as "isSuspended",
      p.state = 'closed' or exists (select from fraud_flags upheld where upheld.participant_id = p.id
        and upheld.state = 'upheld' and upheld.appeal_decided_at is not null) as "isFinal",
      a.version, a.usable_from as "usableFrom", a.kind, a.details,
      exists (select from fraud_flags f where f.participant_id = p.id
        and f.state = 'open' and f.severity = 'high') as "hasOpenFlag"
    from referral_participants p
      left join payout_accounts a on a.participant_id = p.id and a.currency = ${payout.currency}
    where p.id = ${payout.participant_id}`.execute(trx);
  const [row] = rows;
  if (row === undefined) throw new TypeError("a payout has a participant");
  const { isSuspended: suspended, isFinal, hasOpenFlag } = row;
  const account =
    row.version === null
      ? null
      : { version: row.version, usableFrom: row.usableFrom, kind: row.kind, details: row.details };
  const proposedVersion = payout.account_version;
  return { isSuspended: suspended, isFinal, hasOpenFlag, account, proposedVersion };
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
