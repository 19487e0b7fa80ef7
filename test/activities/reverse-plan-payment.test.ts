import { randomInt, randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";

import { platformShopId } from "../../db/accounts.ts";
import { attributeReferral } from "../../db/referrals.ts";
import { reserveCredits, settleCredits } from "../../db/credits.ts";
import { newId, toTypeId } from "../../domain/id.ts";
import type { TurnId } from "../../domain/id.ts";
import { newReferralCode } from "../../domain/referral/code.ts";
import type { Answer, Tenant } from "../api/owner-world.ts";
import { createUpgradeWorld } from "../api/upgrade-world.ts";
import type { UpgradeWorld } from "../api/upgrade-world.ts";

let world: UpgradeWorld;
let tenant: Tenant;
let admins: string[];
beforeAll(async () => {
  world = await createUpgradeWorld();
  admins = [];
  for (const _ of [1, 2]) admins.push((await world.addAdmin("subscription_admin")).token);
});
beforeEach(async () => {
  tenant = await world.addTenant();
});
afterAll(() => world.close());

type Submitted = { id: string; evidenceId: string; reference: string };

async function approve({ id, ...body }: Submitted, token = admins[0]): Promise<void> {
  const answer = await world.ask("POST", `/v1/admin/upgrade-requests/${id}/approve`, {
    ...(token === undefined ? {} : { token }),
    body: { evidenceId: body.evidenceId, reference: body.reference },
  });
  expect(answer.status).toBe(200);
}

/** Pays for a plan; answers the payment's id, which an admin finds by the shop. */
async function pay(planCode: string): Promise<string> {
  const request = await world.addSubmitted(tenant, { planCode });
  await approve(request);
  if (planCode === "business") await approve(request, admins[1]);
  const shopId = toTypeId("shop", tenant.shopId);
  const { body } = await world.ask("GET", `/v1/admin/plan-payments?shopId=${shopId}`, {
    token: admins[0] ?? "",
  });
  return body.data[0].id;
}

type Word = { by?: string | undefined; kind?: string; reason?: string; key?: string };

function reverse(paymentId: string, word: Word = {}): Promise<Answer> {
  const {
    by = admins[0],
    kind = "refund",
    reason = "The owner was charged twice.",
    key = randomUUID(),
  } = word;
  return world.ask("POST", `/v1/admin/plan-payments/${paymentId}/reverse`, {
    token: by ?? "",
    body: { kind, reason },
    headers: { "idempotency-key": key },
  });
}

async function rowsOf<Row>(what: string): Promise<Row[]> {
  return (await world.owner.query(`select ${what} where shop_id = $1`, [tenant.shopId])).rows as Row[];
}

/** What must have happened once. */
async function effects() {
  const [credits] = await rowsOf<{ left: string; reversed: string }>(
    "coalesce(sum(available), 0) as left, count(reversed_at) as reversed from credit_grants",
  );
  const notices = await rowsOf<{ kind: string }>("kind from owner_notices");
  const actions = await world.auditOf(tenant.shopId);
  return {
    creditsLeft: Number(credits?.left),
    grantsReversed: Number(credits?.reversed),
    notices: notices.filter(({ kind }) => kind === "plan_reversed").length,
    events: actions.filter((action) => action === "plan_payment.reversed").length,
  };
}

async function endOf(): Promise<number> {
  const [row] = await rowsOf<{ ends_at: Date }>("ends_at from subscriptions");
  return row?.ends_at.getTime() ?? 0;
}

test("takes back what the payment has bought, once, however often and by how many it is said", async () => {
  const paymentId = await pay("starter");
  const answers = await Promise.all([
    reverse(paymentId),
    reverse(paymentId, { by: admins[1], kind: "chargeback" }),
    reverse(paymentId, { by: admins[1] }),
  ]);
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
  expect(answers[0]?.body.reversal).toMatchObject({ state: "done" });
  expect(await effects()).toEqual({ creditsLeft: 0, grantsReversed: 1, notices: 1, events: 1 });
  expect(await endOf()).toBeLessThanOrEqual(Date.now());
  expect((await reverse(paymentId)).status).toBe(200);
  expect(await effects()).toMatchObject({ grantsReversed: 1, notices: 1, events: 1 });
});

test("leaves what other payments have bought: a renewal goes back to the end before it", async () => {
  await pay("starter");
  const before = await endOf();
  const second = await pay("starter");
  expect(await endOf()).toBeGreaterThan(before);
  await reverse(second);
  // A month may be longer than the other: their days are worth the same.
  expect(Math.abs((await endOf()) - before)).toBeLessThanOrEqual(2 * 86_400_000);
  expect(await effects()).toMatchObject({ creditsLeft: 1_500, grantsReversed: 1 });
});

test("M:MIKY-26 an account's plan, its subscription and its credits are one book: paid, used, renewed, taken back", async () => {
  await pay("starter");
  const turn = { shopId: tenant.shopId, turnId: newId<TurnId>(), isRetry: false, willAskAgain: false };
  const now = world.deps.clock.now();
  await world.worker.withShop(tenant.shopId, async (trx) => {
    await reserveCredits(trx, { ...turn, upperBound: 100, now });
    await settleCredits(trx, { ...turn, charge: { credits: 100, costMicroUsd: 1, rateVersion: 1 }, now });
  });
  const once = await endOf();
  const renewal = await pay("starter");
  const read = async (path: string) => (await world.ask("GET", path, { token: tenant.owner })).body;
  expect(await read("/v1/subscription")).toMatchObject({ planCode: "starter", state: "active" });
  expect(await endOf()).toBeGreaterThan(once);
  expect(await read("/v1/credits")).toMatchObject({ available: 2_900 });
  await reverse(renewal);
  expect(Math.abs((await endOf()) - once)).toBeLessThanOrEqual(2 * 86_400_000);
  expect(await read("/v1/credits")).toMatchObject({
    available: 1_400,
    grants: [{ kind: "plan", granted: 1_500 }],
  });
  const { data } = await read("/v1/credit-lines");
  expect(data.map(({ kind, credits }: { kind: string; credits: number }) => [kind, credits])).toEqual([
    ["reversed", 1_500],
    ["granted", 1_500],
    ["used", 100],
    ["granted", 1_500],
  ]);
});

test("takes a plan that is paid ahead out again, and leaves what runs as it is", async () => {
  await pay("growth");
  const before = await endOf();
  await world.ask("POST", "/v1/subscription/schedule-downgrade", {
    token: tenant.owner,
    body: { planCode: "starter" },
  });
  await reverse(await pay("starter"));
  expect(await endOf()).toBe(before);
  const { body } = await world.ask("GET", "/v1/subscription", { token: tenant.owner });
  expect(body).toMatchObject({ planCode: "growth", scheduled: { planCode: "starter", paidMonths: 0 } });
});

test("above the amount it is proposed, and happens when another admin says the same", async () => {
  const paymentId = await pay("business");
  const proposed = await reverse(paymentId, { kind: "chargeback" });
  expect(proposed.body.reversal).toMatchObject({ state: "proposed", approvedBy: null });
  expect((await reverse(paymentId)).body.reversal).toMatchObject({ state: "proposed" });
  expect(await effects()).toMatchObject({ creditsLeft: 20_000, notices: 0, events: 0 });
  const other = await reverse(paymentId, { by: admins[1], kind: "refund" });
  expect({ status: other.status, code: other.body.code }).toEqual({
    status: 409,
    code: "plan_payment.other_reversal",
  });
  const done = await reverse(paymentId, { by: admins[1], kind: "chargeback" });
  expect(done.body.reversal).toMatchObject({ kind: "chargeback", state: "done" });
  expect(done.body.reversal.approvedBy).not.toBe(done.body.reversal.proposedBy);
  expect(await effects()).toMatchObject({ creditsLeft: 0, notices: 1, events: 1 });
});

test("commissions of the payment are taken back by negative lines, and who earns them decides nothing", async () => {
  const referrer = await world.addAccount();
  const request = await world.addSubmitted(tenant, { planCode: "starter" });
  const code = newReferralCode(randomInt);
  await world.owner.query(
    `insert into referral_participants (id, account_id, code, terms_version, joined_at, created_at)
      values ($1, $2, $3, 1, now(), now())`,
    [newId<string>(), referrer.accountId, code],
  );
  const accountId = await world.requesterOf(tenant, request);
  await world.deps.db.withShopSerialisable(platformShopId, (trx) =>
    attributeReferral(trx, { accountId, code, source: "sign_up", now: world.deps.clock.now() }),
  );
  await approve(request);
  const { body } = await world.ask("GET", "/v1/admin/plan-payments?limit=1", { token: admins[0] ?? "" });
  await world.grant(referrer.accountId, ["subscription_admin"]);
  const related = await reverse(body.data[0].id, { by: await world.openSession(referrer.accountId) });
  expect({ status: related.status, code: related.body.code }).toEqual({
    status: 403,
    code: "upgrade.related",
  });
  await Promise.all([reverse(body.data[0].id), reverse(body.data[0].id, { by: admins[1] })]);
  const lines = await world.owner.query(
    "select kind, amount_minor from commissions where payer_shop_id = $1 order by created_at, id",
    [tenant.shopId],
  );
  expect(lines.rows).toEqual([
    { kind: "earning", amount_minor: "4500" },
    { kind: "reversal", amount_minor: "-4500" },
  ]);
});

test("the same key gets the same answer; the look and the reason are for admins, sealed and written down", async () => {
  const paymentId = await pay("starter");
  const key = randomUUID();
  const [first, again] = [await reverse(paymentId, { key }), await reverse(paymentId, { key })];
  expect(again.headers.get("idempotent-replayed")).toBe("true");
  expect(again.body).toEqual(first.body);
  const view = await world.ask("GET", `/v1/admin/plan-payments/${paymentId}`, { token: admins[1] ?? "" });
  expect(view.body).toMatchObject({
    reason: "The owner was charged twice.",
    subscription: { planCode: "starter" },
  });
  const [note] = await rowsOf<{ body: Buffer }>("body from plan_reversal_notes");
  expect(note?.body.toString("utf8")).not.toContain("charged");
  expect(await world.auditOf(tenant.shopId)).toContain("plan_payment.viewed");
});

test("whoever only looks after the books sees a payment, and takes none back", async () => {
  const paymentId = await pay("starter");
  const { token: auditor } = await world.addAdmin("auditor");
  const view = await world.ask("GET", `/v1/admin/plan-payments/${paymentId}`, { token: auditor });
  expect(view.status).toBe(200);
  expect((await reverse(paymentId, { by: auditor })).body.code).toBe("scope.missing");
  expect(await effects()).toMatchObject({ grantsReversed: 0, events: 0 });
});
