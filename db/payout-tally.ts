import { sql } from "kysely";

import { newId } from "../domain/id.ts";
import type { CommissionId, ParticipantId, PayoutId } from "../domain/id.ts";
import type { Currency } from "../domain/money.ts";
import { endsQuarter } from "../domain/payout/period.ts";
import type { PayoutTimings } from "../domain/payout/timings.ts";
import type { ShopTransaction } from "./connection.ts";
import { lockParticipants } from "./fraud-flags.ts";
import { insertPayoutEvents } from "./payout-events.ts";
import { isSuspended } from "./suspended-participants.ts";

export type Tally = {
  period: string;
  minimumMinor: Partial<Record<string, number>>;
  timings: PayoutTimings;
  now: Date;
  limit: number;
};

export type TalliedPayout = { payoutId: PayoutId; participantId: ParticipantId };

/**
 * Makes a payout of what each participant may be paid, where it is enough, and the period one that they want to be paid
 * for: all lines in the currency of the payout account, negative ones too. One for each participant and period. Returns
 * those that are new; none: that was all.
 */
export async function tallyPayouts(trx: ShopTransaction, tally: Tally): Promise<TalliedPayout[]> {
  const { period, now } = tally;
  const candidates = await listCandidates(trx, tally);
  if (candidates.length === 0) return [];
  const ids = candidates.map(({ id }) => id);
  await lockParticipants(trx, ids);
  const lines = await trx
    .selectFrom("commissions")
    .innerJoin("payout_accounts", (join) =>
      join
        .onRef("payout_accounts.participant_id", "=", "commissions.beneficiary_id")
        .onRef("payout_accounts.currency", "=", "commissions.currency"),
    )
    .select(["commissions.id", "beneficiary_id", "commissions.currency", "amount_minor"])
    .where("beneficiary_id", "in", ids)
    .where("state", "=", "payable")
    .orderBy("commissions.id")
    .forUpdate("commissions")
    .execute();
  const payouts = candidates.flatMap(({ id: participantId, currency, leastMinor }) => {
    const own = lines.filter((line) => line.beneficiary_id === participantId && line.currency === currency);
    const amount_minor = own.reduce((sum, line) => sum + line.amount_minor, 0);
    if (own.length === 0 || amount_minor < leastMinor) return [];
    const row = { participant_id: participantId, period, amount_minor, currency, state: "tallied" as const };
    const waits = { timings: JSON.stringify(tally.timings), waiting_since: now, created_at: now };
    return { id: newId<PayoutId>(), ...row, ...waits };
  });
  if (payouts.length === 0) return [];
  const made = await trx
    .insertInto("payouts")
    .values(payouts)
    .onConflict((conflict) => conflict.columns(["participant_id", "period"]).doNothing())
    .returning(["id", "participant_id"])
    .execute();
  const payoutOf = new Map(made.map(({ id, participant_id }) => [participant_id, id]));
  await takeLines(
    trx,
    lines.flatMap(({ id, beneficiary_id }) => {
      const payoutId = payoutOf.get(beneficiary_id);
      return payoutId === undefined ? [] : { id, payoutId };
    }),
  );
  await insertPayoutEvents(
    trx,
    made.map(({ id }) => ({ payout_id: id, version: 1, state: "tallied" as const, attempt: 0, at: now })),
  );
  return made.map(({ id, participant_id }) => ({ payoutId: id, participantId: participant_id }));
}

async function takeLines(
  trx: ShopTransaction,
  taken: { id: CommissionId; payoutId: PayoutId }[],
): Promise<void> {
  await sql`
    update commissions c set state = 'in_payout', payout_id = t.payout_id
      from unnest(${taken.map(({ id }) => id)}::uuid[], ${taken.map(({ payoutId }) => payoutId)}::uuid[])
        as t (id, payout_id)
      where c.id = t.id and c.state = 'payable'`.execute(trx);
}

/** `leastMinor`: the platform's minimum, or a threshold of their own above it. */
type Candidate = { id: ParticipantId; currency: Currency; leastMinor: number };

/** Whoever is suspended is paid nothing, whatever is payable. */
async function listCandidates(
  trx: ShopTransaction,
  { period, minimumMinor, limit }: Tally,
): Promise<Candidate[]> {
  const [currencies, minima] = [Object.keys(minimumMinor), Object.values(minimumMinor)];
  const least = sql`greatest(m.minimum, max(w.threshold_minor) filter (where w.currency = m.currency))`;
  const { rows } = await sql<Candidate>`
    select c.beneficiary_id as id, m.currency, ${least} as "leastMinor" from commissions c
      join referral_participants p on p.id = c.beneficiary_id and not ${isSuspended("p")}
      join payout_accounts a on a.participant_id = c.beneficiary_id and a.currency = c.currency
      join unnest(${currencies}::text[], ${minima}::bigint[]) as m (currency, minimum) on m.currency = c.currency
      left join payout_preferences w on w.participant_id = c.beneficiary_id
      where c.state = 'payable' and (${endsQuarter(period)} or w.schedule is distinct from 'quarterly')
        and not exists (
          select from payouts made where made.participant_id = p.id and made.period = ${period})
      group by c.beneficiary_id, m.currency, m.minimum having sum(c.amount_minor) >= ${least}
      order by c.beneficiary_id limit ${limit}`.execute(trx);
  return rows;
}
