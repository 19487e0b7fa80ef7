import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { toTypeId } from "../../domain/id.ts";
import { listRunning } from "../../runtime/temporal-client.ts";
import { eventually } from "../support/eventually.ts";
import { ActivityFailures } from "../support/fail-activities.ts";
import { startHouse } from "../support/house.ts";
import type { House } from "../support/house.ts";
import { askForSummary, isPushed, listOrders, orderBecomes, refusal, slip } from "../support/order-story.ts";
import { rowsOf, settled } from "../support/outside.ts";
import { Customer } from "../support/people.ts";
import type { Owner } from "../support/people.ts";
import { reconcileNow } from "../support/reconcile-now.ts";
import {
  endIn,
  payForPlan,
  planNotices,
  retrySoon,
  stateOf,
  subscriptionBecomes,
  subscriptionRun,
} from "../support/subscription-story.ts";
import { addAdmin, openUpgradeStory, read } from "../support/upgrade-story.ts";
import type { SubscriptionView, UpgradeStory } from "../support/upgrade-story.ts";

let house: House;
let admin: Owner;
const failures = new ActivityFailures((step) => step.startsWith("subscription."));
beforeAll(async () => {
  house = await startHouse({
    worker: { interceptors: failures.interceptors, deps: { atStep: failures.atStep } },
  });
  admin = await addAdmin(house);
});
afterAll(() => house.close());

const hour = 3_600_000;
const long = { graceMs: hour, limitedMs: hour };
const schedule = ({ owner }: UpgradeStory, planCode = "starter", key?: string) =>
  owner.post("/v1/subscription/schedule-downgrade", { planCode }, key);

async function paymentOf({ shop }: UpgradeStory): Promise<string> {
  const [row] = await rowsOf<{ id: string }>(house, "select id from plan_payments where shop_id = $1", [
    shop.shopId,
  ]);
  return toTypeId("ppm", row?.id ?? "");
}

function reverse(paymentId: string): Promise<Response> {
  const body = { kind: "refund", reason: "Charged twice." };
  return admin.post(`/v1/admin/plan-payments/${paymentId}/reverse`, body);
}

function hasEnded(story: UpgradeStory): Promise<true> {
  return eventually(
    "its process has ended",
    async () => (await subscriptionRun(story).describe()).status.name === "COMPLETED",
  );
}

const question = "How much is the Red Dress?";
const leftToPerson = "someone will answer you here";
async function countHeard(customer: Customer, part: string): Promise<number> {
  return (await customer.received()).filter(({ text = "" }) => text.includes(part)).length;
}

// Each story has a shop of its own.
describe.concurrent("a subscription", { timeout: 60_000 }, () => {
  test("is reminded of its end and goes into grace; a payment renews it early and late", async () => {
    const story = await openUpgradeStory(house);
    await endIn(story, hour, { ...long, remindersBeforeMs: [2 * hour] });
    await isPushed(story, "Your plan ends soon");
    await payForPlan(story, admin);
    const early = await story.owner.get<SubscriptionView>("/v1/subscription");
    expect(early).toMatchObject({ planCode: "starter", state: "active" });

    await endIn(story, 0, long);
    await subscriptionBecomes(story, "grace");
    await isPushed(story, "Your plan has ended");
    await payForPlan(story, admin);

    const late = await story.owner.get<SubscriptionView>("/v1/subscription");
    expect(late.state).toBe("active");
    expect(Date.parse(late.endsAt)).toBeGreaterThan(Date.now() + 27 * 24 * hour);
    expect(await planNotices(story)).toEqual(["plan_ends_soon", "plan_overdue"]);
    expect((await subscriptionRun(story).describe()).status.name).toBe("RUNNING");
  });

  test("refuses what does not fit, and stays what it was", async () => {
    const story = await openUpgradeStory(house);
    expect(await refusal(await schedule(story))).toEqual({ status: 409, code: "subscription.not_running" });
    await payForPlan(story, admin);
    expect(await refusal(await schedule(story, "growth"))).toEqual({
      status: 409,
      code: "subscription.not_cheaper",
    });
    expect(await refusal(await schedule(story, "trial"))).toEqual({ status: 404, code: "plan.not_offered" });
    expect(await story.owner.get("/v1/subscription")).toMatchObject({ planCode: "starter", scheduled: null });
  });

  test("when nobody pays, customers hear once that a person will answer, then nothing; orders go on, and paid for it answers what is new", async () => {
    const story = await openUpgradeStory(house);
    const { shop, owner } = story;
    const customer = new Customer(house, shop);
    const confirm = await askForSummary(customer);
    await endIn(story, 0, { graceMs: 0, limitedMs: hour });
    await subscriptionBecomes(story, "limited");
    for (const words of [question, "Hello? Are you there?"]) {
      await customer.say(words);
      await customer.hearsText(leftToPerson);
      await settled(house, shop.shopId);
    }
    expect(await countHeard(customer, leftToPerson)).toBe(1);

    await endIn(story, 0, { graceMs: 0, limitedMs: 0 });
    await subscriptionBecomes(story, "suspended");
    await hasEnded(story);
    const other = new Customer(house, shop);
    await other.say(question);
    await customer.tap(confirm);
    const order = await eventually("the order is placed", async () => (await listOrders(owner))[0]);
    await customer.sendSlip(slip());
    await orderBecomes(owner, order.id, { paymentState: "under_review" });
    await read(
      await owner.post(`/v1/orders/${order.id}/confirm-payment`, { amountMinor: order.total.amountMinor }),
    );
    await customer.hearsText("Payment received");
    await settled(house, shop.shopId);
    expect(await other.received()).toEqual([]);
    const { data } = await owner.get<{ data: { unreadCount: number }[] }>(
      "/v1/conversations?isWaitingForPerson=true",
    );
    expect(data).toHaveLength(2);
    expect(await planNotices(story)).toEqual(["plan_overdue", "plan_limited", "plan_suspended"]);

    await payForPlan(story, admin);
    await other.say("What are your returns?");
    await other.hearsText("Exchange");
    await settled(house, shop.shopId);
    expect(await countHeard(other, "45,000")).toBe(0);
    expect((await subscriptionRun(story).describe()).status.name).toBe("RUNNING");
  });

  test("said twice, a plan is scheduled once and a payment is taken back once; and it is picked up from its row", async () => {
    const story = await openUpgradeStory(house);
    await payForPlan(story, admin, "growth");
    for (const key of ["once", "once", "again"])
      expect(await read(await schedule(story, "starter", key))).toMatchObject({
        scheduled: { planCode: "starter" },
      });
    await subscriptionRun(story).terminate();
    await eventually("it is lost", async () => {
      const running = await listRunning(house.core.temporal, house.temporal.taskQueue);
      return !running.has(subscriptionRun(story).workflowId);
    });
    await reconcileNow(house, { waitedMs: 10_000, lateMs: 60_000 });
    await eventually(
      "it runs again",
      async () => (await subscriptionRun(story).describe()).status.name === "RUNNING",
    );
    const paymentId = await paymentOf(story);
    await Promise.all([reverse(paymentId), reverse(paymentId)].map(async (answer) => read(await answer)));
    await subscriptionBecomes(story, "grace");
    expect(await story.owner.get("/v1/subscription")).toMatchObject({ planCode: "starter", scheduled: null });
    expect(await planNotices(story)).toEqual(["plan_reversed", "plan_overdue"]);
    expect(await eventsOf(story)).toEqual({
      "subscription.downgrade_scheduled": 1,
      "plan_payment.reversed": 1,
      "subscription.grace": 1,
    });
  });
});

/** How often each thing happened, but for what an approval does. */
async function eventsOf({ shop }: UpgradeStory): Promise<Record<string, number>> {
  const rows = await rowsOf<{ action: string; count: number }>(
    house,
    `select action, count(*)::int from audit_events where shop_id = $1 and action <> 'subscription.activated'
      and (action like 'subscription.%' or action = 'plan_payment.reversed') group by action`,
    [shop.shopId],
  );
  return Object.fromEntries(rows.map(({ action, count }) => [action, count]));
}

const everyActivity = [
  "decideSubscription:cancelDowngrade",
  "decideSubscription:reversePlanPayment",
  "decideSubscription:scheduleDowngrade",
  "endPeriod",
  "limitService",
  "loadSubscription",
  "remindOfEnd",
  "suspendService",
];

describe.concurrent(
  "each state, notice and reversal once, although a worker dies",
  { timeout: 60_000 },
  () => {
    test.each([
      { what: "before, then after", when: ["before" as const, "after" as const] },
      { what: "inside", when: ["inside" as const] },
    ])("$what every activity", async ({ when }) => {
      const story = await openUpgradeStory(house);
      await retrySoon(story);
      await payForPlan(story, admin, "growth");
      failures.arm(story.shop.shopId, { kind: "every", when });
      await read(await schedule(story));
      await read(await story.owner.post("/v1/subscription/cancel-downgrade"));
      await read(await schedule(story));
      await endIn(story, hour, { remindersBeforeMs: [2 * hour] });
      await eventually("it is reminded", async () => (await planNotices(story)).length === 1);
      await endIn(story, 0, { graceMs: 0, limitedMs: 0 });
      await subscriptionBecomes(story, "suspended");
      await hasEnded(story);
      await read(await reverse(await paymentOf(story)));

      for (const one of when) {
        const struck = failures.namesStruckAt(story.shop.shopId, one);
        expect(struck, `it died ${one}`).toEqual(
          one === "inside" ? ["subscription.committed"] : everyActivity,
        );
      }
      expect(await stateOf(story)).toBe("suspended");
      expect(await planNotices(story)).toEqual([
        "plan_ends_soon",
        "plan_overdue",
        "plan_limited",
        "plan_suspended",
        "plan_reversed",
      ]);
      expect(await eventsOf(story)).toEqual({
        "subscription.downgrade_cancelled": 1,
        "subscription.downgrade_scheduled": 2,
        "subscription.grace": 1,
        "subscription.limited": 1,
        "subscription.suspended": 1,
        "plan_payment.reversed": 1,
      });
    });
  },
);
