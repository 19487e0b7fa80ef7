import { afterAll, beforeAll, expect, test } from "vitest";

import { grantCredits, reserveCredits, settleCredits } from "../../db/credits.ts";
import { newId, toTypeId } from "../../domain/id.ts";
import type { TurnId } from "../../domain/id.ts";
import { createConsoleWorld } from "../console/console-world.ts";
import type { ConsoleWorld } from "../console/console-world.ts";
import type { Tenant } from "./owner-world.ts";

let world: ConsoleWorld;
let tenant: Tenant;
let turnId: TurnId;

/** A trial and a top-up; one turn of a customer was charged 150 of them, another one is being answered. */
beforeAll(async () => {
  world = await createConsoleWorld();
  tenant = await world.addTenant();
  const { shopId } = tenant;
  const { customerId } = await world.addCustomer(tenant);
  turnId = newId<TurnId>();
  await world.owner.query(
    `insert into turns (shop_id, id, customer_id, seq, state, attempt, claimed_at) values ($1, $2, $3, 1, 'stored', 1, now())`,
    [shopId, turnId, customerId],
  );
  const now = new Date();
  const expiresAt = new Date(now.getTime() + 24 * 3_600_000);
  await world.worker.withShop(shopId, async (trx) => {
    const grant = { shopId, now };
    await grantCredits(trx, { ...grant, kind: "trial", credits: 100, expiresAt, effectKey: "trial" });
    await grantCredits(trx, { ...grant, kind: "top_up", credits: 2_000, expiresAt: null, effectKey: "paid" });
    const wanted = { shopId, isRetry: false, willAskAgain: false, now };
    await reserveCredits(trx, { ...wanted, turnId, upperBound: 200 });
    const charge = { credits: 150, costMicroUsd: 140_000, rateVersion: 1 };
    await settleCredits(trx, { shopId, turnId, charge, now });
    await reserveCredits(trx, { ...wanted, turnId: newId<TurnId>(), upperBound: 28 });
  });
});
afterAll(() => world.close());

test("the balance says what is available, reserved, and left of each grant until when", async () => {
  const { status, body } = await world.ask("GET", "/v1/credits", { token: tenant.owner });
  expect(status).toBe(200);
  expect(body).toMatchObject({
    available: 1_922,
    reserved: 28,
    grants: [{ kind: "top_up", granted: 2_000, available: 1_922, reserved: 28, expiresAt: null }],
  });
});

test("M:ONAMI-12 the statement says which grants paid for which turn, beside the provider's price", async () => {
  const first = await world.ask("GET", "/v1/credit-lines?limit=1", { token: tenant.owner });
  expect(first.body.data).toMatchObject([
    {
      kind: "used",
      credits: 150,
      grants: [
        { kind: "trial", credits: 100 },
        { kind: "top_up", credits: 50 },
      ],
      turnId: toTypeId("turn", turnId),
      costMicroUsd: 140_000,
    },
  ]);
  const path = `/v1/credit-lines?cursor=${first.body.nextCursor}`;
  const rest = await world.ask("GET", path, { token: tenant.owner });
  expect(rest.body).toMatchObject({
    data: [
      { kind: "granted", credits: 2_000, turnId: null, costMicroUsd: null },
      { kind: "granted", credits: 100 },
    ],
    hasMore: false,
  });
});

test("M:MIKY-06 the owner sees the plan, the balance by what was given and what was bought, and the usage", async () => {
  const other = await world.addTenant();
  const { shopId } = other;
  const now = new Date();
  await world.worker.withShop(shopId, async (trx) => {
    const grant = { shopId, expiresAt: null, now };
    await grantCredits(trx, { ...grant, kind: "trial", credits: 200, effectKey: "trial" });
    await grantCredits(trx, { ...grant, kind: "plan", credits: 1_500, effectKey: "plan" });
    await grantCredits(trx, { ...grant, kind: "top_up", credits: 500, effectKey: "top_up" });
    const turn = { shopId, turnId: newId<TurnId>(), isRetry: false, willAskAgain: false, now };
    await reserveCredits(trx, { ...turn, upperBound: 30 });
    await settleCredits(trx, { ...turn, charge: { credits: 20, costMicroUsd: 9_000, rateVersion: 1 } });
  });
  const read = async (path: string) => (await world.ask("GET", path, { token: other.owner })).body;
  expect(await read("/v1/subscription")).toMatchObject({ planCode: "trial", state: "trial" });
  expect(await read("/v1/credits")).toMatchObject({
    available: 2_180,
    grants: [
      { kind: "trial", granted: 200, available: 180 },
      { kind: "plan", granted: 1_500, available: 1_500 },
      { kind: "top_up", granted: 500, available: 500 },
    ],
  });
  expect((await read("/v1/credit-lines?limit=1")).data).toMatchObject([
    { kind: "used", credits: 20, grants: [{ kind: "trial", credits: 20 }], costMicroUsd: 9_000 },
  ]);
  const page = async (path: string) => (await world.visit("GET", path, { session: other.owner })).html;
  expect(await page("/console/plan")).toContain("<strong>Trial</strong>");
  const credits = await page("/console/credits");
  for (const part of ["2,180", "Trial", "Plan", "Top-up", "−20"]) expect(credits).toContain(part);
});

test.each(["/v1/credits", "/v1/credit-lines"])("%s is not for staff", async (path) => {
  const { status, body } = await world.ask("GET", path, { token: tenant.staff });
  expect([status, body.code]).toEqual([403, "scope.missing"]);
});

test("the page of credits shows balance, grants and statement in both languages", async () => {
  const open = (path: string) => world.visit("GET", path, { session: tenant.owner });
  const english = (await open("/console/credits")).html;
  for (const part of ["1,922", "Top-up", "−150", "0.140000 USD", "+2,000"]) expect(english).toContain(part);
  await world.visit("POST", "/console/language", { session: tenant.owner, form: { language: "my" } });
  expect((await open("/console/credits")).html).toContain("လက်ကျန်");
});

test("the page of credits is neither offered nor shown to staff", async () => {
  const open = (path: string) => world.visit("GET", path, { session: tenant.staff });
  expect((await open("/console/orders")).html).not.toContain("/console/credits");
  expect((await open("/console/credits")).status).toBe(403);
});
