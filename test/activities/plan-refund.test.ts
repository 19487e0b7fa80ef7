import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { reserveCredits, settleCredits } from "../../db/credits.ts";
import { newId, toTypeId } from "../../domain/id.ts";
import type { TurnId } from "../../domain/id.ts";
import type { Answer, Tenant } from "../api/owner-world.ts";
import { createPlatformMoneyWorld } from "./platform-money-world.ts";
import type { PlatformMoneyWorld } from "./platform-money-world.ts";

let world: PlatformMoneyWorld;
let admin: string;
beforeAll(async () => {
  world = await createPlatformMoneyWorld();
});
// The tests pass hours, and a step-up lasts ten minutes.
beforeEach(async () => {
  ({ token: admin } = await world.addAdmin("subscription_admin"));
});
afterAll(() => world.close());

const base = "/v1/admin/plan-payments";
const reason = "The owner was charged twice.";

/** Of a tenant the one payment, as admins see it. */
async function paymentOf({ shopId }: Tenant): Promise<Answer["body"]> {
  const { body } = await world.ask("GET", `${base}?shopId=${toTypeId("shop", shopId)}`, { token: admin });
  return body.data[0];
}

async function payByCode(path = "/v1/upgrade-requests", body: object = { planCode: "starter" }) {
  const payable = await world.addPayable(path, body);
  await world.look(6);
  const { payment } = await world.detail(payable);
  await world.pay(payment.code);
  await world.look(3);
  ({ token: admin } = await world.addAdmin("subscription_admin"));
  return {
    ...payable,
    code: payment.code as string,
    paymentId: (await paymentOf(payable.tenant)).id as string,
  };
}

async function payByTransfer(
  options: { planCode?: string; topUpCode?: string } = {},
  approvers: readonly string[] = [admin],
) {
  const tenant = await world.addTenant();
  const { id, evidenceId, reference } = await world.addSubmitted(tenant, options);
  const body = { evidenceId, reference };
  for (const token of approvers) {
    await world.ask("POST", `/v1/admin/upgrade-requests/${id}/approve`, { token, body });
  }
  return { tenant, id, paymentId: (await paymentOf(tenant)).id as string };
}

function reverse(paymentId: string, kind = "refund", token = admin): Promise<Answer> {
  return world.ask("POST", `${base}/${paymentId}/reverse`, { token, body: { kind, reason } });
}

function recordRefund(paymentId: string, token = admin): Promise<Answer> {
  const body = { reference: "TRX 9944" };
  return world.ask("POST", `${base}/${paymentId}/record-refund`, { token, body });
}

async function refundsAt(code: string) {
  return (await world.wallet()).find((payment) => payment.code === code)?.refunds ?? [];
}

async function owed(id: string) {
  const { body } = await world.ask("GET", "/v1/admin/upgrade-money?limit=100", { token: admin });
  return body.data.filter((item: { upgradeRequestId: string }) => item.upgradeRequestId === id);
}

const listed = async (waiting: string): Promise<string[]> => {
  const { body } = await world.ask("GET", `${base}?limit=100&waiting=${waiting}`, { token: admin });
  return body.data.map(({ id }: { id: string }) => id);
};

const notesOf = async ({ shopId }: Tenant) =>
  (await world.rows("select id from plan_reversal_notes where shop_id = $1", [shopId])).length;

describe("a refund of what was paid by code", () => {
  test("goes back through the provider once, however often it is said and though the answer is lost", async () => {
    const { paymentId, code, id, tenant } = await payByCode();
    const answers = await Promise.all([reverse(paymentId), reverse(paymentId)]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    expect((await paymentOf(tenant)).reversal).toMatchObject({ refund: { way: "gateway", doneAt: null } });
    expect(await owed(id)).toMatchObject([{ state: "refunding", paid: { amountMinor: 45_000 } }]);
    world.time.killAt = "refund.asked";
    await world.look(6);
    expect(world.time.killAt, "it was killed").toBeNull();
    expect(await refundsAt(code)).toMatchObject([{ amount: 45_000, status: "REFUND_SUCCESS" }]);
    expect(await owed(id)).toEqual([]);
    expect((await paymentOf(tenant)).reversal.refund.doneAt).not.toBeNull();
    expect(
      (await recordRefund(paymentId, (await world.addAdmin("subscription_admin")).token)).body.code,
    ).toBe("plan_payment.nothing_owed");
  });

  test("that the provider refuses is owed, and given back when an admin asks again", async () => {
    const { paymentId, code, id, tenant } = await payByCode();
    await reverse(paymentId);
    const body = { Response: { result: "FAIL", code: "NO_MONEY", msg: "no money" } };
    await world.arm({ match: "refund", times: 1, status: 200, body });
    await world.look(20);
    await world.disarm();
    ({ token: admin } = await world.addAdmin("subscription_admin"));
    const [item] = await owed(id);
    expect(item).toMatchObject({ state: "paid" });
    const again = { token: admin, body: { paymentId: item.paymentId } };
    await world.ask("POST", `/v1/admin/upgrade-requests/${id}/refund-money`, again);
    await world.look(4);
    expect((await refundsAt(code)).filter(({ status }) => status === "REFUND_SUCCESS")).toHaveLength(1);
    expect((await paymentOf(tenant)).reversal.refund.doneAt).not.toBeNull();
  });

  test("that the provider refuses for good is transferred by hand, and only then, and once", async () => {
    const { paymentId, code, id, tenant } = await payByCode();
    const byHand = async () => {
      const { token } = await world.addAdmin("subscription_admin");
      const [item] = await world.rows<{ id: string }>("select id from gateway_payments where shop_id = $1", [
        tenant.shopId,
      ]);
      const body = { paymentId: toTypeId("pay", item?.id ?? ""), way: "transfer" };
      return world.ask("POST", `/v1/admin/upgrade-requests/${id}/refund-money`, { token, body });
    };
    await reverse(paymentId);
    expect((await byHand()).status, "on its way: nothing is done").toBe(200);
    await world.arm({
      match: "refund",
      times: 1,
      status: 200,
      body: { Response: { result: "FAIL", code: "NO_MONEY", msg: "no money" } },
    });
    await world.look(20);
    await world.disarm();
    ({ token: admin } = await world.addAdmin("subscription_admin"));
    expect(await owed(id)).toMatchObject([{ state: "paid", problem: "NO_MONEY" }]);
    const answers = await Promise.all([byHand(), byHand()]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    await world.look(3);
    expect(await owed(id)).toEqual([]);
    expect((await refundsAt(code)).filter(({ status }) => status === "REFUND_SUCCESS")).toEqual([]);
    expect((await paymentOf(tenant)).reversal.refund.doneAt).not.toBeNull();
    const actions = await world.auditOf(tenant.shopId);
    expect(actions.filter((action) => action === "upgrade.money_transferred_back")).toHaveLength(1);
  });

  test("is none when the provider took the money itself", async () => {
    const { paymentId, code, id } = await payByCode();
    expect((await reverse(paymentId, "chargeback")).body.reversal).toMatchObject({
      state: "done",
      refund: null,
    });
    await world.look(3);
    expect(await refundsAt(code)).toEqual([]);
    expect(await owed(id)).toEqual([]);
  });
});

describe("a refund of what came by transfer", () => {
  test("is owed until an admin records the transfer back, once, whose number is sealed", async () => {
    const { paymentId, tenant } = await payByTransfer();
    expect((await reverse(paymentId)).body.reversal.refund).toMatchObject({ way: "transfer", doneAt: null });
    expect(await listed("owed")).toContain(paymentId);
    const member = await world.addAdmin("subscription_admin");
    await world.addMember(tenant.shopId, member.accountId, "staff");
    expect((await recordRefund(paymentId, member.token)).body.code).toBe("upgrade.own_shop");
    const answers = await Promise.all([recordRefund(paymentId), recordRefund(paymentId)]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    expect(await listed("owed")).not.toContain(paymentId);
    const { body } = await world.ask("GET", `${base}/${paymentId}`, { token: admin });
    expect(body).toMatchObject({ reason, refundReference: "TRX 9944" });
    expect(body.reversal.refund.doneAt).not.toBeNull();
    const actions = await world.auditOf(tenant.shopId);
    expect(actions.filter((action) => action === "plan_payment.transferred_back")).toHaveLength(1);
    const sealed = await world.rows<{ body: Buffer }>("select body from plan_reversal_notes", []);
    expect(sealed.some((note) => note.body.includes("9944"))).toBe(false);
  });

  test("is none before it was taken back, nor when the bank took it", async () => {
    const { paymentId } = await payByTransfer();
    const early = await recordRefund(paymentId);
    await reverse(paymentId, "chargeback");
    const codes = [early, await recordRefund(paymentId)].map(({ body }) => body.code);
    expect(codes).toEqual(["plan_payment.nothing_owed", "plan_payment.nothing_owed"]);
  });
});

/** Of `credits` that a turn has used. */
async function use({ shopId }: Tenant, credits: number): Promise<void> {
  const turn = { shopId, turnId: newId<TurnId>(), isRetry: false, willAskAgain: false };
  const now = world.deps.clock.now();
  await world.worker.withShop(shopId, async (trx) => {
    await reserveCredits(trx, { ...turn, upperBound: credits, now });
    await settleCredits(trx, { ...turn, charge: { credits, costMicroUsd: 1, rateVersion: 1 }, now });
  });
}

async function creditsOf({ shopId }: Tenant) {
  const [row] = await world.rows<{ left: string; used: string; reversed: string; grants: string }>(
    `select (select sum(available) from credit_grants where shop_id = $1) as left,
      (select sum(credits) from credit_lines where shop_id = $1 and account = 'used') as used,
      (select sum(credits) from credit_lines where shop_id = $1 and account = 'reversed') as reversed`,
    [shopId],
  );
  return { left: Number(row?.left), used: Number(row?.used), reversed: Number(row?.reversed) };
}

describe("a package of credits that is taken back", () => {
  test("loses what is left of it, once; what was used is nobody's debt, and the plan stays", async () => {
    const { paymentId, tenant } = await payByTransfer({ topUpCode: "small" });
    await use(tenant, 120);
    const answers = await Promise.all([reverse(paymentId), reverse(paymentId)]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    expect(await creditsOf(tenant)).toEqual({ left: 0, used: 120, reversed: 380 });
    const notices = await world.rows(
      "select kind from owner_notices where shop_id = $1 order by created_at",
      [tenant.shopId],
    );
    expect(notices).toEqual([{ kind: "top_up_approved" }, { kind: "top_up_reversed" }]);
    const { body } = await world.ask("GET", "/v1/subscription", { token: tenant.owner });
    expect(body).toMatchObject({ planCode: "trial", state: "trial" });
  });

  test("gives its money back through the provider that took it", async () => {
    const { paymentId, code } = await payByCode("/v1/top-up-requests", { topUpCode: "small" });
    expect((await reverse(paymentId)).body).toMatchObject({ planCode: null, topUpCode: "small" });
    await world.look(4);
    expect(await refundsAt(code)).toMatchObject([{ amount: 20_000, status: "REFUND_SUCCESS" }]);
  });
});

describe("what is written about a payment", () => {
  test("is not kept of an admin who may not decide", async () => {
    const { paymentId, tenant } = await payByTransfer();
    const member = await world.addAdmin("subscription_admin");
    await world.addMember(tenant.shopId, member.accountId, "staff");
    expect((await reverse(paymentId, "refund", member.token)).body.code).toBe("upgrade.own_shop");
    expect(await notesOf(tenant)).toBe(0);
  });

  test("is the first admin's alone, is found by the others, and goes when it is withdrawn", async () => {
    const second = (await world.addAdmin("subscription_admin")).token;
    const { tenant, paymentId } = await payByTransfer({ planCode: "business" }, [admin, second]);
    await reverse(paymentId);
    await reverse(paymentId);
    expect(await listed("proposed")).toContain(paymentId);
    expect((await world.ask("GET", "/v1/plan-reversals", { token: tenant.owner })).body.data).toEqual([]);
    expect((await reverse(paymentId, "chargeback", second)).body.code).toBe("plan_payment.other_reversal");
    expect(await notesOf(tenant)).toBe(1);
    const withdraw = () => world.ask("POST", `${base}/${paymentId}/withdraw-reversal`, { token: second });
    expect((await withdraw()).body.reversal).toBeNull();
    expect(await notesOf(tenant)).toBe(0);
    await reverse(paymentId, "chargeback");
    await reverse(paymentId, "chargeback", second);
    expect((await withdraw()).body.code).toBe("plan_payment.not_proposed");
    expect((await paymentOf(tenant)).reversal).toMatchObject({ kind: "chargeback", state: "done" });
  });

  test("is read by the owner once it is done, with what becomes of the money, and by no staff", async () => {
    const { paymentId, tenant, id } = await payByTransfer();
    const read = (token: string) => world.ask("GET", "/v1/plan-reversals", { token });
    expect((await read(tenant.owner)).body.data).toEqual([]);
    await reverse(paymentId);
    await recordRefund(paymentId);
    expect((await read(tenant.owner)).body.data).toMatchObject([
      {
        upgradeRequestId: id,
        planCode: "starter",
        amount: { amountMinor: 45_000 },
        kind: "refund",
        reason,
        refund: { way: "transfer", doneAt: expect.any(String) },
      },
    ]);
    expect((await read(tenant.staff)).body.code).toBe("scope.missing");
    expect((await read((await world.addTenant()).owner)).body.data).toEqual([]);
  });
});

test("money goes back only by the word of who has just proved who they are", async () => {
  const { paymentId, id } = await payByTransfer();
  world.passTime(10 * 60_000);
  const asked: [string, object | undefined][] = [
    [`${base}/${paymentId}/reverse`, { kind: "refund", reason }],
    [`${base}/${paymentId}/record-refund`, { reference: "TRX 1" }],
    [`${base}/${paymentId}/withdraw-reversal`, undefined],
    [`/v1/admin/upgrade-requests/${id}/refund-money`, { paymentId: toTypeId("pay", newId<string>()) }],
  ];
  for (const [path, body] of asked) {
    const answer = await world.ask("POST", path, { token: admin, ...(body === undefined ? {} : { body }) });
    expect([path, answer.status, answer.body.code]).toEqual([path, 403, "step_up.required"]);
  }
});
