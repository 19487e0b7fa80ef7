import { expect, onTestFinished, test } from "vitest";

import { eventually } from "../support/eventually.ts";
import { openTestShop, startHouse } from "../support/house.ts";
import { decide, getOrder, hearsOnce, openStory, place, slip, underReview } from "../support/order-story.ts";
import type { OrderView, Story } from "../support/order-story.ts";
import { startOwnTemporal } from "../support/own-temporal.ts";
import { Customer } from "../support/people.ts";

/** A minute in three seconds. */
const worker = { deps: { patience: { waitedMs: 1_000, lateMs: 3_000 } } };

async function asksAndHears(customer: Customer): Promise<void> {
  const before = (await customer.received()).length;
  await customer.say("How much is the Red Dress?");
  await eventually("an answer is heard", async () => (await customer.received()).length > before, 60_000);
}

test("answers everybody after an older copy of Temporal's database is put back under the worker", async () => {
  const temporal = await startOwnTemporal();
  const house = await startHouse({ temporal, worker });
  onTestFinished(() => house.close());
  const shop = await openTestShop(house);
  const customers = Array.from({ length: 4 }, () => new Customer(house, shop));
  for (const customer of customers) await asksAndHears(customer);
  await temporal.keepCopy();
  for (const [index, customer] of customers.entries()) {
    for (let turn = 0; turn <= 2 * index; turn += 1) await asksAndHears(customer);
  }

  await temporal.restoreCopy();
  await temporal.start();
  await Promise.all(customers.map(asksAndHears)); // a worker that remembers more takes a bell for one that it has heard
  await house.restartWorker(worker); // and one that remembers nothing finds histories that fit no code
  await Promise.all(customers.map(asksAndHears));
}, 300_000);

async function pays({ customer, owner }: Story, { id }: OrderView): Promise<void> {
  await customer.sendSlip(slip());
  await underReview(owner, id);
}

/** Who is answered 503 or 504 offers the same key again; no other answer may come before it is carried out. */
async function confirms({ owner }: Story, { id }: OrderView): Promise<void> {
  const key = crypto.randomUUID();
  const isConfirmed = async () => {
    const { status } = await owner.postOnce(`/v1/orders/${id}/confirm-payment`, {}, key);
    expect([200, 503, 504]).toContain(status);
    return status === 200;
  };
  await eventually("the payment is confirmed", isConfirmed, 90_000);
}

/** So much of an order its worker remembers, and the copy of Temporal's database does not. */
const slipsSinceTheCopy = [0, 1, 2, 3];

test("carries out an owner's decisions, once, after an older copy of Temporal's database is put back", async () => {
  const temporal = await startOwnTemporal();
  const house = await startHouse({ temporal, worker });
  onTestFinished(() => house.close());
  const orders: { slips: number; story: Story; order: OrderView }[] = [];
  for (const slips of slipsSinceTheCopy) {
    const story = await openStory(house);
    const order = await place(story);
    if (slips === 0) await pays(story, order);
    orders.push({ slips, story, order });
  }
  await temporal.keepCopy();
  for (const { slips, story, order } of orders) {
    for (let count = 1; count <= slips; count += 1) {
      await pays(story, order);
      if (count < slips) await decide(story.owner, order, "refuse-payment", { reason: "blurred" });
    }
  }

  await temporal.restoreCopy();
  await temporal.start();
  await Promise.all(orders.map(({ story, order }) => confirms(story, order)));
  for (const { story, order } of orders) {
    expect((await getOrder(story.owner, order.id)).payments).toHaveLength(1);
    await hearsOnce(story.customer, "Payment received");
  }
}, 300_000);
