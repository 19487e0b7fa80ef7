import { expect, onTestFinished, test } from "vitest";

import { listRunning } from "../../runtime/temporal-client.ts";
import type { WorkerOverrides } from "../../runtime/worker.ts";
import { orderWorkflowId } from "../../workflows/order.contract.ts";
import { startHouse } from "../support/house.ts";
import type { House } from "../support/house.ts";
import {
  countHeard,
  decide,
  getOrder,
  openStory,
  orderBecomes,
  place,
  slip,
  stockOf,
  underReview,
} from "../support/order-story.ts";
import type { OrderView, Story } from "../support/order-story.ts";
import { bundleOther } from "../support/other-bundle.ts";
import { Customer } from "../support/people.ts";

/** A minute in three seconds. */
const patience = { waitedMs: 1_000, lateMs: 3_000 };
const oldBuild: WorkerOverrides = { deps: { patience } };

async function newBuild(): Promise<WorkerOverrides> {
  const workflows = new URL("./patched-workflows.ts", import.meta.url);
  return { ...oldBuild, workflowBundle: await bundleOther(workflows) };
}

async function openHouse(worker: WorkerOverrides): Promise<House> {
  const house = await startHouse({ worker });
  onTestFinished(() => house.close());
  return house;
}

const plenty = [
  { name: "Red Dress", description: "Silk", options: [{ name: "M", priceMinor: 45_000, stock: 40 }] },
];

type Purchase = Story & { order: OrderView };

/** Another customer of the same shop, up to the slip that waits for its owner. */
async function waitsForOwner(story: Story): Promise<Purchase> {
  const own = { ...story, customer: new Customer(story.house, story.shop) };
  const placed = await place(own);
  await own.customer.sendSlip(slip());
  return { ...own, order: await underReview(own.owner, placed.id) };
}

/** A question, and all decisions up to the end; each thing was said and booked once. */
async function goesOn({ house, owner, customer, order }: Purchase): Promise<void> {
  await forgetWorkers(house);
  await customer.say("What are your opening hours?");
  await customer.hearsText("9 to 19", 60_000);
  for (const step of ["confirm-payment", "pack", "ship", "deliver"]) {
    await forgetWorkers(house);
    await decide(owner, order, step);
  }
  await customer.hearsText("delivered", 60_000);
  await orderBecomes(owner, order.id, { orderState: "completed", paymentState: "paid" });
  expect((await getOrder(owner, order.id)).payments).toHaveLength(1);
  expect(await countHeard(customer, "9 to 19")).toBe(1);
  const aboutIt = (await customer.received()).map(({ text = "" }) => text).filter(isAbout(order));
  expect(aboutIt.filter((text, index) => aboutIt.indexOf(text) !== index)).toEqual([]);
}

const isAbout =
  ({ number }: OrderView) =>
  (text: string) =>
    text.includes(number);

/** The next task of every run goes to whichever worker asks first. */
async function forgetWorkers({ core, temporal }: House): Promise<void> {
  for (const workflowId of await listRunning(core.temporal, temporal.taskQueue)) {
    const { namespace } = temporal;
    const { workflowService } = core.temporal.client;
    await workflowService.resetStickyTaskQueue({ namespace, execution: { workflowId } });
  }
}

const runOf = ({ house, order }: Purchase) =>
  house.core.temporal.client.workflow.getHandle(orderWorkflowId(order.id));

async function isOfNewBuild(purchase: Purchase): Promise<boolean> {
  const { events } = await runOf(purchase).fetchHistory();
  return (events ?? []).some(
    ({ markerRecordedEventAttributes: marker }) => marker?.markerName === "core_patch",
  );
}

async function areOfBothBuilds(purchases: Purchase[]): Promise<boolean> {
  const kinds = await Promise.all(purchases.map(isOfNewBuild));
  return kinds.includes(true) && kinds.includes(false);
}

test("an old and a new build share the work, whoever began it, and nothing is said or booked twice", async () => {
  const house = await openHouse(oldBuild);
  const story = await openStory(house, { products: plenty });
  const purchases = [await waitsForOwner(story)];
  const second = await house.startAnotherWorker(await newBuild());
  onTestFinished(() => second.stop());
  while (!(await areOfBothBuilds(purchases)) && purchases.length < 12)
    purchases.push(await waitsForOwner(story));

  expect(await areOfBothBuilds(purchases)).toBe(true);
  await Promise.all(purchases.map(goesOn));
  expect(await stockOf(story)).toEqual({ onHand: 40 - purchases.length, reserved: 0 });
}, 300_000);

test("the new build goes on with the very runs that the old one began", async () => {
  const house = await openHouse(oldBuild);
  const purchase = await waitsForOwner(await openStory(house));
  const { runId } = await runOf(purchase).describe();

  await house.restartWorker(await newBuild());
  await goesOn(purchase);
  expect((await runOf(purchase).describe()).runId).toBe(runId);
}, 300_000);

test("after a roll-back the old build goes on with what the new one began, and nothing is said or booked twice", async () => {
  const house = await openHouse(await newBuild());
  const story = await openStory(house);
  const purchases = [await waitsForOwner(story), await waitsForOwner(story)];
  expect(await Promise.all(purchases.map(isOfNewBuild))).toEqual([true, true]);

  await house.restartWorker(oldBuild);
  await Promise.all(purchases.map(goesOn));
  expect(await stockOf(story)).toEqual({ onHand: 3, reserved: 0 });
}, 300_000);
