import type { Observation, SeenCustomer } from "../../bench/campaign/oracles/observation.ts";

export const placed = /#\S+ is placed/;

export type Sabotage = {
  oracle: string;
  what: string;
  /** Undone afterwards. */
  sql?: string;
  observed?: (seen: Observation) => Observation;
  found: RegExp;
};

/** One each, of a story that holds. */
export const sabotages: Sabotage[] = [
  {
    oracle: "I1 I2 nothing incoming is lost or taken twice",
    what: "a message that was taken is gone",
    sql: "update messages set mid_hash = null where direction = 'in'",
    found: /was taken and is nowhere/,
  },
  {
    oracle: "I1 I2 nothing incoming is lost or taken twice",
    what: "a message is stored and buried as well",
    sql: `insert into dead_letters (shop_id, id, reason, event_key, body, received_at, mid_hash)
      select shop_id, id, 'test', mid_hash, mid_hash, received_at, mid_hash from messages
      where direction = 'in' and mid_hash is not null limit 1`,
    found: /is stored 2 times/,
  },
  {
    oracle: "I3 nothing outgoing is lost or seen twice",
    what: "a message is seen twice",
    observed: withMessages((messages) => [...messages, ...messages.filter(isPlaced)]),
    found: /was seen 2 times/,
  },
  {
    oracle: "I3 nothing outgoing is lost or seen twice",
    what: "a message is seen that is not stored",
    observed: withMessages((messages) =>
      messages.map((message) => (isPlaced(message) ? { ...message, metadata: "nobody's" } : message)),
    ),
    found: /was seen and is not stored/,
  },
  {
    oracle: "I3 nothing outgoing is lost or seen twice",
    what: "what counts as sent is never seen",
    observed: withMessages((messages) => messages.filter((message) => !isPlaced(message))),
    found: /counts as sent and was never seen/,
  },
  {
    oracle: "I3 nothing outgoing is lost or seen twice",
    what: "what was dropped is seen",
    sql: "update outbox set state = 'dropped' where state = 'sent'",
    found: /was seen all the same/,
  },
  {
    oracle: "I12 messages keep their order",
    what: "the last message comes first",
    observed: withMessages((messages) => messages.toReversed()),
    found: /was overtaken/,
  },
  {
    oracle: "the agent is silent beside a person",
    what: "the agent speaks after a take-over",
    observed: (all) =>
      withOwner(all, ({ silences }) => ({
        silences: silences.map((silence) => ({ ...silence, from: 0, until: undefined })),
      })),
    found: /the agent said/,
  },
  {
    oracle: "I4 an order is placed by a tap, and told once",
    what: "nobody confirmed",
    observed: withCustomer((customer) => ({ ...customer, confirmed: [] })),
    found: /was confirmed by 0/,
  },
  {
    oracle: "I4 an order is placed by a tap, and told once",
    what: "it is told twice",
    observed: withMessages((messages) => [...messages, ...messages.filter(isPlaced)]),
    found: /is placed was seen 2 times/,
  },
  {
    oracle: "I4 stock adds up",
    what: "goods appear without a move",
    sql: "update variants set on_hand = on_hand + 1",
    found: /^variant .* on hand/,
  },
  {
    oracle: "I4 stock adds up",
    what: "a delivered order took nothing",
    sql: "delete from stock_moves where order_id is not null",
    found: /^order .* taken 0/,
  },
  {
    oracle: "I5 money adds up",
    what: "more was received than booked",
    sql: "update orders set received_minor = received_minor + 1 where number is not null",
    found: /received 47501, booked 47500/,
  },
  {
    oracle: "I5 money adds up",
    what: "more was given back than booked",
    sql: "update orders set refunded_minor = 1 where number is not null",
    found: /refunded 1, booked 0/,
  },
  {
    oracle: "I5 money adds up",
    what: "a paid order counts as due",
    sql: "update orders set payment_state = 'due' where number is not null",
    found: /is due, should be paid/,
  },
  {
    oracle: "I5 money adds up",
    what: "an accepted slip is not booked",
    sql: "delete from payment_entries",
    found: /is accepted and not booked/,
  },
  {
    oracle: "I5 money adds up",
    what: "there are more payments than transfers",
    observed: withCustomer((customer) => ({ ...customer, slips: [] })),
    found: /1 payments from 0 transfers/,
  },
  {
    oracle: "I8 credits add up",
    what: "a line is missing",
    sql: "delete from credit_lines where account = 'used'",
    found: /^transaction .* sums to -/,
  },
  {
    oracle: "I8 credits add up",
    what: "more was reserved than there was",
    sql: "update credit_lines set credits = credits - 1000000000 where kind = 'reserve' and account = 'available'",
    found: /^grant .* of available/,
  },
  {
    oracle: "I8 credits add up",
    what: "a grant has more than its lines say",
    sql: "update credit_grants set available = available + 1",
    found: /^grant .* its lines say/,
  },
  {
    oracle: "I8 credits add up",
    what: "a reservation is open",
    sql: "update credit_reservations set state = 'reserved'",
    found: /still has credits reserved/,
  },
  {
    oracle: "I8 credits add up",
    what: "a turn was charged twice",
    sql: "update credit_reservations set charged = 2 * charged",
    found: /was charged \d+, its lines say/,
  },
  {
    oracle: "I8 credits add up",
    what: "an answer was not charged",
    sql: "delete from credit_reservations",
    found: /was answered by the model and not charged/,
  },
  {
    oracle: "I5 commissions follow payments",
    what: "more was earned than is due",
    sql: "update commissions set amount_minor = amount_minor + 1",
    found: /earned 12001 in 1 lines, due is 12000/,
  },
  {
    oracle: "I5 commissions follow payments",
    what: "a payment earned nothing",
    sql: "delete from commissions",
    found: /earned {2}in {2}lines, due is 12000/,
  },
  {
    oracle: "I6 a plan is activated once",
    what: "what was refused was paid",
    sql: "update upgrade_requests set state = 'rejected'",
    found: /is rejected and was paid 1 times/,
  },
  {
    oracle: "I6 a plan is activated once",
    what: "what was paid brought no credits",
    sql: "update credit_grants set effect_key = 'another' where effect_key like 'plan:%'",
    found: /is approved and brought credits 0 times/,
  },
  {
    oracle: "I6 a plan is activated once",
    what: "its owner was told nothing",
    sql: "update owner_notices set business_key = id::text where kind = 'upgrade_approved'",
    found: /is approved and its owner was told 0 times/,
  },
  {
    oracle: "I6 a plan is activated once",
    what: "a refusal was answered and not made",
    observed: (all) => ({
      ...all,
      platform: all.platform.map((asked) => ({ ...asked, path: asked.path.replace("approve", "reject") })),
    }),
    found: /is approved, reject was answered 200/,
  },
  {
    oracle: "I6 every edge has its event",
    what: "it was shipped twice",
    sql: `insert into order_events (shop_id, id, order_id, type, actor_kind, at)
      select shop_id, order_id, order_id, type, actor_kind, at from order_events where type = 'shipped'`,
    found: /is shipped 2 times/,
  },
  {
    oracle: "I6 every edge has its event",
    what: "it has a number and was never placed",
    sql: "delete from order_events where type = 'placed'",
    found: /has a number and was not placed/,
  },
  {
    oracle: "I6 what was answered 200 was done",
    what: "a refund was answered and not made",
    observed: (all) =>
      withOwner(all, () => ({
        decisions: [{ path: `/v1/orders/${orderOf(all)}/refund`, at: 0, statuses: [504, 200] }],
      })),
    found: /refund of ord_\w+ was answered 200/,
  },
  {
    oracle: "I14 every message is settled",
    what: "a message is still queued",
    sql: "update outbox set state = 'queued', created_at = now() - interval '1 hour'",
    found: /is still queued/,
  },
  {
    oracle: "I14 nothing is stuck",
    what: "a turn was never stored",
    sql: "update turns set state = 'claimed' where seq = 1",
    found: /unfinished turns/,
  },
  {
    oracle: "I14 nothing is stuck",
    what: "a slip was never read",
    sql: "update payment_evidence set state = 'undecided', verdict = null",
    found: /1 unread slips/,
  },
  {
    oracle: "I14 nothing is stuck",
    what: "an order outlived its end",
    sql: `update orders set order_state = 'placed', payment_state = 'due', clock_stopped_at = null,
      payment_due_at = now() - interval '1 hour' where number is not null`,
    found: /1 orders past their end/,
  },
  {
    oracle: "I7 shops stay apart",
    what: "a prompt speaks of two shops",
    observed: (all) => ({
      ...all,
      shops: ["Silk", "Red Dress"].flatMap((canary) => all.shops.map((shop) => ({ ...shop, canary }))),
    }),
    found: /a prompt speaks of two shops/,
  },
  {
    oracle: "I7 shops stay apart",
    what: "a customer hears of another shop",
    observed: (all) => ({
      ...all,
      shops: all.shops.map((one) => ({
        ...one,
        canary: "is placed",
        shop: { ...one.shop, metaPageId: "another" },
      })),
    }),
    found: /was told of another shop/,
  },
];

type Messages = SeenCustomer["messages"];
const isPlaced = ({ text }: Messages[number]) => placed.test(text ?? "");

function withCustomer(change: (customer: SeenCustomer) => SeenCustomer) {
  return (all: Observation): Observation => ({ ...all, customers: all.customers.map(change) });
}

function withMessages(change: (messages: Messages) => Messages) {
  return withCustomer((customer) => ({ ...customer, messages: change(customer.messages) }));
}

type Diary = Observation["shops"][number]["owner"];

function withOwner(all: Observation, change: (diary: Diary) => Partial<Diary>): Observation {
  return {
    ...all,
    shops: all.shops.map((one) => ({ ...one, owner: { ...one.owner, ...change(one.owner) } })),
  };
}

export function orderOf({ customers }: Observation): string {
  return customers[0]?.confirmed[0]?.split(":")[1] ?? "";
}
