import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";

import { insertConsent } from "../../db/consents.ts";
import { setProcessingLimit } from "../../db/processing-limits.ts";
import { toTypeId } from "../../domain/id.ts";
import { consentHash } from "../../domain/privacy/consent.ts";
import type { CustomerOf } from "./owner-rows.ts";
import { createOwnerWorld } from "./owner-world.ts";
import type { OwnerWorld, Tenant } from "./owner-world.ts";

let world: OwnerWorld;
let tenant: Tenant;
let customer: CustomerOf;
let path: string;
beforeAll(async () => {
  world = await createOwnerWorld();
});
beforeEach(async () => {
  tenant = await world.addTenant();
  customer = await world.addCustomer(tenant);
  path = `/v1/customers/${toTypeId("cus", customer.customerId)}`;
});
afterAll(() => world.close());

const promotions = { purpose: "marketing", channel: "messenger" } as const;

async function agree(): Promise<void> {
  const { shopId, customerId: subjectId } = customer;
  const said = { ...promotions, decision: "given", door: "chat", now: new Date() } as const;
  await world.worker.withShop(shopId, (trx) => insertConsent(trx, { shopId, subjectId, ...said }));
}

test("shows an owner what a customer forbids and agreed to, with the wording, and takes it back once for them", async () => {
  const { shopId, customerId: subjectId } = customer;
  const limit = { shopId, subjectId, limit: "no_ai", requestId: null, now: new Date() } as const;
  await world.deps.db.withShop(shopId, (trx) => setProcessingLimit(trx, limit));
  await agree();
  const as = { token: tenant.owner };
  const before = await world.ask("GET", `${path}/privacy-choices`, as);
  expect(before.body).toMatchObject({
    limits: ["no_ai"],
    consents: [{ ...promotions, decision: "given", wordingHash: consentHash("marketing"), door: "chat" }],
  });
  for (let times = 0; times < 2; times += 1) {
    const answer = await world.ask("POST", `${path}/consents/withdraw`, { ...as, body: promotions });
    expect(answer.status).toBe(200);
    expect(answer.body.consents).toMatchObject([{ decision: "withdrawn", door: "owner" }]);
  }
  const { body } = await world.ask("GET", `${path}/consents`, as);
  expect(body.data).toMatchObject([{ decision: "withdrawn" }, { decision: "given" }]);
  const audits = await world.ask("GET", "/v1/audit-events", as);
  expect(
    audits.body.data.filter(({ action }: { action: string }) => action === "consent.withdrawn"),
  ).toHaveLength(1);
});

test("lets nobody change what was said", async () => {
  await agree();
  for (const db of [world.deps.db, world.worker]) {
    const change = db.withShop(customer.shopId, (trx) =>
      trx.updateTable("consents").set({ decision: "withdrawn" }).execute(),
    );
    await expect(change).rejects.toMatchObject({ code: "42501" });
    const remove = db.withShop(customer.shopId, (trx) => trx.deleteFrom("consents").execute());
    await expect(remove).rejects.toMatchObject({ code: "42501" });
  }
});

test("rests purposes on their defaults until an owner says otherwise, and promotions on nothing but consent", async () => {
  const as = { token: tenant.owner };
  const basisOf = (
    answer: { body: { data: { purpose: string; basis: string | null }[] } },
    purpose: string,
  ) => answer.body.data.find((one) => one.purpose === purpose)?.basis;
  const before = await world.ask("GET", "/v1/shop/purposes", as);
  expect(
    ["conversation", "follow_up", "marketing", "improvement"].map((one) => basisOf(before, one)),
  ).toEqual(["contract", "legitimate_interest", "consent", null]);
  const put = (body: object, token = tenant.owner) => world.ask("PUT", "/v1/shop/purposes", { token, body });
  expect(basisOf(await put({ purpose: "follow_up", basis: null }), "follow_up")).toBeNull();
  expect(basisOf(await world.ask("GET", "/v1/shop/purposes", as), "follow_up")).toBeNull();
  for (const body of [
    { purpose: "marketing", basis: "legitimate_interest" },
    { purpose: "conversation", basis: "consent" },
  ]) {
    expect(await put(body)).toMatchObject({ status: 422, body: { code: "purpose.unfit_basis" } });
  }
  const manager = await world.signIn(tenant.shopId, "manager");
  for (const token of [manager, tenant.key]) {
    const answer = await put({ purpose: "order", basis: null }, token);
    expect(answer).toMatchObject({ status: 403, body: { code: "purpose.needs_owner" } });
  }
});
