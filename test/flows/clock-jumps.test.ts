import { afterAll, afterEach, beforeAll, expect, test } from "vitest";

import { fromTypeId } from "../../domain/id.ts";
import { orderWorkflowId } from "../../workflows/order.contract.ts";
import { eventually } from "../support/eventually.ts";
import { startHouse } from "../support/house.ts";
import type { House } from "../support/house.ts";
import { hearsOnce, openStory, place, slip, stockOf, underReview } from "../support/order-story.ts";
import type { OrderView, Story } from "../support/order-story.ts";
import { rowsOf, settled } from "../support/outside.ts";
import { Customer } from "../support/people.ts";
import { reconcileNow } from "../support/reconcile-now.ts";

const hour = 3_600_000;
const day = 24 * hour;

let house: House;
/** How far the clock of API and worker is from the machine's; Temporal's own goes on as it was. */
let offsetMs = 0;
beforeAll(async () => {
  house = await startHouse({ clock: { now: () => new Date(Date.now() + offsetMs) } });
});
afterEach(() => {
  offsetMs = 0;
});
afterAll(() => house.close());

const another = (story: Story): Story => ({ ...story, customer: new Customer(house, story.shop) });

async function eventsOf({ id }: OrderView): Promise<string[]> {
  const story = "select type from order_events where order_id = $1 order by id";
  const events = await rowsOf<{ type: string }>(house, story, [fromTypeId("ord", id)]);
  return events.map(({ type }) => type);
}

function comesTo(order: OrderView, wanted: string[]): Promise<unknown> {
  const isSo = async () => (await eventsOf(order)).join() === wanted.join();
  return eventually(`the order's story is ${wanted.join()}`, isSo, 60_000);
}

/** All clocks of the product at once; within five minutes the schedule reconciles. */
async function jump(toMs: number): Promise<void> {
  offsetMs = toMs;
  await reconcileNow(house, { waitedMs: 500, lateMs: 0 });
}

test("after a jump of 31 days every deadline is met, once, and nobody is written to outside the window", async () => {
  const unpaid = await openStory(house);
  const [byCash, inReview] = [another(unpaid), another(unpaid)];
  const stories = [unpaid, byCash, inReview];
  const order = await place(unpaid);
  const cashOrder = await place(byCash, { method: "Cash on delivery" });
  const reviewed = await place(inReview);
  await inReview.customer.sendSlip(slip());
  await underReview(inReview.owner, reviewed.id);
  await settled(house, unpaid.shop.shopId);
  const before = await eventsOf(reviewed);
  const heard = await Promise.all(stories.map(({ customer }) => customer.received()));

  await jump(31 * day);
  await comesTo(cashOrder, ["placed", "cod_not_accepted", "cancelled"]);
  await comesTo(reviewed, [...before, "review_reminded", "review_escalated", "review_customer_told"]);
  await comesTo(order, ["placed", "expiry_warned"]); // who was warned late still has the time to pay
  await jump(31 * day + 3 * hour);
  await comesTo(order, ["placed", "expiry_warned", "expired", "cancelled"]);

  expect(await stockOf(unpaid)).toEqual({ onHand: 5, reserved: 1 });
  await settled(house, unpaid.shop.shopId);
  expect(await Promise.all(stories.map(({ customer }) => customer.received()))).toEqual(heard);
  const waiting = "select 1 from outbox where shop_id = $1 and state = 'waiting_for_window'";
  expect(await rowsOf(house, waiting, [unpaid.shop.shopId])).toHaveLength(4);
}, 180_000);

/** What the order's workflow has done: the activities that it asked for, and its timers. */
async function stepsOf({ id }: OrderView): Promise<string[]> {
  const { workflow } = house.core.temporal.client;
  const { events } = await workflow.getHandle(orderWorkflowId(id)).fetchHistory();
  return (events ?? []).flatMap((event) => {
    const name = event.activityTaskScheduledEventAttributes?.activityType?.name;
    return name ?? (event.timerStartedEventAttributes ? "timer" : []);
  });
}

test("after a jump of an hour back no deadline comes early, and each comes once when it is due", async () => {
  const story = await openStory(house, { timings: { paymentDueMs: 20_000, expiryWarningMs: 5_000 } });
  const order = await place(story);
  await eventually("it waits", async () => (await stepsOf(order)).at(-1) === "timer");

  await jump(-hour);
  // The timer goes by Temporal's clock: it rings, and nothing is due.
  const isInVain = async () => (await stepsOf(order)).slice(-2).join() === "warnBeforeExpiry,timer";
  await eventually("its timer has rung in vain", isInVain, 60_000);
  expect(await eventsOf(order)).toEqual(["placed"]);
  await jump(0);
  await comesTo(order, ["placed", "expiry_warned", "expired", "cancelled"]);
  await hearsOnce(story.customer, "is not paid yet");
  await hearsOnce(story.customer, "No payment came");
  expect(await stockOf(story)).toEqual({ onHand: 5, reserved: 0 });
}, 180_000);
