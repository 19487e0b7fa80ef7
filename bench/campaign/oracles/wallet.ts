import type { Oracle, Violation } from "./observation.ts";

type PaymentRow = {
  number: string;
  purpose: string;
  state: string;
  paid: number;
  is_owed: boolean;
  /** What orders have booked of it, and how often. */
  booked: number;
  times: number;
  /** How often it has approved the request that it was paid for. */
  bought: number;
  /** How often what it bought was taken back, and its money owed from then on. */
  reversed: number;
  asked_back: number;
  booked_back: number;
};

const paymentRows = `select g.merchant_order_id as number, g.purpose, g.state, g.paid_minor::float8 as paid,
    g.owed_at is not null as is_owed,
    (select coalesce(sum(p.amount_minor), 0)::float8 from payment_entries p where p.shop_id = g.shop_id
      and p.effect_key = 'gateway:' || g.id) as booked,
    (select count(*)::int from payment_entries p where p.shop_id = g.shop_id and p.effect_key = 'gateway:' || g.id) as times,
    (select count(*)::int from owner_notices n where n.shop_id = g.shop_id
      and n.business_key = g.owner_id || ':approved:' || g.id) as bought,
    (select count(*)::int from plan_reversals v where v.shop_id = g.shop_id
      and v.gateway_payment_id = g.id) as reversed,
    (select coalesce(sum(r.amount_minor), 0)::float8 from gateway_refunds r where r.shop_id = g.shop_id
      and r.payment_id = g.id and r.state <> 'failed') as asked_back,
    (select coalesce(sum(r.amount_minor), 0)::float8 from gateway_refunds r where r.shop_id = g.shop_id
      and r.payment_id = g.id and r.booked_at is not null) as booked_back
  from gateway_payments g`;

/**
 * I5: what the wallet took is booked once, with its amount, and bought something or is owed, which it is as well when what
 * it bought was taken back; what it did not take is not booked; and it gave back what was asked for, once.
 */
export const theWalletAgrees: Oracle = async ({ rows, wallet }) => {
  const known = new Map((await rows<PaymentRow>(paymentRows)).map((row) => [row.number, row]));
  const violations: Violation[] = [];
  for (const { merchantOrderId, amount, status, refunds } of wallet) {
    const wrong = (what: string) =>
      violations.push({ invariant: "I5", what: `payment ${merchantOrderId} of ${amount} ${what}` });
    const row = known.get(merchantOrderId);
    if (row === undefined) {
      wrong(`is ${status} at the wallet and nowhere with us`);
      continue;
    }
    const isPaid = status === "PAY_SUCCESS";
    const taken = isPaid ? amount : 0;
    if (row.paid !== taken) wrong(`took ${taken}, we say ${row.state} with ${row.paid}`);
    if (row.purpose === "order" && (row.booked !== taken || row.times !== (isPaid ? 1 : 0)))
      wrong(`took ${taken}, its order has booked ${row.booked} in ${row.times} entries`);
    const uses = row.bought - row.reversed + (row.is_owed ? 1 : 0);
    if (row.purpose === "upgrade" && uses !== (isPaid ? 1 : 0)) {
      const found = `has bought ${row.bought} times and is ${row.is_owed ? "owed" : "not owed"}`;
      wrong(`took ${taken}, ${found}, ${row.reversed} times reversed`);
    }
    const given = refunds.reduce((sum, refund) => sum + refund.amount, 0);
    if (given !== row.asked_back || given !== row.booked_back)
      wrong(`gave back ${given}, was asked for ${row.asked_back}, and we have booked ${row.booked_back}`);
  }
  return violations;
};
