import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { TestContext } from "vitest";

import { mountSmallDisk } from "../../bench/campaign/small-disk.ts";
import type { SmallDisk } from "../../bench/campaign/small-disk.ts";
import { eventually } from "../support/eventually.ts";
import { startHouse } from "../support/house.ts";
import type { House } from "../support/house.ts";
import {
  countHeard,
  getOrder,
  hearsOnce,
  openStory,
  place,
  slip,
  stockOf,
  underReview,
} from "../support/order-story.ts";
import { Outside } from "../support/outside.ts";
import { startOwnTemporal } from "../support/own-temporal.ts";
import { Customer } from "../support/people.ts";
import { tempFolder } from "../support/temp-folder.ts";

async function smallDisk(context: TestContext, folder: string): Promise<SmallDisk> {
  await mkdir(folder, { recursive: true });
  const disk = await mountSmallDisk(folder, 64);
  if (!disk) context.skip("no file system may be mounted here");
  onTestFinished(() => disk.unmount());
  return disk;
}

/** Temporal writes over what it has for a while before it needs more room. */
async function canStoreNothing({ core }: House): Promise<boolean> {
  const { workflow } = core.temporal.client;
  const options = { taskQueue: "nobody", workflowId: `nobody/${crypto.randomUUID()}` };
  return core.temporal.client
    .withDeadline(Date.now() + 3_000, () => workflow.start("nobody", options))
    .then(
      () => false,
      () => true,
    );
}

/** Each webhook was answered 200. */
async function isAllTaken(house: House): Promise<boolean> {
  return (await new Outside(house).deliveries("pending")).length === 0;
}

test("while Temporal's disk is full messages are kept and no decision is lost; all drains afterwards, once", async (context) => {
  const folder = await tempFolder();
  const disk = await smallDisk(context, join(folder, "temporal"));
  const temporal = await startOwnTemporal({ folder });
  const house = await startHouse({ temporal });
  onTestFinished(() => house.close());
  const story = await openStory(house);
  const { owner, customer, shop } = story;
  const placed = await place(story);
  await customer.sendSlip(slip());
  const order = await underReview(owner, placed.id);

  await disk.fill();
  await eventually("Temporal can store nothing", () => canStoreNothing(house), 60_000);
  const others = Array.from({ length: 3 }, () => new Customer(house, shop));
  for (const other of others) await other.say("What are your opening hours?");
  await eventually("their messages are taken", () => isAllTaken(house));
  const [path, key] = [`/v1/orders/${order.id}/confirm-payment`, crypto.randomUUID()];
  const answer = await owner.postOnce(path, {}, key);
  expect([503, 504]).toContain(answer.status);
  expect(await getOrder(owner, order.id)).toMatchObject({ paymentState: "under_review", payments: [] });

  await disk.empty();
  await temporal.start(); // it may have ended; if not, it is taken over
  await Promise.all(others.map((other) => other.hearsText("9 to 19", 90_000)));
  await eventually(
    "the same key is answered",
    async () => (await owner.postOnce(path, {}, key)).status === 200,
    90_000,
  );
  for (const other of others) expect(await countHeard(other, "9 to 19")).toBe(1);
  expect((await getOrder(owner, order.id)).payments).toHaveLength(1);
  await hearsOnce(customer, "Payment received");
  expect(await stockOf(story)).toEqual({ onHand: 4, reserved: 0 });
}, 300_000);
