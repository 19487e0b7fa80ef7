import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { toTypeId } from "../../domain/id.ts";
import type { AccountId } from "../../domain/id.ts";
import { createPlatformMoneyWorld } from "./platform-money-world.ts";
import type { Payable, PlatformMoneyWorld } from "./platform-money-world.ts";

let world: PlatformMoneyWorld;
let adminId: AccountId;
let admin: string;
beforeAll(async () => {
  world = await createPlatformMoneyWorld();
  ({ accountId: adminId } = await world.addAdmin("subscription_admin"));
});
// The tests pass hours.
beforeEach(async () => {
  admin = await world.openSession(adminId);
});
afterAll(() => world.close());
afterEach(async () => {
  await world.disarm();
  Object.assign(world.time, { killAt: null, isTemporalAway: false });
});

const addPlan = (planCode = "starter") => world.addPayable("/v1/upgrade-requests", { planCode });

async function shownCode(payable: Payable): Promise<string> {
  await world.look(6);
  const { payment } = await world.detail(payable);
  expect(payment, "a code that can be paid").toMatchObject({ state: "pending", code: expect.any(String) });
  return payment.code;
}

/** All that the money of a request may have done. */
async function effectsOf({ tenant, id }: Payable) {
  const [row] = await world.rows<object>(
    `select (select count(*)::int from plan_payments where shop_id = $1) as plans,
      (select count(*)::int from top_up_payments where shop_id = $1) as "topUps",
      (select coalesce(array_agg(kind order by created_at), '{}') from credit_grants where shop_id = $1) as grants,
      (select coalesce(array_agg(kind order by created_at), '{}') from owner_notices where shop_id = $1) as notices,
      (select state from upgrade_requests where shop_id = $1 and id = $2) as state`,
    [tenant.shopId, world.refOf({ tenant, id }).requestId],
  );
  return row;
}

const approvedOnce = {
  plans: 1,
  topUps: 0,
  grants: ["plan"],
  notices: ["upgrade_approved"],
  state: "approved",
};

const owed = async ({ id }: Payable) => {
  const { body } = await world.ask("GET", "/v1/admin/upgrade-money?limit=100", { token: admin });
  return body.data.filter((item: { upgradeRequestId: string }) => item.upgradeRequestId === id);
};

async function cancel({ tenant, id }: Payable) {
  const answer = await world.ask("POST", `/v1/upgrade-requests/${id}/cancel`, { token: tenant.owner });
  expect(answer.status).toBe(200);
}

async function lapse(payable: Payable) {
  const past = new Date(world.deps.clock.now().getTime() - 1_000);
  const ref = world.refOf(payable);
  await world.rows("update upgrade_requests set evidence_due_at = $2 where id = $1", [ref.requestId, past]);
  await world.upgrades.lapseUpgrade(ref);
}

describe("a request that is paid by code", () => {
  test("is approved by the provider's word alone, whatever it costs, and has its effects once", async () => {
    const payable = await addPlan("business");
    await world.pay(await shownCode(payable));
    await world.look(3);
    expect(await effectsOf(payable)).toEqual(approvedOnce);
    const { body } = await world.ask("GET", "/v1/subscription", { token: payable.tenant.owner });
    expect(body).toMatchObject({ planCode: "business", state: "active" });
    expect(await world.detail(payable)).toMatchObject({
      state: "approved",
      evidenceId: null,
      payment: { state: "paid", code: null },
    });
    await world.look(3);
    expect(await effectsOf(payable)).toEqual(approvedOnce);
  });

  test("wakes its subscription, which has a new end", async () => {
    const payable = await addPlan();
    await world.pay(await shownCode(payable));
    await world.look(3);
    expect(world.time.rung).toContain(payable.tenant.shopId);
  });

  test("grants the credits of a package once", async () => {
    const payable = await world.addPayable("/v1/top-up-requests", { topUpCode: "large" });
    await world.pay(await shownCode(payable));
    await world.look(3);
    expect(await effectsOf(payable)).toEqual({
      plans: 0,
      topUps: 1,
      grants: ["top_up"],
      notices: ["top_up_approved"],
      state: "approved",
    });
  });

  test("has one code, however often it is asked for", async () => {
    const payable = await addPlan();
    const { tenant, id } = payable;
    const ask = () => world.ask("POST", `/v1/upgrade-requests/${id}/pay`, { token: tenant.owner });
    const answers = await Promise.all([ask(), ask()]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    const code = await shownCode(payable);
    expect((await ask()).status).toBe(200);
    await world.look(2);
    expect((await world.detail(payable)).payment.code).toBe(code);
    const rows = await world.rows("select 1 from gateway_payments where shop_id = $1", [tenant.shopId]);
    expect(rows).toHaveLength(1);
  });

  test("is paid while its evidence is being checked, and no wrong reference of its owner stands in the way", async () => {
    const reference = "TRX 770077";
    const first = await world.addTenant();
    const taken = await world.addSubmitted(first, { reference });
    await world.ask("POST", `/v1/admin/upgrade-requests/${taken.id}/approve`, {
      token: admin,
      body: { evidenceId: taken.evidenceId, reference },
    });
    const payable = await addPlan();
    const code = await shownCode(payable);
    const { requestId, shopId } = world.refOf(payable);
    await world.rows(
      `update upgrade_requests set state = 'submitted', submitted_at = now(), evidence_due_at = null,
        reference_index = (select reference_index from upgrade_requests where shop_id = $3) where shop_id = $1 and id = $2`,
      [shopId, requestId, first.shopId],
    );
    await world.pay(code);
    await world.look(3);
    expect(await effectsOf(payable)).toEqual(approvedOnce);
  });

  test("whose money is owed can be paid by another code", async () => {
    const payable = await addPlan();
    await shownCode(payable);
    const { tenant, id } = payable;
    await world.rows(
      "update gateway_payments set state = 'paid', paid_minor = 1000, paid_at = now(), booked_at = now(), owed_at = now() where shop_id = $1",
      [tenant.shopId],
    );
    await world.ask("POST", `/v1/upgrade-requests/${id}/pay`, { token: tenant.owner });
    await world.pay(await shownCode(payable));
    await world.look(3);
    expect(await effectsOf(payable)).toEqual(approvedOnce);
  });

  test("is not offered in another currency, and not when nothing is awaited", async () => {
    const payable = await addPlan();
    await cancel(payable);
    const { tenant, id } = payable;
    const again = await world.ask("POST", `/v1/upgrade-requests/${id}/pay`, { token: tenant.owner });
    expect({ status: again.status, code: again.body.code }).toEqual({
      status: 409,
      code: "gateway.not_offered",
    });
    await world.rows("update upgrade_requests set state = 'draft', currency = 'USD' where shop_id = $1", [
      tenant.shopId,
    ]);
    expect(await world.detail(payable)).toMatchObject({ isPayableByCode: false });
  });

  test("while Temporal is away the money is known, and booked when it is back", async () => {
    const payable = await addPlan();
    const code = await shownCode(payable);
    world.time.isTemporalAway = true;
    await world.pay(code);
    await world.look(3);
    expect(await effectsOf(payable)).toMatchObject({ plans: 0, state: "draft" });
    world.time.isTemporalAway = false;
    await world.look(2);
    expect(await effectsOf(payable)).toEqual(approvedOnce);
  });

  const steps = [
    "gateway.claimed",
    "gateway.asking",
    "gateway.asked",
    "gateway.looked",
    "gateway.paid",
    "upgrade.money_marked",
    "upgrade.committed",
  ];
  test.each(steps)("killed at %s, goes on where it was", async (step) => {
    const payable = await addPlan();
    const isLater = steps.indexOf(step) >= steps.indexOf("gateway.looked");
    if (!isLater) world.time.killAt = step;
    const code = await shownCode(payable);
    if (isLater) world.time.killAt = step;
    await world.pay(code);
    await world.look(6);
    expect(world.time.killAt, "it was killed").toBeNull();
    expect(await effectsOf(payable)).toEqual(approvedOnce);
  });
});

describe("late money", () => {
  test("of a request that has ended finds its code closed", async () => {
    const payable = await addPlan();
    const code = await shownCode(payable);
    await cancel(payable);
    // At once, without waiting for the next look that was due.
    await world.look();
    await expect(world.pay(code)).resolves.toMatchObject({ code: "cannot_be_paid" });
  });

  test("approves a request that lapsed while it was under way", async () => {
    const payable = await addPlan();
    const code = await shownCode(payable);
    await lapse(payable);
    await world.pay(code, true);
    await world.look(3);
    expect(await effectsOf(payable)).toEqual({
      ...approvedOnce,
      notices: ["upgrade_lapsed", "upgrade_approved"],
    });
    expect(await owed(payable)).toEqual([]);
  });

  test("changes no plan that was asked for since", async () => {
    const payable = await addPlan();
    const code = await shownCode(payable);
    await lapse(payable);
    await world.addSubmitted(payable.tenant, { planCode: "growth" });
    await world.pay(code, true);
    await world.look(3);
    expect(await effectsOf(payable)).toMatchObject({ plans: 0, grants: [], state: "lapsed" });
    expect(await owed(payable)).toMatchObject([{ state: "paid", paid: { amountMinor: 45_000 } }]);
  });

  test("of a cancelled request is owed, seen by the admins and told to the owner, and given back once", async () => {
    const payable = await addPlan();
    const code = await shownCode(payable);
    await cancel(payable);
    await world.pay(code, true);
    await world.look(3);
    expect(await effectsOf(payable)).toEqual({
      plans: 0,
      topUps: 0,
      grants: [],
      notices: ["upgrade_money_owed"],
      state: "cancelled",
    });
    const [{ paymentId }] = await owed(payable);
    const giveBack = (token = admin) =>
      world.ask("POST", `/v1/admin/upgrade-requests/${payable.id}/refund-money`, {
        token,
        body: { paymentId },
      });
    const member = await world.addAdmin("subscription_admin");
    await world.addMember(payable.tenant.shopId, member.accountId, "staff");
    expect((await giveBack(member.token)).body.code).toBe("upgrade.own_shop");
    const byHand = await world.ask("POST", `/v1/admin/upgrade-requests/${payable.id}/refund-money`, {
      token: admin,
      body: { paymentId, way: "transfer" },
    });
    expect(byHand.body.code).toBe("upgrade.money_not_refused");
    const answers = await Promise.all([giveBack(), giveBack()]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    await world.look(4);
    const paid = (await world.wallet()).find((payment) => payment.code === code);
    expect(paid?.refunds).toMatchObject([{ amount: 45_000, status: "REFUND_SUCCESS" }]);
    expect(await owed(payable)).toEqual([]);
    expect((await world.detail(payable)).payment).toMatchObject({ state: "refunded", isOwed: true });
  });

  test("whose refund the provider refuses stands in the list again, and may be given back then", async () => {
    const payable = await addPlan();
    const code = await shownCode(payable);
    await cancel(payable);
    await world.pay(code, true);
    await world.look(3);
    const [{ paymentId }] = await owed(payable);
    const path = `/v1/admin/upgrade-requests/${payable.id}/refund-money`;
    const body = { Response: { result: "FAIL", code: "NO_MONEY", msg: "no money" } };
    await world.arm({ match: "refund", times: 1, status: 200, body });
    await world.ask("POST", path, { token: admin, body: { paymentId } });
    await world.look(20);
    expect(await owed(payable)).toMatchObject([{ state: "paid" }]);
    await world.disarm();
    admin = await world.openSession(adminId); // a step-up lasts ten minutes
    await world.ask("POST", path, { token: admin, body: { paymentId } });
    await world.look(4);
    expect(await owed(payable)).toEqual([]);
  });

  test("nothing of a payment that bought its plan is given back here", async () => {
    const payable = await addPlan();
    await world.pay(await shownCode(payable));
    await world.look(3);
    const [row] = await world.rows<{ id: string }>("select id from gateway_payments where shop_id = $1", [
      payable.tenant.shopId,
    ]);
    const answer = await world.ask("POST", `/v1/admin/upgrade-requests/${payable.id}/refund-money`, {
      token: admin,
      body: { paymentId: toTypeId("pay", row?.id ?? "") },
    });
    expect(answer.body.code).toBe("upgrade.money_not_owed");
  });
});
