import { sql } from "kysely";
import type { Selectable } from "kysely";

import { newId } from "../domain/id.ts";
import type { AccountId, CommissionId, ParticipantId, PayoutId } from "../domain/id.ts";
import { findObstacle, nextPayoutStates } from "../domain/payout/states.ts";
import type { PayoutState } from "../domain/payout/states.ts";
import type { ShopTransaction } from "./connection.ts";
import { lockParticipants } from "./fraud-flags.ts";
import { readStanding } from "./payout-standing.ts";
import { isRelated } from "./referrals.ts";
import type { PayoutsTable } from "./schema/referral.ts";

export type PayoutRow = Selectable<PayoutsTable>;

export type PayoutResult =
  | { outcome: "moved"; payout: PayoutRow }
  | {
      outcome: "refused";
      reason: "unknown_payout" | "state" | "same_person" | "related";
      payout?: PayoutRow;
    };

type Change = { payoutId: PayoutId; now: Date };
type Decision = Change & { by: AccountId };

/** What was said about another account, or before something stood in the way, counts no more. */
const noDecision = {
  account_version: null,
  proposed_by: null,
  proposed_at: null,
  approved_by: null,
  approved_at: null,
};

/** Looks again at what stands in the way: holds the payout, or lets a held one go on. Safe to run twice. */
export async function gatePayout(trx: ShopTransaction, change: Change): Promise<PayoutResult> {
  return decide(trx, change, ["tallied", "held"], (payout) =>
    payout.state === "held" ? move(trx, payout, { state: "tallied", obstacle: null }) : payout,
  );
}

/** The maker's word: this amount, to the account as it is now. */
export async function proposePayout(trx: ShopTransaction, decision: Decision): Promise<PayoutResult> {
  const { by, now } = decision;
  return decide(trx, decision, ["tallied", "failed"], async (payout) => {
    const { account } = await readStanding(trx, payout);
    const proposed = { proposed_by: by, proposed_at: now, account_version: account?.version ?? null };
    return move(trx, payout, { state: "proposed", ...noDecision, ...proposed, failure_code: null });
  });
}

/** Another person's word, without which nothing is paid. */
export async function approvePayout(trx: ShopTransaction, decision: Decision): Promise<PayoutResult> {
  const { by, now } = decision;
  return decide(trx, decision, ["proposed"], (payout) =>
    payout.proposed_by === by
      ? "same_person"
      : move(trx, payout, { state: "approved", approved_by: by, approved_at: now }),
  );
}

/** From here on money may be on its way: what became of it is looked up by the payout's id, which is the provider's key. */
export async function beginPayout(trx: ShopTransaction, change: Change): Promise<PayoutResult> {
  return decide(trx, change, ["approved"], (payout) =>
    move(trx, payout, { state: "executing", executing_since: change.now }),
  );
}

/** What became of it, for certain. Safe to run twice. */
export async function endPayout(
  trx: ShopTransaction,
  { payoutId, now, failureCode }: Change & { failureCode: string | null },
): Promise<PayoutResult> {
  const payout = await lockPayout(trx, payoutId);
  if (payout === undefined) return { outcome: "refused", reason: "unknown_payout" };
  if (payout.state !== "executing") return { outcome: "refused", reason: "state", payout };
  if (failureCode !== null) {
    return moved(await move(trx, payout, { state: "failed", failure_code: failureCode }));
  }
  await trx
    .updateTable("commissions")
    .set({ state: "paid" })
    .where("payout_id", "=", payoutId)
    .where("state", "=", "in_payout")
    .execute();
  return moved(await move(trx, payout, { state: "paid", ended_at: now }));
}

/** Its lines go into the next payout. Not once money may be on its way. */
export async function cancelPayout(trx: ShopTransaction, { payoutId, now }: Change): Promise<PayoutResult> {
  const payout = await lockPayout(trx, payoutId);
  if (payout === undefined) return { outcome: "refused", reason: "unknown_payout" };
  if (!may(payout.state, "cancelled")) return { outcome: "refused", reason: "state", payout };
  await trx
    .updateTable("commissions")
    .set({ state: "payable", payout_id: null })
    .where("payout_id", "=", payoutId)
    .where("state", "=", "in_payout")
    .execute();
  return moved(await move(trx, payout, { state: "cancelled", obstacle: null, ended_at: now }));
}

/** Takes the step if nothing stands in the way, and holds the payout otherwise: then it is proposed and approved anew. */
async function decide(
  trx: ShopTransaction,
  change: Change & { by?: AccountId },
  from: readonly PayoutState[],
  step: (payout: PayoutRow) => Promise<PayoutRow> | PayoutRow | "same_person",
): Promise<PayoutResult> {
  const payout = await lockPayout(trx, change.payoutId);
  if (payout === undefined) return { outcome: "refused", reason: "unknown_payout" };
  if (!from.includes(payout.state)) return { outcome: "refused", reason: "state", payout };
  const standing = await readStanding(trx, payout);
  const { by, now } = change;
  if (by !== undefined && standing.accountId !== null && (await isRelated(trx, standing.accountId, by))) {
    return { outcome: "refused", reason: "related", payout };
  }
  const obstacle = findObstacle(standing, now);
  if (obstacle !== null) {
    if (payout.obstacle === obstacle) return moved(payout);
    return moved(await move(trx, payout, { state: "held", obstacle, ...noDecision }));
  }
  const result = await step(payout);
  return result === "same_person" ? { outcome: "refused", reason: result, payout } : moved(result);
}

function moved(payout: PayoutRow): PayoutResult {
  return { outcome: "moved", payout };
}

function may(from: PayoutState, to: PayoutState): boolean {
  const allowed: readonly PayoutState[] = nextPayoutStates[from];
  return from === to || allowed.includes(to);
}

/** The participant first, as whoever raises a flag does. */
async function lockPayout(trx: ShopTransaction, payoutId: PayoutId): Promise<PayoutRow | undefined> {
  const named = await trx
    .selectFrom("payouts")
    .select("participant_id")
    .where("id", "=", payoutId)
    .executeTakeFirst();
  if (named === undefined) return undefined;
  await lockParticipants(trx, [named.participant_id]);
  return trx.selectFrom("payouts").selectAll().where("id", "=", payoutId).forUpdate().executeTakeFirst();
}

async function move(
  trx: ShopTransaction,
  payout: PayoutRow,
  changes: Partial<Omit<PayoutRow, "id" | "version" | "state">> & { state: PayoutState },
): Promise<PayoutRow> {
  if (!may(payout.state, changes.state)) {
    throw new TypeError(`a payout does not go from ${payout.state} to ${changes.state}`);
  }
  return trx
    .updateTable("payouts")
    .set((eb) => ({ ...changes, version: eb("version", "+", 1) }))
    .where("id", "=", payout.id)
    .where("state", "=", payout.state)
    .returningAll()
    .executeTakeFirstOrThrow();
}

/**
 * Makes a payout of what each participant may be paid, where it is enough: all lines in the currency of the payout
 * account, negative ones too. One for each participant and period. Returns how many; fewer than the limit: that was all.
 */
export async function tallyPayouts(
  trx: ShopTransaction,
  tally: { period: string; minimumMinor: Partial<Record<string, number>>; now: Date; limit: number },
): Promise<number> {
  const { period, minimumMinor, now, limit } = tally;
  const candidates = await listCandidates(trx, { period, minimumMinor, limit });
  if (candidates.length === 0) return 0;
  await lockParticipants(trx, candidates);
  const lines = await trx
    .selectFrom("commissions")
    .innerJoin("payout_accounts", (join) =>
      join
        .onRef("payout_accounts.participant_id", "=", "commissions.beneficiary_id")
        .onRef("payout_accounts.currency", "=", "commissions.currency"),
    )
    .select(["commissions.id", "beneficiary_id", "commissions.currency", "amount_minor"])
    .where("beneficiary_id", "in", candidates)
    .where("state", "=", "payable")
    .orderBy("commissions.id")
    .forUpdate("commissions")
    .execute();
  const payouts = candidates.flatMap((participantId) => {
    const own = lines.filter(({ beneficiary_id }) => beneficiary_id === participantId);
    const amount_minor = own.reduce((sum, line) => sum + line.amount_minor, 0);
    const currency = own[0]?.currency;
    if (currency === undefined || amount_minor < (minimumMinor[currency] ?? Infinity)) return [];
    const row = { participant_id: participantId, period, amount_minor, currency, created_at: now };
    return { id: newId<PayoutId>(), ...row, state: "tallied" as const };
  });
  if (payouts.length === 0) return 0;
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
  return made.length;
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

async function listCandidates(
  trx: ShopTransaction,
  {
    period,
    minimumMinor,
    limit,
  }: { period: string; minimumMinor: Partial<Record<string, number>>; limit: number },
): Promise<ParticipantId[]> {
  const [currencies, minima] = [Object.keys(minimumMinor), Object.values(minimumMinor)];
  const { rows } = await sql<{ id: ParticipantId }>`
    select c.beneficiary_id as id from commissions c
      join payout_accounts a on a.participant_id = c.beneficiary_id and a.currency = c.currency
      join unnest(${currencies}::text[], ${minima}::bigint[]) as m (currency, minimum) on m.currency = c.currency
      where c.state = 'payable' and not exists (
        select from payouts p where p.participant_id = c.beneficiary_id and p.period = ${period})
      group by c.beneficiary_id, m.minimum having sum(c.amount_minor) >= m.minimum
      order by c.beneficiary_id limit ${limit}`.execute(trx);
  return rows.map(({ id }) => id);
}
