import type { Observation } from "../../bench/campaign/oracles/observation.ts";
import type { Sabotage } from "./campaign-sabotages.ts";

const refund = `(shop_id, id, payment_id, state, amount_minor, effect_key, created_at, updated_at)
  select shop_id, id, id, 'requested', 1, 'test', now(), now() from gateway_payments`;
const audited = (state: string) =>
  `insert into audit_events (shop_id, id, at, actor_kind, action, data)
    select shop_id, gen_random_uuid(), now(), 'system', 'subscription.${state}', '{}' from subscriptions`;

/** Of plans that end, payouts, and money that came by code: one each, of a story that holds. */
export const moneySabotages: Sabotage[] = [
  {
    oracle: "I5 a refund leaves no commission",
    what: "what was taken back was never refunded",
    sql: `insert into commissions (id, payment_id, payer_shop_id, payer_id, beneficiary_id, level, kind, refund_id,
        base_minor, rate_bps, amount_minor, currency, state, paid_at, matures_at, created_at)
      select gen_random_uuid(), payment_id, payer_shop_id, payer_id, beneficiary_id, level, 'reversal', id,
        1, rate_bps, -1, currency, 'payable', paid_at, matures_at, created_at from commissions`,
    found: /\(not reversed\) owes 11999 at level 1, -1 was taken back/,
  },
  {
    oracle: "I5 a refund leaves no commission",
    what: "a payment is gone, and its commission is not",
    sql: `with note as (insert into plan_reversal_notes (shop_id, id, payment_id, body, created_at)
        select shop_id, id, id, '', now() from plan_payments returning *)
      insert into plan_reversals (shop_id, id, payment_id, kind, state, needs_second_approval, reason_note_id,
          proposed_by, proposed_at, done_at)
        select p.shop_id, p.id, p.id, 'refund', 'done', false, p.id, p.payer_account_id, now(), now() from plan_payments p`,
    found: /\(done\) owes 12000 at level 1, 0 was taken back/,
  },
  {
    oracle: "I5 a payout is paid once",
    what: "it counts as paid and no money left",
    observed: (all) => ({ ...all, byHand: [] }),
    found: /is paid and its money left 0 times/,
  },
  {
    oracle: "I5 a payout is paid once",
    what: "its money left twice",
    observed: (all) => ({ ...all, byHand: [...all.byHand, ...all.byHand] }),
    found: /is paid and its money left 2 times/,
  },
  {
    oracle: "I5 a payout is paid once",
    what: "the bank paid and nobody noticed",
    sql: "update payouts set state = 'executing'",
    observed: byTheBank,
    found: /is executing and its money left 1 times/,
  },
  {
    oracle: "I5 a payout is paid once",
    what: "another amount left",
    sql: "update payouts set amount_minor = amount_minor + 1",
    found: /another amount left/,
  },
  {
    oracle: "I5 a payout is paid once",
    what: "its participant was not told",
    sql: "update owner_notices set business_key = id::text where kind = 'payout_paid'",
    found: /its participant was told 0 times/,
  },
  {
    oracle: "I5 a payout is paid once",
    what: "money left for nothing",
    observed: (all) => ({ ...all, byHand: all.byHand.map((one) => ({ ...one, payoutId: "pout_other" })) }),
    found: /money left for pout_other, which is nowhere/,
  },
  {
    oracle: "I5 a payout is its lines",
    what: "it is of more than its lines",
    sql: "update payouts set amount_minor = amount_minor + 1",
    found: /is paid and of 12001, its 1 lines come to 12000/,
  },
  {
    oracle: "I5 a payout is its lines",
    what: "a paid line waits to be paid",
    sql: "update commissions set state = 'payable' where payout_id is not null",
    found: /is payable and in \w/,
  },
  {
    oracle: "I5 a payout is its lines",
    what: "somebody else was paid",
    sql: "update payouts p set participant_id = c.payer_id from commissions c where c.payout_id = p.id",
    found: /and paid to/,
  },
  {
    oracle: "I5 a payout is its lines",
    what: "nobody approved it",
    sql: "update payouts set approved_by = null",
    found: /is paid, proposed by \S+ and approved by $/,
  },
  {
    oracle: "I5 the wallet agrees",
    what: "we have more than the wallet took",
    sql: "update gateway_payments set paid_minor = paid_minor + 1",
    found: /took 20000, we say paid with 20001/,
  },
  {
    oracle: "I5 the wallet agrees",
    what: "an order has booked nothing of it",
    sql: `update gateway_payments g set purpose = 'order', payment_method_id = m.id
      from payment_methods m where m.shop_id = g.shop_id`,
    found: /its order has booked 0 in 0 entries/,
  },
  {
    oracle: "I5 the wallet agrees",
    what: "it bought nothing and is not owed",
    sql: "update owner_notices set business_key = id::text where kind = 'top_up_approved'",
    found: /has bought 0 times and is not owed/,
  },
  {
    oracle: "I5 the wallet agrees",
    what: "it is owed although it bought something",
    sql: "update gateway_payments set owed_at = now()",
    found: /has bought 1 times and is owed/,
  },
  {
    oracle: "I5 the wallet agrees",
    what: "the wallet gave back what nobody asked for",
    observed: (all) => ({
      ...all,
      wallet: all.wallet.map((one) => ({
        ...one,
        refunds: [{ refundRequestNo: "1", amount: 1, status: "REFUND_SUCCESS" }],
      })),
    }),
    found: /gave back 1, was asked for 0/,
  },
  {
    oracle: "I5 the wallet agrees",
    what: "the wallet has a payment that we do not know",
    observed: (all) => ({ ...all, wallet: all.wallet.map((one) => ({ ...one, merchantOrderId: "other" })) }),
    found: /payment other of 20000 is PAY_SUCCESS at the wallet and nowhere with us/,
  },
  {
    oracle: "I6 a plan ends step by step",
    what: "a step was left out",
    sql: audited("suspended"),
    found: /was 0 times in grace, 0 times limited, 1 times suspended/,
  },
  {
    oracle: "I6 a plan ends step by step",
    what: "it is where no step has led",
    sql: "update subscriptions set state = 'grace'",
    found: /is grace and never became so/,
  },
  ...["grace", "limited", "suspended"].map((state) => ({
    oracle: "I6 a plan ends step by step",
    what: `that it is ${state} was not told`,
    sql: audited(state),
    found: new RegExp(String.raw`was (1 times in )?${state}( 1 times)?, its owner was told 0 times`),
  })),
  {
    oracle: "I14 nothing is stuck",
    what: "a plan outlived its end",
    sql: "update subscriptions set state = 'grace', state_since = now() - interval '4 days'",
    found: /plans past their end/,
  },
  {
    oracle: "I14 nothing is stuck",
    what: "a participant was never told",
    sql: "update payouts set notice_due = 'payout_paid'",
    found: /1 payouts that nobody carries out/,
  },
  {
    oracle: "I14 nothing is stuck",
    what: "money by code is not booked",
    sql: "update gateway_payments set booked_at = null",
    found: /1 payments by code that are not booked/,
  },
  {
    oracle: "I14 nothing is stuck",
    what: "money is on its way back for ever",
    sql: `insert into gateway_refunds ${refund}`,
    found: /1 refunds under way/,
  },
  {
    oracle: "I14 nothing is stuck",
    what: "a Page is broken",
    sql: "update pages set state = 'broken'",
    found: /broken Pages/,
  },
  {
    oracle: "I14 nothing is stuck",
    what: "what a Page missed was not read",
    sql: "update pages set gap = '{}'",
    found: /Pages that missed something/,
  },
];

function byTheBank(all: Observation): Observation {
  const bank = all.byHand.map(({ payoutId, ...sent }) => ({
    ...sent,
    key: payoutId,
    outcome: "paid" as const,
  }));
  return { ...all, bank, byHand: [] };
}
