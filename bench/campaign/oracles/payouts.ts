import { toTypeId } from "../../../domain/id.ts";
import type { Observation, Oracle, Violation } from "./observation.ts";

type PayoutRow = { id: string; state: string; attempt: number; amount: number; notices: number };

const payoutRows = `select p.id, p.state, p.attempt, p.amount_minor::float8 as amount,
    (select count(*)::int from owner_notices n where n.business_key = 'payout_paid:' || p.id || ':' || p.attempt) as notices
  from payouts p`;

/**
 * I5: the money of a payout left at most once, all of it, and only for one that says so; what the bank has paid is known,
 * whatever became of its answer, and its participant was told once.
 */
export const payoutsArePaidOnce: Oracle = async (seen) => {
  const payouts = await seen.rows<PayoutRow>(payoutRows);
  const violations: Violation[] = [];
  for (const { id, state, attempt, amount, notices } of payouts) {
    const wrong = (what: string) =>
      violations.push({ invariant: "I5", what: `${toTypeId("pout", id)} is ${state} and ${what}` });
    const sent = sentFor(seen, id);
    // What was sent by hand a moment before the end was not recorded any more.
    const isUnrecorded = state === "executing" && sent.every(({ isByHand }) => isByHand);
    if (sent.length > 1 || ((sent.length === 1) !== (state === "paid") && !isUnrecorded))
      wrong(`its money left ${sent.length} times`);
    if (sent.some((one) => one.amountMinor !== amount || one.attempt !== attempt))
      wrong("another amount left, or for another attempt");
    const told = state === "paid" ? 1 : 0;
    if (notices !== told) wrong(`its participant was told ${notices} times`);
  }
  const known = new Set<string>(payouts.map(({ id }) => toTypeId("pout", id)));
  const unknown = [...seen.bank.map(({ key }) => key), ...seen.byHand.map(({ payoutId }) => payoutId)].filter(
    (id) => !known.has(id),
  );
  return [
    ...violations,
    ...unknown.map((id) => ({ invariant: "I5", what: `money left for ${id}, which is nowhere` })),
  ];
};

function sentFor({ bank, byHand }: Observation, id: string) {
  const payoutId = toTypeId("pout", id);
  return [
    ...bank
      .filter(({ key, outcome }) => key === payoutId && outcome === "paid")
      .map(({ attempt, amountMinor }) => ({ attempt, amountMinor, isByHand: false })),
    ...byHand.filter((one) => one.payoutId === payoutId).map((one) => ({ ...one, isByHand: true })),
  ];
}

/**
 * I5: a payout is the sum of its lines, to the last unit, each line is in one payout at most and stands as it does, and a
 * proposal and an approval by two people stand behind all money.
 */
export const payoutsAreTheirLines: Oracle = async ({ rows }) => {
  const wrong = await rows<{ what: string }>(
    `select format('payout %s is %s and of %s, its %s lines come to %s', p.id, p.state, p.amount_minor, count(c.id),
         coalesce(sum(c.amount_minor), 0)) as what
       from payouts p left join commissions c on c.payout_id = p.id group by p.id
       having coalesce(sum(c.amount_minor), 0) <> case when p.state = 'cancelled' then 0 else p.amount_minor end
         or count(c.id) filter (where c.state <> case when p.state = 'paid' then 'paid' else 'in_payout' end) > 0
     union all
     select format('line %s is %s and in %s', id, state, coalesce(payout_id::text, 'no payout')) from commissions
       where (state in ('in_payout', 'paid')) <> (payout_id is not null)
     union all
     select format('line %s is of %s and paid to %s', c.id, c.beneficiary_id, p.participant_id)
       from commissions c join payouts p on p.id = c.payout_id where p.participant_id <> c.beneficiary_id
     union all
     select format('payout %s is %s, proposed by %s and approved by %s', id, state, proposed_by, approved_by)
       from payouts where state in ('approved', 'executing', 'paid')
         and (proposed_by is null or approved_by is null or proposed_by = approved_by)`,
  );
  return wrong.map(({ what }) => ({ invariant: "I5", what }));
};
