import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Client } from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";

import { oracles } from "../../bench/campaign/oracles/index.ts";
import { observe } from "../../bench/campaign/oracles/observation.ts";
import type { Observation, SeenCustomer, SeenTown } from "../../bench/campaign/oracles/observation.ts";
import type { Rows } from "../../bench/campaign/town.ts";
import { toTypeId } from "../../domain/id.ts";
import { statePaths } from "../../runtime/state-paths.ts";
import { startHouse } from "../support/house.ts";
import type { House } from "../support/house.ts";
import { askForSummary, decide, openStory, orderBecomes, slip, underReview } from "../support/order-story.ts";
import type { Story } from "../support/order-story.ts";
import { onlyCustomer, Outside, settled } from "../support/outside.ts";

let house: House;
let client: Client;
let seen: Observation;
let customerId: string;

beforeAll(async () => {
  house = await startHouse();
  client = new Client({ connectionString: house.database.urls.owner });
  await client.connect();
  const story = await openStory(house);
  const diary = await buy(story);
  await settled(house, story.shop.shopId);
  customerId = toTypeId("cus", await onlyCustomer(house, story.shop.shopId));
  const rows: Rows = async <Row extends object>(text: string, values?: unknown[]) =>
    (await client.query<Row>(text, values)).rows;
  const town: SeenTown = {
    core: house.core,
    outside: new Outside(house),
    paths: statePaths(house.home),
    restores: [],
    rows,
  };
  const owner = { decisions: [], silences: [] };
  seen = await observe(town, {
    shops: [{ shop: story.shop, canary: "Silk", owner }],
    diaries: [diary],
  });
});
afterAll(async () => {
  await client.end();
  await house.close();
});

const placed = /#\S+ is placed/;

/** One dress is bought, paid and delivered. */
async function buy({ shop, owner, customer }: Story) {
  const confirmed = await askForSummary(customer);
  await customer.tap(confirmed);
  await customer.hearsText(placed);
  const transfer = slip();
  await customer.sendSlip(transfer);
  const [, orderId = ""] = confirmed.split(":");
  await decide(owner, await underReview(owner, orderId), "confirm-payment");
  for (const verb of ["ship", "deliver"]) await decide(owner, { id: orderId }, verb);
  await orderBecomes(owner, orderId, { orderState: "completed" });
  await customer.hearsText(/delivered/i);
  return {
    psid: customer.psid,
    pageId: shop.metaPageId,
    canary: "Baho Road",
    phone: "09791234567",
    confirmed: [confirmed],
    yesAt: [],
    slips: [transfer],
    takenBack: [],
    stories: [],
  };
}

/** Needs a system that is alone on its Temporal server. */
const elsewhere = "I15 I16 histories replay and stay short";
const tried = Object.keys(oracles).filter((name) => name !== elsewhere);

test.each(tried)("%s: a story without a fault holds", async (name) => {
  expect(await look(name, seen)).toEqual([]);
});

type Sabotage = {
  oracle: string;
  what: string;
  /** Undone afterwards. */
  sql?: string;
  observed?: (seen: Observation) => Observation;
  found: RegExp;
};

const sabotages: Sabotage[] = [
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
    observed: (all) => withOwner(all, { silences: [{ customerId, from: 0, until: undefined }] }),
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
      withOwner(all, {
        decisions: [{ path: `/v1/orders/${orderOf(all)}/refund`, at: 0, statuses: [504, 200] }],
      }),
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

const named = sabotages.map((sabotage) => [sabotage.oracle, sabotage.what, sabotage] as const);

test.each(named)("%s: tells that %s", async (oracle, _what, { sql, observed, found }) => {
  await client.query("begin");
  try {
    if (sql !== undefined) expect((await client.query(sql)).rowCount).toBeGreaterThan(0);
    const violations = await look(oracle, observed?.(seen) ?? seen);
    expect(violations.map(({ what }) => what)).toContainEqual(expect.stringMatching(found));
  } finally {
    await client.query("rollback");
  }
});

test("I14 every open row has its workflow: tells of an order that nothing drives", async () => {
  const setState = (state: string) =>
    client.query("update orders set order_state = $1 where number is not null", [state]);
  await setState("placed");
  try {
    const violations = await look("I14 every open row has its workflow", seen);
    expect(violations.map(({ what }) => what)).toEqual([`order/${orderOf(seen)} is open and does not run`]);
  } finally {
    await setState("completed");
  }
});

test("I13 nothing lies in clear: tells of an address in a file", async () => {
  await writeFile(join(house.home, "careless.log"), "sent to No 12 Baho Road\n");
  const violations = await look("I13 nothing lies in clear", seen);
  expect(violations.map(({ what }) => what)).toEqual([expect.stringContaining("careless.log")]);
});

async function look(name: string, observation: Observation) {
  const oracle = oracles[name];
  if (!oracle) throw new TypeError(`no oracle is called ${name}`);
  return oracle(observation);
}

type Messages = SeenCustomer["messages"];
const isPlaced = ({ text }: Messages[number]) => placed.test(text ?? "");

function withCustomer(change: (customer: SeenCustomer) => SeenCustomer) {
  return (all: Observation): Observation => ({ ...all, customers: all.customers.map(change) });
}

function withMessages(change: (messages: Messages) => Messages) {
  return withCustomer((customer) => ({ ...customer, messages: change(customer.messages) }));
}

function withOwner(all: Observation, diary: Partial<Observation["shops"][number]["owner"]>): Observation {
  return { ...all, shops: all.shops.map((one) => ({ ...one, owner: { ...one.owner, ...diary } })) };
}

function orderOf({ customers }: Observation): string {
  return customers[0]?.confirmed[0]?.split(":")[1] ?? "";
}
