import { afterAll, beforeAll, expect, test } from "vitest";

import { toTypeId } from "../../domain/id.ts";
import { createOwnerWorld, jpeg } from "./owner-world.ts";
import type { OwnerWorld, Tenant } from "./owner-world.ts";

let world: OwnerWorld;
let tenant: Tenant;
beforeAll(async () => {
  world = await createOwnerWorld();
  tenant = await world.addTenant();
});
afterAll(() => world.close());

/** As long as `fn` runs, the API cannot write down what anybody does. */
async function withoutAudit<T>(fn: () => Promise<T>): Promise<T> {
  await world.owner.query("revoke insert on audit_events from app_api");
  try {
    return await fn();
  } finally {
    await world.owner.query("grant insert on audit_events to app_api");
  }
}

test("shows no slip, picture, order or conversation when the viewing cannot be written down", async () => {
  const customer = await world.addCustomer(tenant);
  const { orderId } = await world.addOrder(customer);
  const { evidenceId } = await world.addEvidence(customer, { picture: await jpeg(), orderId });
  const slip = `/v1/payment-evidence/${toTypeId("evd", evidenceId)}`;
  const { body } = await world.ask("GET", slip, { token: tenant.key });
  const paths = [
    slip,
    body.picture.url,
    `/v1/orders/${toTypeId("ord", orderId)}`,
    `/v1/conversations/${toTypeId("cus", customer.customerId)}/messages`,
    "/v1/customers",
  ];

  const answers = await withoutAudit(async () => {
    const shown = [];
    for (const path of paths) shown.push(await world.ask("GET", path, { token: tenant.key }));
    return shown;
  });
  const shapes = answers.map(({ status, headers }) => `${status} ${headers.get("content-type")}`);
  expect(shapes).toEqual(paths.map(() => "500 application/problem+json"));
  for (const path of paths) expect((await world.ask("GET", path, { token: tenant.key })).status).toBe(200);
});

test("changes nothing when the change cannot be written down", async () => {
  const nameOf = async () => (await world.ask("GET", "/v1/shop", { token: tenant.key })).body.name;
  const before = await nameOf();
  const change = () => world.ask("PATCH", "/v1/shop", { token: tenant.key, body: { name: "Another" } });
  expect((await withoutAudit(change)).status).toBe(500);
  expect(await nameOf()).toBe(before);
  expect((await change()).status).toBe(200);
});
