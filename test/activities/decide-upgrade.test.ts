import { randomInt } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { decideUpgrade } from "../../activities/upgrade/decide-upgrade.ts";
import { createUpgradeActivities } from "../../activities/upgrade/index.ts";
import { platformShopId } from "../../db/accounts.ts";
import { attributeReferral } from "../../db/referrals.ts";
import { fromTypeId, newId } from "../../domain/id.ts";
import { newReferralCode } from "../../domain/referral/code.ts";
import type { AccountId, UploadId } from "../../domain/id.ts";
import { addDays, addMonths } from "../../domain/subscription/calendar.ts";
import { defaultSubscriptionTimings, defaultUpgradeTimings } from "../../domain/subscription/timings.ts";
import type { UpgradeActivities, UpgradeDecisionResult } from "../../workflows/upgrade.contract.ts";
import { createUpgradeWorld, newReference, refOf } from "../api/upgrade-world.ts";
import type { UpgradeWorld } from "../api/upgrade-world.ts";
import type { Tenant } from "../api/owner-world.ts";

let world: UpgradeWorld;
let activities: UpgradeActivities;
let admins: AccountId[];
beforeAll(async () => {
  world = await createUpgradeWorld();
  activities = createUpgradeActivities(world.activities);
  admins = [];
  for (const _ of [1, 2]) admins.push((await world.addAdmin("subscription_admin")).accountId);
});
afterAll(() => world.close());

type Request = { id: string; evidenceId: string; reference: string };

/** `reference`: what the approver reads on the proof. */
async function approve(
  tenant: Tenant,
  request: Request,
  admin = 0,
  reference = request.reference,
): Promise<UpgradeDecisionResult> {
  return decideUpgrade(world.activities, {
    ...refOf(tenant, request),
    name: "approveUpgrade",
    request: {
      by: { accountId: admins[admin] ?? null, apiKeyId: null },
      uploadId: uploadOf(request),
      referenceNoteId: await world.addNote(tenant, request, reference),
    },
  });
}

function uploadOf({ evidenceId }: Pick<Request, "evidenceId">): UploadId {
  const uploadId = fromTypeId<UploadId>("upl", evidenceId);
  if (uploadId === undefined) throw new TypeError(`no upload: ${evidenceId}`);
  return uploadId;
}

async function rowsOf<Row>(tenant: Tenant, what: string): Promise<Row[]> {
  return (await world.owner.query(`select ${what} where shop_id = $1`, [tenant.shopId])).rows as Row[];
}

const paymentsOf = (tenant: Tenant) =>
  rowsOf<{ amount_minor: string }>(tenant, "amount_minor from plan_payments");
async function activationsOf(tenant: Tenant): Promise<number> {
  const actions = await world.auditOf(tenant.shopId);
  return actions.filter((action) => action === "subscription.activated").length;
}
function afterGrace(endsAt = new Date(0)): Date {
  return new Date(endsAt.getTime() + defaultSubscriptionTimings.graceMs);
}
async function subscriptionOf(tenant: Tenant) {
  const [row] = await rowsOf<{
    plan_code: string;
    state: string;
    starts_at: Date;
    ends_at: Date;
    version: number;
  }>(tenant, "plan_code, state, starts_at, ends_at, version from subscriptions");
  return row;
}

describe("an approval", () => {
  test("of two at once moves the end date once, books one payment and activates once", async () => {
    const tenant = await world.addTenant();
    const request = await world.addSubmitted(tenant);
    const answers = await Promise.all([approve(tenant, request, 0), approve(tenant, request, 1)]);
    expect(answers.map(({ outcome }) => outcome).toSorted()).toEqual(["already", "decided"]);
    expect(await paymentsOf(tenant)).toEqual([{ amount_minor: "45000" }]);
    expect(await activationsOf(tenant)).toBe(1);
    const { starts_at: startsAt, ends_at: endsAt, ...rest } = (await subscriptionOf(tenant)) ?? {};
    expect(rest).toEqual({ plan_code: "starter", state: "active", version: 2 });
    expect(endsAt).toEqual(addMonths(startsAt ?? new Date(0), 1, "Asia/Yangon"));
  });

  test("grants the plan's credits once, a renewal's at once as well, until the grace after what is paid for is over", async () => {
    const tenant = await world.addTenant();
    const request = await world.addSubmitted(tenant);
    for (const admin of [0, 1]) await approve(tenant, request, admin);
    const first = await subscriptionOf(tenant);
    await approve(tenant, await world.addSubmitted(tenant));
    const renewed = await subscriptionOf(tenant);
    const grants = "kind, credits, expires_at, effective_at = created_at as at_once from credit_grants";
    expect(await rowsOf(tenant, grants)).toEqual([
      { kind: "plan", credits: "1500", expires_at: afterGrace(first?.ends_at), at_once: true },
      { kind: "plan", credits: "1500", expires_at: afterGrace(renewed?.ends_at), at_once: true },
    ]);
  });

  /** Who was brought by somebody, and has asked for a plan or for credits. */
  async function addReferred(wanted: { topUpCode?: string } = {}) {
    const referrer = await world.addAccount();
    const tenant = await world.addTenant();
    const request = await world.addSubmitted(tenant, wanted);
    const code = newReferralCode(randomInt);
    await world.owner.query(
      `insert into referral_participants (id, account_id, code, terms_version, joined_at, created_at)
        values ($1, $2, $3, 1, now(), now())`,
      [newId<string>(), referrer.accountId, code],
    );
    const accountId = await world.requesterOf(tenant, request);
    const { outcome } = await world.deps.db.withShopSerialisable(platformShopId, (trx) =>
      attributeReferral(trx, { accountId, code, source: "sign_up", now: world.deps.clock.now() }),
    );
    expect(outcome).toBe("attributed");
    return { referrer, tenant, request };
  }

  test("earns one commission for who brought the payer, and nothing before it does", async () => {
    const { referrer, tenant, request } = await addReferred();
    const commissionsOf = async () => {
      const { rows } = await world.owner.query(
        `select c.level, c.amount_minor, c.currency, c.state, a.account_id from commissions c
          join referral_participants a on a.id = c.beneficiary_id where c.payer_shop_id = $1`,
        [tenant.shopId],
      );
      return rows as object[];
    };
    expect(await commissionsOf()).toEqual([]);
    await Promise.all([approve(tenant, request, 0), approve(tenant, request, 1)]);
    expect(await commissionsOf()).toEqual([
      { level: 1, amount_minor: "4500", currency: "MMK", state: "pending", account_id: referrer.accountId },
    ]);
  });

  test("of credits earns nobody a commission", async () => {
    const { tenant, request } = await addReferred({ topUpCode: "small" });
    expect(await approve(tenant, request)).toMatchObject({ snapshot: { state: "approved" } });
    const { rows } = await world.owner.query("select 1 from commissions where payer_shop_id = $1", [
      tenant.shopId,
    ]);
    expect(rows).toEqual([]);
  });

  test("is not for who brought the requester to give", async () => {
    const { referrer, tenant, request } = await addReferred();
    await world.grant(referrer.accountId, ["subscription_admin"]);
    admins.push(referrer.accountId);
    expect(await approve(tenant, request, admins.length - 1)).toMatchObject({
      outcome: "refused",
      reason: "upgrade.related",
    });
  });

  test("M:ONAMI-28 is what activates: nothing before it does, and no evidence that was not looked at", async () => {
    const tenant = await world.addTenant();
    const request = await world.addSubmitted(tenant);
    expect(await subscriptionOf(tenant)).toMatchObject({ plan_code: "trial", state: "trial" });
    const { evidenceId } = await world.addSubmitted(await world.addTenant());
    expect(await approve(tenant, { ...request, evidenceId })).toMatchObject({
      outcome: "refused",
      reason: "upgrade.evidence_changed",
    });
    expect(await subscriptionOf(tenant)).toMatchObject({ plan_code: "trial", state: "trial" });
    await approve(tenant, request);
    const active = await subscriptionOf(tenant);
    expect(active).toMatchObject({ plan_code: "starter", state: "active" });
    expect(active?.ends_at).toEqual(addMonths(active?.starts_at ?? new Date(0), 1, "Asia/Yangon"));
  });

  test("above the amount needs a second admin, and the first cannot be both", async () => {
    const tenant = await world.addTenant();
    const request = await world.addSubmitted(tenant, { planCode: "business" });
    expect(await approve(tenant, request, 0)).toMatchObject({
      outcome: "decided",
      snapshot: { state: "submitted" },
    });
    expect(await approve(tenant, request, 0)).toMatchObject({
      outcome: "already",
      snapshot: { state: "submitted" },
    });
    expect(await paymentsOf(tenant)).toEqual([]);
    expect(await approve(tenant, request, 1)).toMatchObject({
      outcome: "decided",
      snapshot: { state: "approved" },
    });
    expect(await paymentsOf(tenant)).toEqual([{ amount_minor: "350000" }]);
    const decided = (await world.auditRowsOf(tenant.shopId)).filter(
      ({ actor_kind: kind }) => kind === "admin",
    );
    expect(decided.map(({ action, actor_id: by }) => ({ action, by }))).toEqual([
      { action: "upgrade.approved_first", by: admins[0] },
      { action: "upgrade.approved", by: admins[1] },
    ]);
  });

  test("takes one transfer once for all shops, and leaves nothing of what it refused", async () => {
    const reference = newReference();
    const [first, second] = [await world.addTenant(), await world.addTenant()];
    const paid = await world.addSubmitted(first, { reference });
    const copied = await world.addSubmitted(second, { reference: reference.toLowerCase() });
    await approve(first, paid);
    expect(await approve(second, copied)).toMatchObject({
      outcome: "refused",
      reason: "upgrade.reference_taken",
      snapshot: { state: "submitted" },
    });
    expect(await paymentsOf(second)).toEqual([]);
    expect(await subscriptionOf(second)).toMatchObject({ plan_code: "trial" });
  });

  test("goes by the reference that the approver reads, not by what the requester wrote", async () => {
    const reference = newReference();
    const [first, second] = [await world.addTenant(), await world.addTenant()];
    const paid = await world.addSubmitted(first, { reference });
    const invented = await world.addSubmitted(second);
    await approve(first, paid);
    expect(await approve(second, invented, 0, reference)).toMatchObject({
      outcome: "refused",
      reason: "upgrade.reference_taken",
    });
    expect(await paymentsOf(second)).toEqual([]);
    expect(await approve(second, invented, 0, newReference())).toMatchObject({ outcome: "decided" });
    const differing = "reference_differs from upgrade_requests";
    expect(await rowsOf(first, differing)).toEqual([{ reference_differs: false }]);
    expect(await rowsOf(second, differing)).toEqual([{ reference_differs: true }]);
    const data = "data from audit_events where action = 'upgrade.approved' and shop_id = $1";
    const { rows } = await world.owner.query(`select ${data}`, [second.shopId]);
    expect(rows).toMatchObject([{ data: { referenceDiffers: true } }]);
  });

  test("needs a reference that tells payments apart", async () => {
    const tenant = await world.addTenant();
    const request = await world.addSubmitted(tenant);
    expect(await approve(tenant, request, 0, "12")).toMatchObject({
      outcome: "refused",
      reason: "upgrade.reference_unusable",
    });
  });

  test("of two, both must have read the same reference", async () => {
    const tenant = await world.addTenant();
    const request = await world.addSubmitted(tenant, { planCode: "business" });
    const onProof = newReference();
    expect(await approve(tenant, request, 0, onProof)).toMatchObject({ outcome: "decided" });
    expect(await approve(tenant, request, 1)).toMatchObject({
      outcome: "refused",
      reason: "upgrade.approvals_differ",
    });
    expect(await approve(tenant, request, 1, onProof)).toMatchObject({ snapshot: { state: "approved" } });
  });

  test("renews without a gap, and another plan keeps the unused days by their worth", async () => {
    const tenant = await world.addTenant();
    await approve(tenant, await world.addSubmitted(tenant));
    const before = await subscriptionOf(tenant);
    await approve(tenant, await world.addSubmitted(tenant));
    const renewed = await subscriptionOf(tenant);
    expect(renewed?.starts_at).toEqual(before?.starts_at);
    expect(renewed?.ends_at).toEqual(addMonths(before?.ends_at ?? new Date(0), 1, "Asia/Yangon"));
    await approve(tenant, await world.addSubmitted(tenant, { planCode: "growth" }));
    const moved = await subscriptionOf(tenant);
    const plain = addMonths(moved?.starts_at ?? new Date(0), 1, "Asia/Yangon");
    const keptDays = ((moved?.ends_at.getTime() ?? 0) - plain.getTime()) / 86_400_000;
    expect(moved?.plan_code).toBe("growth");
    expect(keptDays).toBeGreaterThan(18); // nearly all of 90,000 at about 4,000 a day
    expect(keptDays).toBeLessThan(24);
  });
});

describe("an approval of a package of credits", () => {
  test("grants its credits once, for a year, and leaves the plan as it is", async () => {
    const tenant = await world.addTenant();
    const request = await world.addSubmitted(tenant, { topUpCode: "medium" });
    const before = await subscriptionOf(tenant);
    const answers = await Promise.all([approve(tenant, request, 0), approve(tenant, request, 1)]);
    expect(answers.map(({ outcome }) => outcome).toSorted()).toEqual(["already", "decided"]);
    const [grant, ...others] = await rowsOf<{ effective_at: Date; expires_at: Date }>(
      tenant,
      "kind, credits, priority, effect_key, effective_at, expires_at from credit_grants",
    );
    expect(others).toEqual([]);
    const { requestId } = refOf(tenant, request);
    expect(grant).toMatchObject({
      kind: "top_up",
      credits: "2000",
      priority: 40,
      effect_key: `top_up:${requestId}`,
      expires_at: addDays(grant?.effective_at ?? new Date(0), 365, "Asia/Yangon"),
    });
    expect(await rowsOf(tenant, "top_up_code, amount_minor from top_up_payments")).toEqual([
      { top_up_code: "medium", amount_minor: "70000" },
    ]);
    expect(await paymentsOf(tenant)).toEqual([]);
    expect(await subscriptionOf(tenant)).toEqual(before);
    expect(await rowsOf(tenant, "kind from owner_notices")).toEqual([{ kind: "top_up_approved" }]);
  });

  test("above the amount needs a second admin as well", async () => {
    const tenant = await world.addTenant();
    const request = await world.addSubmitted(tenant, { topUpCode: "large" });
    expect(await approve(tenant, request, 0)).toMatchObject({ snapshot: { state: "submitted" } });
    expect(await rowsOf(tenant, "kind from credit_grants")).toEqual([]);
    expect(await approve(tenant, request, 1)).toMatchObject({ snapshot: { state: "approved" } });
    expect(await rowsOf(tenant, "kind from credit_grants")).toEqual([{ kind: "top_up" }]);
  });
});

describe("a deadline", () => {
  const hour = 60 * 60_000;
  async function after<T>(ms: number, work: () => Promise<T>): Promise<T> {
    world.passTime(ms);
    try {
      return await work();
    } finally {
      world.passTime(-ms);
    }
  }

  test("that is not due changes nothing, and one that is met is met once", async () => {
    const tenant = await world.addTenant();
    const request = await world.addSubmitted(tenant);
    const ref = refOf(tenant, request);
    expect(await activities.remindOfUpgrade(ref)).toMatchObject({ next: { deadline: "remindOfUpgrade" } });
    await after(13 * hour, async () => {
      const reminded = await activities.remindOfUpgrade(ref);
      expect(reminded).toMatchObject({ next: { deadline: "escalateUpgrade" } });
      expect((await activities.remindOfUpgrade(ref)).rowVersion).toBe(reminded.rowVersion);
    });
  });

  test("mails those who may decide when it reminds, and when it escalates", async () => {
    const [tenant, { accountId }] = [await world.addTenant(), await world.addAdmin("subscription_admin")];
    const ref = refOf(tenant, await world.addSubmitted(tenant));
    await after(8 * 24 * hour, async () => {
      for (const meet of [activities.remindOfUpgrade, activities.escalateUpgrade]) await meet(ref);
    });
    const { rows } = await world.owner.query("select kind from mails where account_id = $1 order by id", [
      accountId,
    ]);
    expect(rows).toEqual([{ kind: "upgrade_waits" }, { kind: "upgrade_waits_long" }]);
  });

  test("lapses what nobody decided, tells its owner, and an approval comes too late then", async () => {
    const tenant = await world.addTenant();
    const request = await world.addSubmitted(tenant);
    const ref = refOf(tenant, request);
    await after(8 * 24 * hour, async () => {
      for (const meet of [activities.remindOfUpgrade, activities.escalateUpgrade, activities.lapseUpgrade])
        await meet(ref);
      expect(await approve(tenant, request)).toMatchObject({
        outcome: "refused",
        reason: "upgrade.lapsed",
      });
    });
    expect(await paymentsOf(tenant)).toEqual([]);
    expect(await rowsOf(tenant, "kind from owner_notices")).toEqual([{ kind: "upgrade_lapsed" }]);
  });

  test("purges the evidence on time: rows, bytes and key; what was paid stays", async () => {
    const tenant = await world.addTenant();
    const request = await world.addSubmitted(tenant);
    const ref = refOf(tenant, request);
    await approve(tenant, request);
    const early = await activities.purgeUpgradeEvidence(ref);
    expect(early.next?.waitMs).toBeGreaterThan(defaultUpgradeTimings.purgeAfterMs - hour);
    expect(await rowsOf(tenant, "id from upgrade_uploads")).toHaveLength(1);

    await after(defaultUpgradeTimings.purgeAfterMs, async () => {
      expect(await activities.purgeUpgradeEvidence(ref)).toMatchObject({ state: "approved", next: null });
      expect(await activities.purgeUpgradeEvidence(ref)).toMatchObject({ next: null });
    });
    for (const table of ["upgrade_uploads", "upgrade_notes", "loose_objects"])
      expect({ [table]: await rowsOf(tenant, `shop_id from ${table}`) }).toEqual({ [table]: [] });
    const keys = await rowsOf<{ purpose: string }>(tenant, "purpose from subject_keys");
    expect(keys).toEqual([{ purpose: "secret" }]); // the shop's own
    await expect(world.deps.objects.get(uploadOf(request) as never, Buffer.alloc(32))).rejects.toThrow(
      "object.missing",
    );
    expect(await paymentsOf(tenant)).toHaveLength(1);
    const { body } = await world.ask("GET", `/v1/upgrade-requests/${request.id}`, { token: tenant.owner });
    expect(body).toMatchObject({ state: "approved", evidenceId: null, picture: null });
  });

  test("the worker destroys keys of requests, and no others", async () => {
    const tenant = await world.addTenant();
    await world.worker.withShop(tenant.shopId, (trx) =>
      trx.deleteFrom("subject_keys").where("shop_id", "=", tenant.shopId).execute(),
    );
    expect(await rowsOf(tenant, "purpose from subject_keys")).toEqual([{ purpose: "secret" }]);
  });
});
