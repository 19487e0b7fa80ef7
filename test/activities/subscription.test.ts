import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { decideSubscription } from "../../activities/subscription/decide-subscription.ts";
import { createSubscriptionActivities } from "../../activities/subscription/index.ts";
import { decideUpgrade } from "../../activities/upgrade/decide-upgrade.ts";
import { reserveCredits, settleCredits } from "../../db/credits.ts";
import { fromTypeId, newId } from "../../domain/id.ts";
import type { AccountId, PlanPaymentId, TurnId, UploadId } from "../../domain/id.ts";
import type {
  SubscriptionActivities,
  SubscriptionDecisionResult,
  SubscriptionSnapshot,
} from "../../workflows/subscription.contract.ts";
import type { Tenant } from "../api/owner-world.ts";
import { createUpgradeWorld, refOf } from "../api/upgrade-world.ts";
import type { UpgradeWorld } from "../api/upgrade-world.ts";

let world: UpgradeWorld;
let activities: SubscriptionActivities;
let admin: AccountId;
let tenant: Tenant;
const rung: string[] = [];
beforeAll(async () => {
  world = await createUpgradeWorld();
  world.activities.processes.ringSubscription = ({ shopId }) => Promise.resolve(void rung.push(shopId));
  activities = createSubscriptionActivities(world.activities);
  admin = (await world.addAdmin("subscription_admin")).accountId;
});
beforeEach(async () => {
  tenant = await world.addTenant();
});
afterAll(() => world.close());

const day = 86_400_000;

/** The product's clock so many days after (negative: before) the running end. */
async function daysFromEnd<T>(days: number, work: () => Promise<T>): Promise<T> {
  const { ends_at: endsAt } = await row();
  const ms = endsAt.getTime() + days * day - Date.now();
  world.passTime(ms);
  try {
    return await work();
  } finally {
    world.passTime(-ms);
  }
}

type Row = {
  plan_code: string;
  state: string;
  starts_at: Date;
  ends_at: Date;
  scheduled_plan_code: string | null;
  scheduled_months: number;
};

async function row(): Promise<Row> {
  const { rows } = await world.owner.query<Row>("select * from subscriptions where shop_id = $1", [
    tenant.shopId,
  ]);
  const [first] = rows;
  if (first === undefined) throw new Error("no subscription");
  return first;
}

/** What of each payment is in the running period. */
async function moneyIn(): Promise<Record<string, number>> {
  const { rows } = await world.owner.query<{ plan_code: string; worth_minor: string }>(
    "select plan_code, worth_minor from plan_payments where shop_id = $1",
    [tenant.shopId],
  );
  return Object.fromEntries(rows.map((paid) => [paid.plan_code, Number(paid.worth_minor)]));
}

type Notice = { kind: string; data: { days?: number } };
async function notices(): Promise<Notice[]> {
  const { rows } = await world.owner.query<Notice>(
    "select kind, data from owner_notices where shop_id = $1 and kind like 'plan_%' order by id",
    [tenant.shopId],
  );
  return rows;
}

/** Whatever is due at this moment, as the workflow would do it. */
async function meetAll(): Promise<SubscriptionSnapshot> {
  let snapshot = await activities.loadSubscription(tenant);
  while (snapshot.next?.waitMs === 0) snapshot = await activities[snapshot.next.deadline](tenant);
  return snapshot;
}

async function pay(planCode = "growth"): Promise<void> {
  await approve(await world.addSubmitted(tenant, { planCode }));
}

type Submitted = { id: string; evidenceId: string; reference: string };

async function approve(request: Submitted): Promise<void> {
  const { outcome } = await decideUpgrade(world.activities, {
    ...refOf(tenant, request),
    name: "approveUpgrade",
    request: {
      by: { accountId: admin, apiKeyId: null },
      uploadId: uploadOf(request),
      referenceNoteId: await world.addNote(tenant, request, request.reference),
    },
  });
  expect(outcome).toBe("decided");
}

function uploadOf({ evidenceId }: Submitted): UploadId {
  const uploadId = fromTypeId<UploadId>("upl", evidenceId);
  if (uploadId === undefined) throw new TypeError(`no upload: ${evidenceId}`);
  return uploadId;
}

function decide(
  name: "scheduleDowngrade" | "cancelDowngrade",
  planCode = "starter",
): Promise<SubscriptionDecisionResult> {
  const by = { accountId: null, apiKeyId: null };
  const { shopId } = tenant;
  return name === "scheduleDowngrade"
    ? decideSubscription(world.activities, {
        shopId,
        name,
        request: { by, plan: { planCode, planVersion: 1 } },
      })
    : decideSubscription(world.activities, { shopId, name, request: { by } });
}

describe("the end of what a shop has", () => {
  test("is told 7, 3 and 1 days before, each once, however often somebody looks", async () => {
    for (const days of [-8, -7, -5, -3, -2, -1]) {
      await daysFromEnd(days, async () => {
        await meetAll();
        await activities.remindOfEnd(tenant);
      });
    }
    expect(await notices()).toEqual([
      { kind: "plan_ends_soon", data: { days: 7 } },
      { kind: "plan_ends_soon", data: { days: 3 } },
      { kind: "plan_ends_soon", data: { days: 1 } },
    ]);
  });

  test("after an outage only the nearest reminder is told", async () => {
    await daysFromEnd(-2, meetAll);
    expect(await notices()).toEqual([{ kind: "plan_ends_soon", data: { days: 2 } }]);
  });

  test("brings grace, then less, then silence, each with a notice, and nothing after it", async () => {
    for (const [days, state] of [
      [0, "grace"],
      [2, "grace"],
      [3.01, "limited"],
      [17, "limited"],
      [17.1, "suspended"],
    ] as const) {
      const snapshot = await daysFromEnd(days, meetAll);
      expect({ days, state: snapshot.state }).toEqual({ days, state });
    }
    expect((await activities.loadSubscription(tenant)).next).toBeNull();
    expect(await notices()).toEqual([
      { kind: "plan_overdue", data: { days: 3 } },
      { kind: "plan_limited", data: { days: 14 } },
      { kind: "plan_suspended", data: {} },
    ]);
    const actions = await world.auditOf(tenant.shopId);
    expect(actions.filter((action) => action.startsWith("subscription."))).toEqual([
      "subscription.grace",
      "subscription.limited",
      "subscription.suspended",
    ]);
  });

  test("is not met before it is due, nor twice at once", async () => {
    const early = await activities.endPeriod(tenant);
    expect(early.state).toBe("trial");
    await daysFromEnd(0, () => Promise.all([1, 2, 3].map(() => activities.endPeriod(tenant))));
    expect(await notices()).toHaveLength(1);
  });

  test("moves with a payment, whose process is rung: reminders begin anew, and a late one begins now", async () => {
    await daysFromEnd(-7, meetAll);
    rung.length = 0;
    await pay();
    expect(rung).toEqual([tenant.shopId]);
    await daysFromEnd(-7, meetAll);
    expect((await notices()).map(({ data }) => data.days)).toEqual([7, 7]);
    await daysFromEnd(0, meetAll);
    const { ends_at: ended } = await row();
    const request = await world.addSubmitted(tenant, { planCode: "growth" });
    await daysFromEnd(20, async () => {
      await meetAll();
      await approve(request);
    });
    const { state, starts_at: startsAt } = await row();
    expect(state).toBe("active");
    expect(startsAt.getTime()).toBeGreaterThan(ended.getTime() + 19 * day);
  });
});

test("another plan at once keeps of the earlier payment what its unused days are worth", async () => {
  await pay("starter");
  await pay("growth");
  const { rows } = await world.owner.query<{ worth: string }>(
    "select worth_minor as worth from subscriptions where shop_id = $1",
    [tenant.shopId],
  );
  const { starter = 0, growth } = await moneyIn();
  expect(growth).toBe(120_000);
  expect(starter).toBeGreaterThan(40_000);
  expect(starter).toBeLessThan(45_000);
  expect(starter + 120_000).toBe(Number(rows[0]?.worth));
});

describe("a cheaper plan for the end of what is paid", () => {
  test("is chosen, seen, and undone; a dearer one, or one in a trial, is refused", async () => {
    expect(await decide("scheduleDowngrade")).toMatchObject({ reason: "subscription.not_running" });
    await pay();
    expect(await decide("scheduleDowngrade", "business")).toMatchObject({
      reason: "subscription.not_cheaper",
    });
    expect(await decide("scheduleDowngrade")).toMatchObject({ outcome: "decided" });
    expect(await decide("scheduleDowngrade")).toMatchObject({ outcome: "already" });
    const { body } = await world.ask("GET", "/v1/subscription", { token: tenant.owner });
    expect(body).toMatchObject({
      planCode: "growth",
      scheduled: { planCode: "starter", paidMonths: 0, startsAt: body.endsAt },
    });
    expect(await decide("cancelDowngrade")).toMatchObject({ outcome: "decided" });
    expect(await decide("cancelDowngrade")).toMatchObject({ outcome: "already" });
    await daysFromEnd(0, meetAll);
    expect(await row()).toMatchObject({ plan_code: "growth", state: "grace" });
    const late = await daysFromEnd(0.1, () => decide("scheduleDowngrade"));
    expect(late).toMatchObject({ reason: "subscription.not_running" });
  });

  test("is what the plan is when nobody has paid by then", async () => {
    await pay();
    await decide("scheduleDowngrade");
    await daysFromEnd(0, meetAll);
    expect(await row()).toMatchObject({ plan_code: "starter", state: "grace", scheduled_plan_code: null });
  });

  test("is paid ahead, begins where the other ends without a reminder or a gap, and cannot be undone any more", async () => {
    await pay();
    await decide("scheduleDowngrade");
    const { ends_at: endsAt } = await row();
    await pay("starter");
    expect(await row()).toMatchObject({ plan_code: "growth", ends_at: endsAt, scheduled_months: 1 });
    expect(await decide("cancelDowngrade")).toMatchObject({ reason: "subscription.downgrade_paid" });
    await daysFromEnd(-1, meetAll);
    await daysFromEnd(0.5, meetAll);
    const begun = await row();
    expect(begun).toMatchObject({
      plan_code: "starter",
      state: "active",
      starts_at: endsAt,
      scheduled_months: 0,
    });
    expect(await moneyIn()).toEqual({ starter: 45_000, growth: 0 });
    expect(begun.ends_at.getTime()).toBeGreaterThan(endsAt.getTime() + 27 * day);
    expect(await notices()).toEqual([]);
  });
});

test("a reversal whose proposal was withdrawn meanwhile is not made anew by who confirms it", async () => {
  await pay();
  const { rows } = await world.owner.query<{ id: PlanPaymentId }>(
    "select id from plan_payments where shop_id = $1",
    [tenant.shopId],
  );
  const [payment] = rows;
  if (payment === undefined) throw new Error("nothing was paid");
  const result = await decideSubscription(world.activities, {
    shopId: tenant.shopId,
    name: "reversePlanPayment",
    request: {
      by: { accountId: admin, apiKeyId: null },
      paymentId: payment.id,
      kind: "refund",
      reasonNoteId: newId(),
      needsSecondApproval: false,
      reversalId: newId<string>(),
    },
  });
  expect(result).toMatchObject({ outcome: "refused", reason: "plan_payment.not_proposed" });
  expect(await moneyIn()).toEqual({ growth: 120_000 });
});

test("what is paid ahead keeps its credits as long as it lasts, though a renewal moves its beginning", async () => {
  await pay();
  await decide("scheduleDowngrade");
  await pay("starter");
  for (const _ of [1, 2, 3]) await pay();
  await daysFromEnd(0, meetAll);
  const { plan_code: planCode, ends_at: endsAt } = await row();
  expect(planCode).toBe("starter");
  const { rows } = await world.owner.query<{ expires_at: Date }>(
    "select expires_at from credit_grants where shop_id = $1 and credits = 1500",
    [tenant.shopId],
  );
  expect(rows).toEqual([{ expires_at: new Date(endsAt.getTime() + 3 * day) }]);
});

test("M:ONAMI-26 the owner is told of the end, of what is approved or refused, and of credits that run low", async () => {
  const refused = await world.addSubmitted(tenant);
  await decideUpgrade(world.activities, {
    ...refOf(tenant, refused),
    name: "rejectUpgrade",
    request: { by: { accountId: admin, apiKeyId: null }, uploadId: uploadOf(refused), reasonNoteId: newId() },
  });
  await pay("starter");
  const wanted = { shopId: tenant.shopId, turnId: newId<TurnId>(), upperBound: 1_200, isRetry: false };
  await world.worker.withShop(tenant.shopId, async (trx) => {
    await reserveCredits(trx, { ...wanted, willAskAgain: false, now: new Date() });
    const charge = { credits: 1_200, costMicroUsd: 1, rateVersion: 1 };
    await settleCredits(trx, { ...wanted, charge, now: new Date() });
    const next = { ...wanted, turnId: newId<TurnId>(), upperBound: 28 };
    await reserveCredits(trx, { ...next, willAskAgain: false, now: new Date() });
  });
  await daysFromEnd(-1, meetAll);
  const { rows } = await world.owner.query<{ kind: string }>(
    "select kind from owner_notices where shop_id = $1 order by created_at, id",
    [tenant.shopId],
  );
  expect(rows.map(({ kind }) => kind)).toEqual([
    "upgrade_rejected",
    "upgrade_approved",
    "credits_low",
    "plan_ends_soon",
  ]);
});
