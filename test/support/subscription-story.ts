import { defaultSubscriptionTimings } from "../../domain/subscription/timings.ts";
import type { SubscriptionTimings } from "../../domain/subscription/timings.ts";
import type { SubscriptionState } from "../../domain/subscription/subscription.ts";
import { createProcesses } from "../../runtime/temporal-client.ts";
import { subscriptionWorkflowId } from "../../workflows/subscription.contract.ts";
import { toTypeId } from "../../domain/id.ts";
import { eventually } from "./eventually.ts";
import type { House, TestShop } from "./house.ts";
import { rowsOf } from "./outside.ts";
import type { Owner } from "./people.ts";
import { decideUpgrade, handIn, read, requestPlan } from "./upgrade-story.ts";
import type { UpgradeStory, UpgradeView } from "./upgrade-story.ts";

type ShopStory = { house: House; shop: TestShop };

/** The same code in seconds: nothing is due unless a test says so. */
const shortTimings: SubscriptionTimings = {
  ...defaultSubscriptionTimings,
  remindersBeforeMs: [],
  activityTimeoutMs: 10_000,
  activityRetryMs: 100,
};

/** For whoever lets its activities die: they are tried again within a second from the beginning. */
export async function retrySoon({ house, shop }: ShopStory): Promise<void> {
  await rowsOf(house, "update subscriptions set timings = $2, version = version + 1 where shop_id = $1", [
    shop.shopId,
    shortTimings,
  ]);
}

/** Moves the row's end, counted from now, and rings as whoever changes it does. */
export async function endIn(
  { house, shop }: ShopStory,
  ms: number,
  timings: Partial<SubscriptionTimings> = {},
): Promise<void> {
  await rowsOf(
    house,
    `update subscriptions set ends_at = now() + $2 * interval '1 millisecond', timings = $3, version = version + 1
      where shop_id = $1`,
    [shop.shopId, ms, { ...shortTimings, ...timings }],
  );
  await ringSubscription({ house, shop });
}

export async function ringSubscription({ house, shop }: ShopStory): Promise<void> {
  const processes = createProcesses(house.core.temporal, house.temporal.taskQueue, () => undefined);
  await processes.ringSubscription({ shopId: shop.shopId });
}

export async function stateOf({ house, shop }: ShopStory): Promise<SubscriptionState | undefined> {
  const [row] = await rowsOf<{ state: SubscriptionState }>(
    house,
    "select state from subscriptions where shop_id = $1",
    [shop.shopId],
  );
  return row?.state;
}

export function subscriptionBecomes(story: ShopStory, state: SubscriptionState): Promise<true> {
  return eventually(`the subscription is ${state}`, async () => (await stateOf(story)) === state);
}

export function subscriptionRun({ house, shop }: ShopStory) {
  return house.core.temporal.client.workflow.getHandle(subscriptionWorkflowId(toTypeId("shop", shop.shopId)));
}

/** The owner pays for a plan, and an admin finds the money; the approved request. */
export async function payForPlan(
  story: UpgradeStory,
  admin: Owner,
  planCode = "starter",
): Promise<UpgradeView> {
  const request = await handIn(story, await requestPlan(story, planCode));
  return read<UpgradeView>(await decideUpgrade(admin, request));
}

/** What the owner was told of the plan, in order. */
export async function planNotices({ house, shop }: ShopStory): Promise<string[]> {
  const rows = await rowsOf<{ kind: string }>(
    house,
    "select kind from owner_notices where shop_id = $1 and kind like 'plan_%' order by created_at, id",
    [shop.shopId],
  );
  return rows.map(({ kind }) => kind);
}
