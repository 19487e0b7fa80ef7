import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { listRunning } from "../../runtime/temporal-client.ts";
import { eventually } from "../support/eventually.ts";
import { ActivityFailures } from "../support/fail-activities.ts";
import { startHouse } from "../support/house.ts";
import type { House } from "../support/house.ts";
import { isPushed, pushesTo, refusal } from "../support/order-story.ts";
import { rowsOf } from "../support/outside.ts";
import type { Owner } from "../support/people.ts";
import { reconcileNow } from "../support/reconcile-now.ts";
import { shortUpgradeTimings } from "../support/short-timings.ts";
import {
  addAdmin,
  askForCode,
  decideUpgrade,
  getUpgrade,
  handIn,
  openUpgradeStory,
  payByCode,
  read,
  requestPlan,
  requestTopUp,
  scan,
  upgradeBecomes,
} from "../support/upgrade-story.ts";
import type { SubscriptionView, UpgradeStory, UpgradeView } from "../support/upgrade-story.ts";
import { upgradeWorkflowId } from "../../workflows/upgrade.contract.ts";

let house: House;
let admin: Owner;
let another: Owner;
/** Copied into each request that is made from then on. */
const timings = { ...shortUpgradeTimings };
const failures = new ActivityFailures((step) => step.startsWith("upgrade."));
beforeAll(async () => {
  house = await startHouse({
    upgradeTimings: timings,
    worker: { interceptors: failures.interceptors, deps: { atStep: failures.atStep } },
  });
  [admin, another] = [await addAdmin(house), await addAdmin(house)];
});
afterAll(() => house.close());
beforeEach(() => {
  Object.assign(timings, shortUpgradeTimings);
});

const subscriptionOf = ({ owner }: UpgradeStory) => owner.get<SubscriptionView>("/v1/subscription");

/** What must have happened exactly once, however often anything died. */
async function effectsOf({ shop }: UpgradeStory) {
  const [row] = await rowsOf<{ payments: number; activations: number; grants: number; notices: string[] }>(
    house,
    `select (select count(*)::int from plan_payments where shop_id = $1) as payments,
      (select count(*)::int from audit_events where shop_id = $1 and action = 'subscription.activated') as activations,
      (select count(*)::int from credit_grants where shop_id = $1 and kind = 'plan') as grants,
      (select coalesce(array_agg(kind order by created_at), '{}') from owner_notices where shop_id = $1) as notices`,
    [shop.shopId],
  );
  return row;
}

function hasEnded({ id }: UpgradeView): Promise<true> {
  const handle = house.core.temporal.client.workflow.getHandle(upgradeWorkflowId(id));
  return eventually(
    "its process has ended",
    async () => (await handle.describe()).status.name === "COMPLETED",
  );
}

describe("a request for a plan", { timeout: 60_000 }, () => {
  test("is asked again, approved, activates the plan, and its evidence is purged when it is due", async () => {
    timings.purgeAfterMs = 1_500;
    const story = await openUpgradeStory(house);
    const request = await requestPlan(story);
    const blurred = await handIn(story, request);
    await read(await decideUpgrade(admin, blurred, "request-evidence-again"));
    await isPushed(story, "Another picture is needed");
    const submitted = await handIn(story, request);

    const answer = await read<UpgradeView>(await decideUpgrade(admin, submitted));

    expect(answer.state).toBe("approved");
    expect(await subscriptionOf(story)).toMatchObject({ planCode: "starter", state: "active" });
    await isPushed(story, "Your plan is active");
    await hasEnded(request);
    expect(await getUpgrade(story, request)).toMatchObject({ state: "approved", evidenceId: null });
    expect(
      await rowsOf(house, "select 1 from upgrade_uploads where shop_id = $1", [story.shop.shopId]),
    ).toEqual([]);
  });

  test("P:ONA-06 approved twice at once moves the end date once, and its proof is its owner's and the admins' alone", async () => {
    const story = await openUpgradeStory(house);
    const submitted = await handIn(story, await requestPlan(story));
    const answers = await Promise.all([decideUpgrade(admin, submitted), decideUpgrade(another, submitted)]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    expect(await effectsOf(story)).toEqual({
      payments: 1,
      activations: 1,
      grants: 1,
      notices: ["upgrade_approved"],
    });
    const { startsAt, endsAt } = await subscriptionOf(story);
    expect((Date.parse(endsAt) - Date.parse(startsAt)) / 86_400_000).toBeLessThanOrEqual(31);
    const path = `/v1/upgrade-requests/${submitted.id}`;
    const { picture } = await story.owner.get<{ picture: { url: string } }>(path);
    const { owner: stranger } = await openUpgradeStory(house);
    const looks = await Promise.all(
      [path, picture.url, `/v1/admin/upgrade-requests/${submitted.id}/evidence`].map((url) =>
        stranger.fetch("GET", url),
      ),
    );
    expect(looks.map(({ status }) => status)).toEqual([404, 404, 403]);
    expect((await story.owner.fetch("GET", picture.url)).status).toBe(200);
    expect((await admin.fetch("GET", `/v1/admin/upgrade-requests/${submitted.id}/evidence`)).status).toBe(
      200,
    );
  });

  test("is refused with a reason, and stays refused", async () => {
    const story = await openUpgradeStory(house);
    const submitted = await handIn(story, await requestPlan(story));
    await read(await decideUpgrade(admin, submitted, "reject"));
    await isPushed(story, "Request refused");
    expect(await refusal(await decideUpgrade(another, submitted))).toEqual({
      status: 409,
      code: "upgrade.rejected",
    });
    expect(await subscriptionOf(story)).toMatchObject({ planCode: "trial", state: "trial" });
  });

  test("lapses when nobody decides: reminded, escalated, ended; an approval comes too late", async () => {
    Object.assign(timings, { decisionReminderMs: 300, decisionEscalationMs: 600, decisionDueMs: 1_000 });
    const story = await openUpgradeStory(house);
    const submitted = await handIn(story, await requestPlan(story));
    await upgradeBecomes(story, submitted, "lapsed");
    const [row] = await rowsOf<{ reminded: boolean; escalated: boolean }>(
      house,
      `select reminded_at is not null as reminded, escalated_at is not null as escalated
        from upgrade_requests where shop_id = $1`,
      [story.shop.shopId],
    );
    expect(row).toEqual({ reminded: true, escalated: true });
    await isPushed(story, "Request ended");
    expect(await refusal(await decideUpgrade(admin, submitted))).toEqual({
      status: 409,
      code: "upgrade.lapsed",
    });
  });

  test("lapses when its evidence never comes, and its process ends", async () => {
    timings.evidenceDueMs = 500;
    const story = await openUpgradeStory(house);
    const request = await requestPlan(story);
    await upgradeBecomes(story, request, "lapsed");
    await hasEnded(request);
  });

  test("is picked up from its row when its process is gone", async () => {
    const story = await openUpgradeStory(house);
    const submitted = await handIn(story, await requestPlan(story));
    const handle = house.core.temporal.client.workflow.getHandle(upgradeWorkflowId(submitted.id));
    await handle.terminate();
    await eventually("it is lost", async () => {
      const running = await listRunning(house.core.temporal, house.temporal.taskQueue);
      return !running.has(upgradeWorkflowId(submitted.id));
    });
    await reconcileNow(house, { waitedMs: 10_000, lateMs: 60_000 });
    await eventually("it runs again", async () => (await handle.describe()).status.name === "RUNNING");
    await read(await decideUpgrade(admin, submitted));
    expect(await effectsOf(story)).toMatchObject({ payments: 1, activations: 1, grants: 1 });
  });
});

describe("a request for credits", { timeout: 60_000 }, () => {
  test("goes the same way, and tops the shop up beside its plan", async () => {
    const story = await openUpgradeStory(house);
    const submitted = await handIn(story, await requestTopUp(story));
    await read(await decideUpgrade(admin, submitted));
    await isPushed(story, "Your credits are here");
    const { grants } = await story.owner.get<{ grants: { kind: string; available: number }[] }>(
      "/v1/credits",
    );
    expect(grants.filter(({ kind }) => kind === "top_up")).toMatchObject([{ available: 500 }]);
    expect(await subscriptionOf(story)).toMatchObject({ planCode: "trial", state: "trial" });
  });
});

describe("a request that is paid by code", { timeout: 60_000 }, () => {
  test("is approved once by the provider's word, although a worker dies before and after every activity", async () => {
    timings.purgeAfterMs = 500;
    const story = await openUpgradeStory(house);
    failures.arm(story.shop.shopId, { kind: "every", when: ["before", "after"] });
    const request = await requestPlan(story);
    await payByCode(story, request);
    await upgradeBecomes(story, request, "approved");
    await hasEnded(request);
    expect(await effectsOf(story)).toEqual({
      payments: 1,
      activations: 1,
      grants: 1,
      notices: ["upgrade_approved"],
    });
    expect(await subscriptionOf(story)).toMatchObject({ planCode: "starter", state: "active" });
    const struck = failures.struckAt(story.shop.shopId);
    expect(struck.filter((place) => place.includes("bookUpgradeMoney")).length).toBeGreaterThan(1);
  });
});

const deaths = [
  { what: "before, then after", when: ["before" as const, "after" as const] },
  { what: "inside", when: ["inside" as const] },
];

/** Which activities, or inner steps, died at each of these places. */
function expectStruck({ shop }: UpgradeStory, when: (typeof deaths)[number]["when"], names: string[]): void {
  for (const one of when) {
    const expected = one === "inside" ? expect.arrayContaining(["upgrade.committed"]) : names.toSorted();
    expect(failures.namesStruckAt(shop.shopId, one), `it died ${one}`).toEqual(expected);
  }
}

/** Credits that a transaction made out of nothing, or lost. */
const unbalanced =
  "select transaction_id from credit_lines where shop_id = $1 group by transaction_id having sum(credits) <> 0";

/** The code of somebody who takes part in the referral. */
async function addReferrer(): Promise<string> {
  const { owner } = await openUpgradeStory(house);
  const joined = await read<{ code: string }>(await owner.post("/v1/referral/join", { termsVersion: 1 }));
  return joined.code;
}

describe("one payment, plan, commission and notice, although a worker dies", { timeout: 60_000 }, () => {
  test.each(deaths)("P:ONA-17 $what every activity of an approval", async ({ when }) => {
    Object.assign(timings, { decisionReminderMs: 200, decisionEscalationMs: 400, purgeAfterMs: 500 });
    const [story, referralCode] = [await openUpgradeStory(house), await addReferrer()];
    failures.arm(story.shop.shopId, { kind: "every", when });
    const wanted = { planCode: "starter", referralCode };
    const request = await read<UpgradeView>(await story.owner.post("/v1/upgrade-requests", wanted));
    const submitted = await handIn(story, request);
    await eventually("it is escalated", async () => {
      const [row] = await rowsOf<{ at: Date | null }>(
        house,
        "select escalated_at as at from upgrade_requests where shop_id = $1",
        [story.shop.shopId],
      );
      return row?.at !== null;
    });
    await read(await decideUpgrade(admin, submitted));
    await hasEnded(request);

    expectStruck(story, when, [
      "decideUpgrade:approveUpgrade",
      "decideUpgrade:submitUpgrade",
      "escalateUpgrade",
      "loadSubscription", // whose process is rung
      "loadUpgrade",
      "purgeUpgradeEvidence",
      "remindOfUpgrade",
    ]);
    expect(await effectsOf(story)).toEqual({
      payments: 1,
      activations: 1,
      grants: 1,
      notices: ["upgrade_approved"],
    });
    const commissions = "select level, amount_minor::int as minor from commissions where payer_shop_id = $1";
    expect(await rowsOf(house, commissions, [story.shop.shopId])).toEqual([{ level: 1, minor: 4_500 }]);
    expect(await rowsOf(house, unbalanced, [story.shop.shopId])).toEqual([]);
    await isPushed(story, "Your plan is active");
    expect(await pushesTo(house, story.device)).toHaveLength(1);
    expect(
      await rowsOf(house, "select 1 from upgrade_uploads where shop_id = $1", [story.shop.shopId]),
    ).toEqual([]);
  });

  test.each(deaths)("$what every activity of what comes to nothing", async ({ when }) => {
    timings.purgeAfterMs = 500;
    const story = await openUpgradeStory(house);
    failures.arm(story.shop.shopId, { kind: "every", when });
    const rejected = await handIn(story, await requestPlan(story));
    await read(await decideUpgrade(admin, rejected, "request-evidence-again"));
    await read(await decideUpgrade(admin, await handIn(story, rejected), "reject"));
    const cancelled = await requestPlan(story);
    const code = await askForCode(story, cancelled);
    await read(await story.owner.post(`/v1/upgrade-requests/${cancelled.id}/cancel`));
    timings.evidenceDueMs = 300;
    const lapsed = await requestPlan(story);
    await upgradeBecomes(story, lapsed, "lapsed");
    await scan(story, code, true);
    await giveBack(story, cancelled);
    for (const request of [rejected, cancelled, lapsed]) await hasEnded(request);

    expectStruck(story, when, [
      "bookUpgradeMoney",
      "decideUpgrade:cancelUpgrade",
      "decideUpgrade:refundUpgradeMoney",
      "decideUpgrade:rejectUpgrade",
      "decideUpgrade:requestUpgradeEvidenceAgain",
      "decideUpgrade:submitUpgrade",
      "lapseUpgrade",
      "loadUpgrade",
      "purgeUpgradeEvidence",
    ]);
    expect(await effectsOf(story)).toEqual({
      payments: 0,
      activations: 0,
      grants: 0,
      notices: ["upgrade_asked_again", "upgrade_rejected", "upgrade_lapsed", "upgrade_money_owed"],
    });
  });
});

/** An admin finds the money that bought nothing, and it goes back once. */
async function giveBack({ shop }: UpgradeStory, { id }: UpgradeView): Promise<void> {
  type Owed = { paymentId: string; upgradeRequestId: string };
  const paymentId = await eventually("the money is owed", async () => {
    const { data } = await admin.get<{ data: Owed[] }>("/v1/admin/upgrade-money?limit=100");
    return data.find(({ upgradeRequestId }) => upgradeRequestId === id)?.paymentId;
  });
  await read(await admin.post(`/v1/admin/upgrade-requests/${id}/refund-money`, { paymentId }));
  const refunds = () =>
    rowsOf<{ state: string }>(
      house,
      `select state || case when booked_at is null then '' else ', booked' end as state from gateway_refunds where shop_id = $1`,
      [shop.shopId],
    );
  await eventually("it is given back", async () => (await refunds())[0]?.state === "done, booked");
  expect(await refunds()).toHaveLength(1);
}
