import { setTimeout as wait } from "node:timers/promises";

import { defaultSubscriptionTimings } from "../../domain/subscription/timings.ts";
import type { SubscriptionTimings } from "../../domain/subscription/timings.ts";
import type { ShopId } from "../../domain/id.ts";
import { createProcesses } from "../../runtime/temporal-client.ts";
import { isOutage } from "./ask-again.ts";
import type { Random } from "./random.ts";
import type { Town } from "./town.ts";

/** Each state of a plan that nobody renews lasts seconds. */
const campaignTimings: SubscriptionTimings = {
  ...defaultSubscriptionTimings,
  remindersBeforeMs: [2_000],
  graceMs: 8_000,
  limitedMs: 8_000,
  activityTimeoutMs: 10_000,
  activityRetryMs: 200,
};

type Page = (town: Town, random: Random, count: number) => Promise<void>;

/** Weeks and months that a campaign cannot wait for pass by the rows, as a test's do; what follows is the product's. */
export async function turnTheCalendar(town: Town, random: Random, isOver: () => boolean): Promise<void> {
  for (let count = 1; !isOver(); count += 1) {
    const page = random.weighted(pages);
    try {
      await page(town, random, count);
    } catch (error) {
      if (!isAway(error)) throw error;
    }
    await wait(random.int(1_500, 4_000));
  }
}

/** A plan ends in a moment. */
const endAPlan: Page = async (town, random) => {
  const running = await town.rows<{ shop_id: ShopId }>(
    `select shop_id from subscriptions where state in ('trial', 'active') and ends_at > now() + interval '1 hour'
      order by shop_id`,
  );
  if (running.length === 0) return;
  const { shop_id: shopId } = random.pick(running);
  await town.rows(
    `update subscriptions set ends_at = now() + interval '3 seconds', timings = $2, version = version + 1
      where shop_id = $1`,
    [shopId, JSON.stringify(campaignTimings)],
  );
  const processes = createProcesses(town.core.temporal, town.taskQueue, () => undefined);
  await processes.ringSubscription({ shopId });
};

/** The holding period is over, and the cool-down of accounts. */
const ripen: Page = async (town) => {
  await town.rows(
    "update commissions set matures_at = now() - interval '10 minutes' where state in ('pending', 'held')",
  );
  await town.rows("update payout_accounts set usable_from = now() - interval '10 minutes'");
  await town.core.temporal.client.schedule.getHandle("commissions").trigger();
};

/** What was paid was of another month, and the next tally may take what has come since. */
const endAMonth: Page = async (town, _random, count) => {
  const month = `${1_000 + Math.floor(count / 99)}-${String((count % 99) + 1).padStart(2, "0")}`;
  await town.rows(
    `update payouts set period = $1 where state in ('paid', 'cancelled') and notice_due is null
      and period > '2000-01'`,
    [month],
  );
  await town.core.temporal.client.schedule.getHandle("payouts").trigger();
};

const pages: readonly (readonly [number, Page])[] = [
  [1, endAPlan],
  [4, ripen],
  [4, endAMonth],
];

/** Postgres or Temporal is down, or was while it was asked: the calendar turns again. */
function isAway(error: unknown): boolean {
  if (isOutage(error)) return true;
  const { name, code } = error as { name?: string; code?: string };
  return (
    name === "ServiceError" || name === "AppError" || name === "ScheduleNotFoundError" || code !== undefined
  );
}
