import { createHmac, randomUUID } from "node:crypto";
import { Client } from "pg";
import { expect, onTestFinished, test } from "vitest";

import { listRunning } from "../../runtime/temporal-client.ts";
import { eventually } from "../support/eventually.ts";
import { openTestShop, postJson, startHouse } from "../support/house.ts";
import type { House, HouseOptions, TestShop } from "../support/house.ts";
import { startOwnPostgres } from "../support/own-postgres.ts";
import { startOwnTemporal } from "../support/own-temporal.ts";
import { Customer, Owner, placeAnOrder } from "../support/people.ts";
import { shortConversationTimings, shortOrderTimings } from "../support/short-timings.ts";

type OrderView = { id: string; number: string; orderState: string; paymentState: string };
type Story = { house: House; shop: TestShop; customer: Customer; owner: Owner };

async function openStory(options: HouseOptions): Promise<Story> {
  const house = await startHouse(options);
  onTestFinished(() => house.close());
  // Whatever goes on in time does not owe it to the time-out of an attempt.
  const conversationTimings = { ...shortConversationTimings, turnTimeoutMs: 120_000 };
  const shop = await openTestShop(house, { conversationTimings });
  return { house, shop, customer: new Customer(house, shop), owner: new Owner(house, shop) };
}

const slip = (reference: string) => ({
  amountMinor: 47_500,
  currency: "MMK",
  reference,
  paidAt: new Date().toISOString(),
  payee: "Daw Thiri",
});

function orderThatIs({ owner }: Story, payment: string): Promise<OrderView> {
  return eventually(
    `an order is ${payment}`,
    async () =>
      (await owner.get<{ data: OrderView[] }>("/v1/orders")).data.find(
        (order) => order.paymentState === payment,
      ),
    30_000,
  );
}

function hasWorkflow({ house }: Story, order: OrderView): Promise<unknown> {
  return eventually(
    "the order has a workflow again",
    async () => (await listRunning(house.core.temporal, house.temporal.taskQueue)).has(`order/${order.id}`),
    30_000,
  );
}

/** Another shop's order, whose customer does nothing: only a deadline moves it, a few seconds from now. */
async function openSilentStory({ house }: Story): Promise<Story> {
  const orderTimings = { ...shortOrderTimings, paymentDueMs: 6_000, expiryWarningMs: 1_000 };
  const shop = await openTestShop(house, { orderTimings });
  const story = { house, shop, customer: new Customer(house, shop), owner: new Owner(house, shop) };
  await placeAnOrder(story.customer);
  return story;
}

async function expires({ owner }: Story): Promise<void> {
  await eventually(
    "the silent customer's order has expired",
    async () =>
      (await owner.get<{ data: OrderView[] }>("/v1/orders")).data.some(
        ({ orderState }) => orderState === "cancelled",
      ),
    30_000,
  );
}

/** From the owner's decision to the end, each message once. */
async function finish({ owner, customer }: Story, order: OrderView): Promise<void> {
  for (const step of ["confirm-payment", "pack", "ship", "deliver"]) {
    const answer = await owner.post(`/v1/orders/${order.id}/${step}`);
    expect({ step, status: answer.status }).toEqual({ step, status: 200 });
  }
  await customer.hearsText("delivered");
  const texts = (await customer.received())
    .map(({ text }) => text ?? "")
    .filter((text) => text.includes(order.number));
  expect(texts.filter((text) => text.includes("Payment received"))).toHaveLength(1);
  expect(texts.filter((text) => text.includes("is placed"))).toHaveLength(1);
  expect(new Set(texts).size).toBe(texts.length);
  expect(await owner.get(`/v1/orders/${order.id}`)).toMatchObject({
    orderState: "completed",
    paymentState: "paid",
  });
}

test("finishes an order whose Temporal database is deleted under the running worker", async () => {
  const temporal = await startOwnTemporal();
  const story = await openStory({ temporal, worker: { hasSchedules: true } });
  await placeAnOrder(story.customer);
  await story.customer.sendSlip(slip("01004230001"));
  const order = await orderThatIs(story, "under_review");
  const silent = await openSilentStory(story);

  await temporal.wipe();
  await temporal.start();
  await hasWorkflow(story, order);
  await expires(silent);
  await finish(story, order);
}, 90_000);

test("finishes an order whose Temporal database is deleted while no worker runs and the customer pays", async () => {
  const temporal = await startOwnTemporal();
  const story = await openStory({ temporal });
  await placeAnOrder(story.customer);
  const placed = await orderThatIs(story, "due");
  const silent = await openSilentStory(story);

  await story.house.stopWorker();
  await story.customer.sendSlip(slip("01004230002"));
  await temporal.wipe();
  await temporal.start();
  await story.house.restartWorker();
  await hasWorkflow(story, placed);
  await expires(silent);
  await finish(story, await orderThatIs(story, "under_review"));
}, 90_000);

test("finds a Page whose token died while no worker ran as soon as one starts", async () => {
  const story = await openStory({ temporal: await startOwnTemporal() });
  const { house, shop, owner } = story;
  await house.stopWorker();
  await postJson(`${house.sim.url}/pages/${shop.metaPageId}/revoke-token`, {});
  await house.restartWorker({ hasSchedules: true });
  await eventually("the owner is told", async () => {
    const { data } = await owner.get<{ data: { kind: string }[] }>("/v1/notices");
    return data.some(({ kind }) => kind === "page_broken");
  });
}, 60_000);

test("takes messages while Temporal is away, and answers them once when it is back", async () => {
  const temporal = await startOwnTemporal();
  const story = await openStory({ temporal });
  await story.customer.say("Hello");
  await story.customer.hearsText(/./);
  const before = (await story.customer.received()).length;

  await temporal.kill();
  const others = Array.from({ length: 3 }, () => new Customer(story.house, story.shop));
  for (const customer of others) await customer.say("What are your opening hours?");
  expect(await postMessage(story, "opening hours?")).toBe(200);
  await becomesOld(story, 5); // whoever received a message rings for three seconds; then it is the sweeper's
  await temporal.start();
  for (const customer of others) await customer.hearsText("9 to 19", 30_000);
  await placeAnOrder(story.customer);
  for (const customer of others) {
    const answers = (await customer.received()).filter(({ text }) => text?.includes("9 to 19"));
    expect(answers).toHaveLength(1);
  }
  expect((await story.customer.received()).length).toBeGreaterThan(before);
}, 90_000);

test("goes on where it was after Temporal is killed and started again", async () => {
  const temporal = await startOwnTemporal();
  const story = await openStory({ temporal });
  await placeAnOrder(story.customer);
  await temporal.kill();
  await story.customer.sendSlip(slip("01004230003"));
  const refused = await story.owner.postOnce(`/v1/orders/${(await orderThatIs(story, "due")).id}/cancel`);
  expect(refused.status).toBe(503);
  expect(refused.headers.get("retry-after")).not.toBeNull();
  await temporal.start();
  await finish(story, await orderThatIs(story, "under_review"));
}, 90_000);

test("carries on within seconds when an outage swallows the result of a decision", async () => {
  const temporal = await startOwnTemporal();
  const story = await openStory({ temporal });
  const slowAnswer = { to: "graph", match: "is placed", answerDelayMs: 2_000, times: 1 };
  await postJson(`${story.house.sim.url}/faults`, slowAnswer);
  await placeAnOrder(story.customer); // the customer has read it; the activity still waits for Messenger's answer
  await temporal.kill();
  await story.customer.say("What are your opening hours?");
  await becomesOld(story, 15); // the SDK tries to report a result for about ten seconds
  await temporal.start();
  await story.customer.hearsText("9 to 19", 15_000);
}, 90_000);

test("refuses messages with 503 while Postgres is away, and takes them again when it is back", async () => {
  const postgres = await startOwnPostgres();
  const story = await openStory({ database: postgres.database });
  expect(await postMessage(story, "Hello")).toBe(200);

  await postgres.kill();
  expect(await postMessage(story, "Are you there?")).toBe(503);
  expect((await fetch(`${story.house.apiUrl}/health/ready`)).status).toBe(503);
  await postgres.start();
  await eventually(
    "messages are taken again",
    async () => (await postMessage(story, "And now?")) === 200,
    20_000,
  );
  await placeAnOrder(story.customer);
}, 90_000);

/** The newest message that nobody has claimed is so many seconds old. */
async function becomesOld({ house }: Story, seconds: number): Promise<void> {
  const client = new Client({ connectionString: house.database.urls.owner });
  await client.connect();
  const isOld = async () => {
    const { rows } = await client.query<{ isOld: boolean | null }>(
      `select max(received_at) < now() - $1 * interval '1 second' as "isOld" from intake where claimed_at is null`,
      [seconds],
    );
    return rows[0]?.isOld ?? false;
  };
  try {
    await eventually(`the last message is ${seconds} s old`, isOld, 2_000 * seconds);
  } finally {
    await client.end();
  }
}

/** A webhook as Meta signs it; its status. */
async function postMessage({ house, shop }: Story, text: string): Promise<number> {
  const message = {
    sender: { id: "7200000000000001" },
    recipient: { id: shop.metaPageId },
    timestamp: Date.now(),
    message: { mid: `m_${randomUUID()}`, text },
  };
  const entry = { id: shop.metaPageId, time: Date.now(), messaging: [message] };
  const body = JSON.stringify({ object: "page", entry: [entry] });
  const signature = createHmac("sha256", house.config.META_APP_SECRET[0] ?? "")
    .update(body)
    .digest("hex");
  const answer = await fetch(`${house.apiUrl}/webhooks/messenger`, {
    method: "POST",
    headers: { "content-type": "application/json", "x-hub-signature-256": `sha256=${signature}` },
    body,
  });
  return answer.status;
}
