import { afterAll, beforeAll, expect, test } from "vitest";

import { fromTypeId } from "../../domain/id.ts";
import { findFreePort } from "../../runtime/free-port.ts";
import { eventually } from "../support/eventually.ts";
import { startHouse } from "../support/house.ts";
import type { House } from "../support/house.ts";
import {
  countHeard,
  decide,
  getOrder,
  openStory,
  place,
  slip,
  underReview,
  unmatchedSlip,
} from "../support/order-story.ts";
import type { OrderView, Story } from "../support/order-story.ts";
import { rowsOf } from "../support/outside.ts";
import { bundleOther } from "../support/other-bundle.ts";
import { readSamples } from "../support/prometheus.ts";
import { reconcileNow } from "../support/reconcile-now.ts";

/** A minute in three seconds. */
const patience = { waitedMs: 1_000, lateMs: 3_000 };

let house: House;

let metricsUrl: string;

beforeAll(async () => {
  const port = await findFreePort(0, "a port");
  metricsUrl = `http://127.0.0.1:${port}/metrics`;
  const env = { SHOPTHREAD_WORKER_METRICS_PORT: String(port) };
  house = await startHouse({ worker: { deps: { patience } }, env });
});
afterAll(() => house.close());

/** A worker whose code fits no history that is there. */
async function deployCarelessly(): Promise<void> {
  const workflowBundle = await bundleOther(new URL("./changed-workflows.ts", import.meta.url));
  await house.restartWorker({ deps: { patience }, workflowBundle });
}

async function reconcileAndSee({ owner }: Story, { id }: OrderView): Promise<boolean> {
  await reconcileNow(house, patience);
  return (await getOrder(owner, id)).orderState === "cancelled";
}

test("goes on from the rows when no history fits the code any more: turns, decisions and deadlines", async () => {
  const paying = await openStory(house);
  const silent = await openStory(house);
  const paid = await place(paying);
  const unpaid = await place(silent);
  await paying.customer.sendSlip(slip());
  await underReview(paying.owner, paid.id);
  const stranger = await openStory(house);
  await stranger.customer.sendSlip(slip());
  const unmatched = await unmatchedSlip(stranger);

  await deployCarelessly();
  await silent.customer.say("What are your opening hours?");
  await silent.customer.hearsText("9 to 19", 60_000);
  for (const step of ["confirm-payment", "pack", "ship", "deliver"]) await decide(paying.owner, paid, step);
  const refused = await stranger.owner.post(`/v1/payment-evidence/${unmatched.id}/refuse`);
  expect({ status: refused.status, body: await refused.json() }).toMatchObject({
    status: 200,
    body: { state: "refused" },
  });
  const runOut = `update orders set payment_due_at = now() - interval '1 minute',
    expiry_warned_at = now() - interval '1 day' where id = $1`;
  await rowsOf(house, runOut, [fromTypeId("ord", unpaid.id)]);
  await eventually("the unpaid order expires", () => reconcileAndSee(silent, unpaid), 60_000);
  expect(await countHeard(paying.customer, "Payment received")).toBe(1);
  expect(await countHeard(silent.customer, "9 to 19")).toBe(1);
  const shown = readSamples(await (await fetch(metricsUrl)).text());
  const ended = shown.find(({ name }) => name === "shopthread_stuck_runs_ended_total");
  expect(ended?.value).toBeGreaterThan(0);
}, 300_000);
