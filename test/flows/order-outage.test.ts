import { expect, onTestFinished, test } from "vitest";

import { taskQueues } from "../../runtime/queues.ts";
import { eventually } from "../support/eventually.ts";
import { postJson, startHouse } from "../support/house.ts";
import type { House, HouseOptions } from "../support/house.ts";
import {
  countHeard,
  decide,
  getOrder,
  hearsOnce,
  openStory,
  orderBecomes,
  place,
  refusal,
  slip,
  stockOf,
  underReview,
} from "../support/order-story.ts";
import type { Story } from "../support/order-story.ts";
import { rowsOf } from "../support/outside.ts";
import { startOwnTemporal } from "../support/own-temporal.ts";
import { spawnWorker } from "../support/worker-process.ts";

async function openHouse(options: HouseOptions = {}): Promise<House> {
  const house = await startHouse(options);
  onTestFinished(() => house.close());
  return house;
}

async function waitingForOwner(story: Story) {
  const placed = await place(story);
  await story.customer.sendSlip(slip());
  return underReview(story.owner, placed.id);
}

test("with the workers down a decision is a 504, and the same key finds it done when they are back", async () => {
  const house = await openHouse();
  const story = await openStory(house);
  const { owner, customer } = story;
  const order = await waitingForOwner(story);
  await hearsOnce(customer, "I have your payment slip");
  const path = `/v1/orders/${order.id}/confirm-payment`;
  const key = crypto.randomUUID();
  await house.stopWorker();

  const unknown = await owner.postOnce(path, {}, key);
  expect(await refusal(unknown)).toEqual({ status: 504, code: "decision.pending" });
  expect(await getOrder(owner, order.id)).toMatchObject({ paymentState: "under_review", payments: [] });
  await house.restartWorker();

  const done = await eventually("the same key is answered", async () => {
    const answer = await owner.postOnce(path, {}, key);
    return answer.status === 200 && answer;
  });
  expect(await done.json()).toMatchObject({ paymentState: "paid" });
  expect((await getOrder(owner, order.id)).payments).toHaveLength(1);
  await hearsOnce(customer, "Payment received");
  expect(await stockOf(story)).toEqual({ onHand: 4, reserved: 0 });
}, 90_000);

test("with Temporal away a decision is a 503 and nothing is queued; what the customer sends is kept", async () => {
  const temporal = await startOwnTemporal();
  const house = await openHouse({ temporal });
  const story = await openStory(house);
  const { owner, customer } = story;
  const order = await waitingForOwner(story);
  await temporal.kill();

  const answer = await owner.postOnce(`/v1/orders/${order.id}/confirm-payment`);
  expect(answer.headers.get("retry-after")).toMatch(/^\d+$/);
  expect(await refusal(answer)).toEqual({ status: 503, code: "processes.away" });
  await customer.sendSlip(slip({ amountMinor: 10_000 }));
  await temporal.start();

  // The slip that came in the meantime is read and judged: whatever was queued would have run before it.
  const after = await eventually(
    "both slips are judged",
    async () => {
      const read = await getOrder(owner, order.id);
      return read.evidence.filter(({ verdict }) => verdict !== null).length === 2 && read;
    },
    60_000,
  );
  expect(after).toMatchObject({ paymentState: "under_review", payments: [] });
  const paid = await decide(owner, order, "confirm-payment", { evidenceId: order.evidence[0]?.id });
  expect(paid).toMatchObject({ paymentState: "paid" });
  expect((await getOrder(owner, order.id)).payments).toHaveLength(1);
  await hearsOnce(customer, "Payment received");
}, 120_000);

test("kill -9 of the worker while it reads the slip, and while it sends the receipt, changes nothing", async () => {
  const temporal = { ...(await startOwnTemporal()), taskQueue: taskQueues.main };
  const house = await openHouse({ temporal });
  const story = await openStory(house);
  const { owner, customer, shop } = story;
  const placed = await place(story);
  await house.stopWorker();
  const first = spawnWorker(house);

  await postJson(`${house.sim.url}/faults`, { to: "model", match: "payment_slip", hang: true });
  await customer.sendSlip(slip());
  await eventually(
    "the model is asked to read the slip",
    () => isCalled(house, "model", "payment_slip"),
    40_000,
  );
  await first.kill9();
  const second = spawnWorker(house);
  const order = await eventually(
    "the slip is judged by the next worker",
    async () => {
      const read = await getOrder(owner, placed.id);
      return read.evidence[0]?.verdict === "matches" && read;
    },
    40_000,
  );
  await customer.hearsText("I have your payment slip", 40_000);

  await postJson(`${house.sim.url}/faults`, {
    to: "graph",
    match: "Payment received",
    answerDelayMs: 60_000,
  });
  const key = crypto.randomUUID();
  const path = `/v1/orders/${order.id}/confirm-payment`;
  const click = owner.postOnce(path, {}, key);
  await customer.hearsText("Payment received");
  await second.kill9();
  await fetch(`${house.sim.url}/faults`, { method: "DELETE" });
  expect([200, 504]).toContain((await click).status);
  spawnWorker(house);

  const done = await eventually(
    "the same key is answered",
    async () => {
      const answer = await owner.postOnce(path, {}, key);
      return answer.status === 200 && answer;
    },
    60_000,
  );
  expect(await done.json()).toMatchObject({ paymentState: "paid" });
  await eventually(
    "the receipt is known to have arrived, by its echo",
    async () => {
      const open = "select 1 from outbox where shop_id = $1 and state <> 'sent'";
      return (await rowsOf(house, open, [shop.shopId])).length === 0;
    },
    60_000,
  );
  await decide(owner, order, "ship");
  await customer.hearsText("is on its way!");
  expect(await orderBecomes(owner, order.id, { fulfilmentState: "shipped" })).toMatchObject({
    payments: [{ kind: "payment" }],
    evidence: [{ state: "accepted" }],
  });
  for (const told of ["I have your payment slip", "Payment received", "is on its way!"]) {
    expect(await countHeard(customer, told), told).toBe(1);
  }
  expect(await stockOf(story)).toEqual({ onHand: 4, reserved: 0 });
}, 240_000);

async function isCalled(house: House, to: string, part: string): Promise<boolean> {
  const response = await fetch(`${house.sim.url}/calls?to=${to}`);
  const calls = (await response.json()) as { body: unknown }[];
  return calls.some(({ body }) => JSON.stringify(body).includes(part));
}
