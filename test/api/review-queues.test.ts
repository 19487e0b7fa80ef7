import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { createOrderActivities } from "../../activities/order/index.ts";
import type { UpdateClient } from "../../api/request-update.ts";
import { moveStock } from "../../db/stock-moves.ts";
import { toTypeId } from "../../domain/id.ts";
import type { OrderId, ShopId } from "../../domain/id.ts";
import type { DecideOrder } from "../../workflows/order.contract.ts";
import { jpeg } from "./owner-world.ts";
import type { Tenant } from "./owner-world.ts";
import { createUpgradeWorld } from "./upgrade-world.ts";
import type { UpgradeWorld } from "./upgrade-world.ts";

let world: UpgradeWorld;
let admin: { accountId: string; token: string };
beforeAll(async () => {
  world = await createUpgradeWorld();
  carryOutOrders(world);
  admin = await world.addAdmin("subscription_admin");
});
afterAll(() => world.close());

/** As the order's workflow does: hands the update to its activity, and the result back. */
function carryOutOrders({ deps, activities }: UpgradeWorld): void {
  const orders = createOrderActivities(activities);
  const { updates } = deps.temporal;
  type Options = {
    startWorkflowOperation: { options: { args: [{ shopId: ShopId; orderId?: OrderId }] } };
    args: [object];
    updateId: string;
  };
  const executeUpdateWithStart = (async (name: string, options: Options) => {
    const [{ shopId, orderId }] = options.startWorkflowOperation.options.args;
    if (orderId === undefined) return updates.executeUpdateWithStart(name, options as never);
    const { updateId, args } = options;
    return orders.decideOrder({ shopId, orderId, name, updateId, request: args[0] } as DecideOrder);
  }) as unknown as UpdateClient["executeUpdateWithStart"];
  Object.assign(deps, { temporal: { ...deps.temporal, updates: { ...updates, executeUpdateWithStart } } });
}

/** An order under review, with the stock that it holds and the slip that its customer sent. */
async function addSlip(tenant: Tenant, reference: string) {
  const { shopId } = tenant;
  const customer = await world.addCustomer(tenant);
  const now = new Date();
  const due = new Date(now.getTime() + 24 * 3_600_000);
  const { orderId, variantId } = await world.addOrder(customer, {
    set: { payment_state: "under_review", review_since: now, payment_due_at: due, evidence_hard_end_at: due },
  });
  await world.worker.withShop(shopId, async (trx) => {
    const move = { shopId, actorId: null, now };
    const moves = (onHandDelta: number, reservedDelta: number) => [{ variantId, onHandDelta, reservedDelta }];
    await moveStock(trx, { ...move, kind: "initial", orderId: null, moves: moves(2, 0) });
    await moveStock(trx, { ...move, kind: "reserve", orderId, moves: moves(0, 2) });
  });
  const { evidenceId } = await world.addEvidence(customer, {
    picture: await jpeg(),
    orderId,
    reading: { currency: "MMK", reference },
  });
  return { order: toTypeId("ord", orderId), evidence: toTypeId("evd", evidenceId) };
}

describe("M:ONAMI-27 proofs of payment wait for a person, who says yes, no or once more, by name and time", () => {
  test("those of customers for the shop", async () => {
    const tenant = await world.addTenant();
    const { body: session } = await world.ask("GET", "/v1/sessions/current", { token: tenant.owner });
    const slips = [
      await addSlip(tenant, "TX0000000001"),
      await addSlip(tenant, "TX0000000002"),
      await addSlip(tenant, "TX0000000003"),
    ];
    const queue = async () => {
      const { body } = await world.ask("GET", "/v1/payment-evidence?state=undecided", {
        token: tenant.owner,
      });
      return body.data.map(({ id }: { id: string }) => id).toSorted();
    };
    expect(await queue()).toEqual(slips.map(({ evidence }) => evidence).toSorted());

    const said = [
      ["confirm-payment", {}],
      ["refuse-payment", { reason: "No such money came." }],
      ["request-evidence-again", { reason: "The amount is cut off." }],
    ] as const;
    for (const [index, [verb, body]] of said.entries()) {
      const path = `/v1/orders/${slips[index]?.order}/${verb}`;
      expect(await world.ask("POST", path, { token: tenant.owner, body })).toMatchObject({ status: 200 });
    }
    expect(await queue()).toEqual([]);
    const decided = await Promise.all(
      slips.map(async ({ order, evidence }) => {
        const as = { token: tenant.owner };
        const { body: slip } = await world.ask("GET", `/v1/payment-evidence/${evidence}`, as);
        const { body } = await world.ask("GET", `/v1/orders/${order}`, as);
        const event = body.events.findLast(
          ({ actor }: { actor: { kind: string } }) => actor.kind === "owner",
        );
        return { slip, payment: body.paymentState, reason: event.note };
      }),
    );
    expect(decided).toMatchObject([
      { slip: { state: "accepted" }, payment: "paid", reason: null },
      { slip: { state: "refused" }, payment: "due", reason: "No such money came." },
      { slip: { state: "refused" }, payment: "due", reason: "The amount is cut off." },
    ]);
    for (const { slip } of decided) {
      expect(slip).toMatchObject({ decidedBy: session.accountId, decidedAt: expect.any(String) });
    }
  });

  test("those of shops for the platform", async () => {
    const said = [
      ["approve", "approved"],
      ["reject", "rejected"],
      ["request-evidence-again", "asked_again"],
    ] as const;
    for (const [verb, state] of said) {
      const tenant = await world.addTenant();
      const request = await world.addSubmitted(tenant);
      const base = "/v1/admin/upgrade-requests";
      const waiting = await world.ask("GET", `${base}?limit=100`, { token: admin.token });
      expect(waiting.body.data.map(({ id }: { id: string }) => id)).toContain(request.id);
      const { evidenceId, reference } = request;
      const more = verb === "approve" ? { reference } : { reason: "The amount is cut off." };
      const body = { evidenceId, ...more };
      const answer = await world.ask("POST", `${base}/${request.id}/${verb}`, { token: admin.token, body });
      expect(answer).toMatchObject({ status: 200, body: { state } });
      const after = await world.ask("GET", `${base}?limit=100`, { token: admin.token });
      expect(after.body.data.map(({ id }: { id: string }) => id)).not.toContain(request.id);
      const seen = await world.ask("GET", `/v1/upgrade-requests/${request.id}`, { token: tenant.owner });
      expect(seen.body).toMatchObject({
        state,
        reason: verb === "approve" ? null : "The amount is cut off.",
      });
      const { rows } = await world.owner.query(
        `select action, at is not null as timed from audit_events
          where shop_id = $1 and actor_id = $2 and actor_kind = 'admin' and action = 'upgrade.' || $3`,
        [tenant.shopId, admin.accountId, state],
      );
      expect(rows).toEqual([{ action: `upgrade.${state}`, timed: true }]);
    }
  });
});

/** A referrer's code, and an account that signed up by it with its shop. */
async function addReferred() {
  const [referrer, tenant] = [await world.addTenant(), await world.addTenant()];
  const { body } = await world.ask("POST", "/v1/referral/join", {
    token: referrer.owner,
    body: { termsVersion: 1 },
  });
  const { rowCount } = await world.owner.query(
    `insert into referral_participants (id, account_id, referrer_id, source, attributed_at, created_at)
      select gen_random_uuid(), m.account_id, p.id, 'sign_up', now(), now()
      from memberships m, referral_participants p where m.shop_id = $1 and m.role = 'owner' and p.code = $2`,
    [tenant.shopId, body.code],
  );
  expect(rowCount).toBe(1);
  return { referrer, tenant };
}

test("M:ONAMI-29 each verified payment of a referred owner earns one commission, renewals too, and nothing before it", async () => {
  const { referrer, tenant } = await addReferred();
  const earned = async () => {
    const { body } = await world.ask("GET", "/v1/commissions", { token: referrer.owner });
    return body.data.map(({ amountMinor, level }: Record<string, number>) => [level, amountMinor]);
  };
  const say = ({ id, evidenceId, reference }: Record<string, string>, key: string) =>
    world.ask("POST", `/v1/admin/upgrade-requests/${id}/approve`, {
      token: admin.token,
      body: { evidenceId, reference },
      headers: { "idempotency-key": `${id}${key}` },
    });
  const first = await world.addSubmitted(tenant);
  expect(await earned()).toEqual([]);
  await Promise.all(["a", "b"].map((key) => say(first, key)));
  expect(await earned()).toEqual([[1, 4_500]]);
  const renewal = await world.addSubmitted(tenant);
  expect(await earned()).toHaveLength(1);
  for (const key of ["a", "a", "b"]) await say(renewal, key);
  expect(await earned()).toEqual([
    [1, 4_500],
    [1, 4_500],
  ]);
  const refused = await world.addSubmitted(tenant);
  const { id, evidenceId } = refused;
  const body = { evidenceId, reason: "No such money came." };
  await world.ask("POST", `/v1/admin/upgrade-requests/${id}/reject`, { token: admin.token, body });
  expect(await earned()).toHaveLength(2);
});
