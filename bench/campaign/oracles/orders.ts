import { toTypeId } from "../../../domain/id.ts";
import type { OrderId } from "../../../domain/id.ts";
import type { Oracle, SeenCustomer, Violation } from "./observation.ts";

type OrderRow = {
  id: OrderId;
  number: string | null;
  order_state: string;
  payment_state: string;
  payment_kind: string;
  total: number;
  received: number;
  refunded: number;
  paid_at: Date | null;
  undecided: number;
  booked: number;
  given_back: number;
  revivals: number;
  events: string[];
};

const orderRows = `select o.id, o.number, o.order_state, o.payment_state, o.payment_kind, o.total_minor::float8 as total,
    o.received_minor::float8 as received, o.refunded_minor::float8 as refunded, o.paid_at, o.revivals,
    (select count(*)::int from payment_evidence e where e.shop_id = o.shop_id and e.order_id = o.id
      and e.state = 'undecided') as undecided,
    coalesce((select sum(amount_minor)::float8 from payment_entries p where p.shop_id = o.shop_id and p.order_id = o.id
      and kind in ('payment', 'cash')), 0) as booked,
    coalesce((select sum(amount_minor)::float8 from payment_entries p where p.shop_id = o.shop_id and p.order_id = o.id
      and kind = 'refund'), 0) as given_back,
    array(select type from order_events v where v.shop_id = o.shop_id and v.order_id = o.id) as events
  from orders o`;

/** I4: an order is placed only by its customer's word on its own summary, and told to them once. */
export const ordersAreConfirmed: Oracle = async ({ customers, rows }) => {
  const placed = await rows<{ id: OrderId; number: string; page: string; told: string }>(
    `select o.id, o.number, g.meta_page_id as page, (select p.state from outbox p where p.shop_id = o.shop_id
       and p.business_key = o.id || ':placed' and p.part = 0) as told from orders o
       join customers c on c.shop_id = o.shop_id and c.id = o.customer_id
       join pages g on g.shop_id = c.shop_id and g.id = c.page_id where o.number is not null`,
  );
  return placed.flatMap(({ id, number, page, told: state }) => {
    const orderId = toTypeId("ord", id);
    const by = customers.filter((customer) => hasConfirmed(customer, orderId));
    const violations: Violation[] = [];
    if (by.length !== 1)
      violations.push({ invariant: "I4", what: `#${number} was confirmed by ${by.length}`, orderId: id });
    const told = customers
      .filter(({ pageId }) => pageId === page)
      .flatMap(({ messages }) => messages)
      .filter(({ from, text }) => from === "page" && text?.includes(`#${number} is placed`)).length;
    // A message about an order whose fate nobody knows is not sent again: the owner is told of it.
    if (told !== 1 && !(told === 0 && state === "unknown"))
      violations.push({
        invariant: "I3",
        what: `that #${number} is placed was seen ${told} times`,
        orderId: id,
      });
    return violations;
  });
};

/** By its button, or by a word after its summary was there. */
function hasConfirmed({ confirmed, yesAt, messages }: SeenCustomer, orderId: string): boolean {
  if (confirmed.some((payload) => payload.includes(orderId))) return true;
  const summary = messages.find(({ quickReplies }) =>
    quickReplies.some(({ payload }) => payload.includes(orderId)),
  );
  return summary !== undefined && yesAt.some((at) => at > Date.parse(summary.at));
}

/** I4: stock is the sum of its moves, nothing is negative, and every order holds or took exactly its goods. */
export const stockAddsUp: Oracle = async ({ rows }) => {
  const variants = await rows<{ id: string; what: string }>(
    `select v.id, format('on hand %s, reserved %s; moves say %s, %s', on_hand, reserved, sum(on_hand_delta), sum(reserved_delta)) as what
     from variants v left join stock_moves m on m.shop_id = v.shop_id and m.variant_id = v.id
     group by v.shop_id, v.id, on_hand, reserved
     having on_hand <> coalesce(sum(on_hand_delta), 0) or reserved <> coalesce(sum(reserved_delta), 0)
       or on_hand < 0 or reserved < 0 or reserved > on_hand`,
  );
  const orders = await rows<{ id: OrderId; what: string }>(
    `select o.id, format('%s/%s of %s: reserved %s, taken %s', o.order_state, o.fulfilment_state, l.quantity,
         coalesce(sum(m.reserved_delta), 0), coalesce(-sum(m.on_hand_delta), 0)) as what
     from orders o join order_lines l on l.shop_id = o.shop_id and l.order_id = o.id
     left join stock_moves m on m.shop_id = o.shop_id and m.order_id = o.id and m.variant_id = l.variant_id
     where o.number is not null
     group by o.shop_id, o.id, l.variant_id, l.quantity
     having coalesce(sum(m.reserved_delta), 0) <>
         case when o.order_state = 'placed' and o.paid_at is null and o.cod_accepted_at is null then l.quantity else 0 end
       or coalesce(-sum(m.on_hand_delta), 0) <>
         case when o.order_state <> 'cancelled' and (o.paid_at is not null or o.cod_accepted_at is not null)
           then l.quantity else 0 end`,
  );
  return [
    ...variants.map(({ id, what }) => ({ invariant: "I4", what: `variant ${id}: ${what}` })),
    ...orders.map(({ id, what }) => ({ invariant: "I4", what: `order ${id} ${what}`, orderId: id })),
  ];
};

/** I5: what an order says was received and given back is what the ledger holds, and its state follows from both. */
export const moneyAddsUp: Oracle = async ({ rows, customers }) => {
  const violations: Violation[] = [];
  for (const order of await rows<OrderRow>(orderRows)) {
    const wrong = (what: string) =>
      violations.push({ invariant: "I5", what: `${order.id}: ${what}`, orderId: order.id });
    if (order.received !== order.booked) wrong(`received ${order.received}, booked ${order.booked}`);
    if (order.refunded !== order.given_back) wrong(`refunded ${order.refunded}, booked ${order.given_back}`);
    if (order.given_back > order.booked) wrong("more was given back than came");
    const expected = paymentStateOf(order);
    if (order.payment_state !== expected) wrong(`is ${order.payment_state}, should be ${expected}`);
  }
  const twice = await rows<{ evidence_id: string; times: number }>(
    `select evidence_id, count(*)::int as times from payment_entries where evidence_id is not null and kind = 'payment'
     group by 1 having count(*) > 1`,
  );
  violations.push(
    ...twice.map(({ evidence_id, times }) => ({
      invariant: "I5",
      what: `slip ${evidence_id} was booked ${times} times`,
    })),
  );
  const unbooked = await rows<{ id: string }>(
    `select e.id from payment_evidence e where e.state = 'accepted' and not exists (select from payment_entries p
       where p.shop_id = e.shop_id and p.evidence_id = e.id)`,
  );
  violations.push(
    ...unbooked.map(({ id }) => ({ invariant: "I5", what: `slip ${id} is accepted and not booked` })),
  );
  const [money] = await rows<{ booked: number }>(
    `select count(*)::int as booked from payment_entries p
       join payment_methods m on m.shop_id = p.shop_id and m.id = p.payment_method_id
       where p.kind = 'payment' and m.kind = 'transfer'`,
  );
  const references = new Set(
    customers.flatMap(({ pageId, slips }) => slips.map(({ reference }) => `${pageId}/${reference}`)),
  );
  if ((money?.booked ?? 0) > references.size)
    violations.push({ invariant: "I5", what: `${money?.booked} payments from ${references.size} transfers` });
  return violations;
};

/** Written anew from the table in the order's description, not taken from the product. */
function paymentStateOf(order: OrderRow): string {
  const held = order.booked - order.given_back;
  if (order.number === null && order.order_state !== "placed") return "none";
  if (order.order_state === "cancelled")
    return held > 0 ? "refund_due" : order.booked > 0 ? "refunded" : "none";
  if (held >= order.total) return "paid";
  if (order.paid_at !== null) return held > 0 ? "paid" : "refunded";
  if (order.payment_kind === "cod") return "cod_due";
  if (order.undecided > 0) return "under_review";
  return held > 0 ? "part_paid" : "due";
}

/** I6: each edge was taken once and is in the story of the order. */
export const everyEdgeHasItsEvent: Oracle = async ({ rows }) => {
  const violations: Violation[] = [];
  for (const order of await rows<OrderRow>(orderRows)) {
    const count = (type: string) => order.events.filter((event) => event === type).length;
    const wrong = (what: string) =>
      violations.push({ invariant: "I6", what: `${order.id} ${what}`, orderId: order.id });
    for (const once of ["placed", "packed", "shipped", "delivered", "completed"]) {
      if (count(once) > 1) wrong(`is ${once} ${count(once)} times`);
    }
    if (count("revived") !== order.revivals)
      wrong(`says ${order.revivals} revivals, its story ${count("revived")}`);
    const ended = order.number === null ? 0 : order.revivals + (order.order_state === "cancelled" ? 1 : 0);
    if (count("cancelled") !== ended && order.number !== null)
      wrong(`is ${order.order_state}, cancelled ${count("cancelled")} times`);
    if (order.number !== null && count("placed") !== 1) wrong("has a number and was not placed");
    if (order.order_state === "completed" && count("completed") !== 1) wrong("is completed without an event");
  }
  return violations;
};

const eventOf: Record<string, string> = {
  "confirm-payment": "payment_recorded",
  "refuse-payment": "evidence_refused",
  "request-evidence-again": "evidence_asked_again",
  "accept-cash-on-delivery": "cod_accepted",
  pack: "packed",
  ship: "shipped",
  deliver: "delivered",
  cancel: "cancelled",
  refund: "refunded",
};

/** What the API answered 200 to was done. */
export const answeredDecisionsWereMade: Oracle = async ({ shops, rows }) => {
  const orders = new Map(
    (await rows<OrderRow>(orderRows)).map((order) => [toTypeId("ord", order.id), order]),
  );
  return shops.flatMap(({ owner }) =>
    owner.decisions.flatMap(({ path, statuses }): Violation[] => {
      const [, orderId = "", verb = ""] = /^\/v1\/orders\/([^/]+)\/(.+)$/.exec(path) ?? [];
      const [order, event] = [orders.get(orderId), eventOf[verb]];
      if (!statuses.includes(200) || event === undefined || order?.events.includes(event)) return [];
      return [
        {
          invariant: "I6",
          what: `${verb} of ${orderId} was answered 200 and is not in its story`,
          orderId: order?.id,
        },
      ];
    }),
  );
};
