import { afterAll, beforeAll, expect, test } from "vitest";

import { createRateLimits } from "../../api/auth/rate-limits.ts";
import { askOperation, fillTenant, jsonBodyOf, listOperations, sweepTimes } from "./every-operation.ts";
import type { Ids, Operation } from "./every-operation.ts";
import { createOwnerWorld } from "./owner-world.ts";
import type { OwnerWorld, Tenant } from "./owner-world.ts";

/** What the server alone decides, in our spelling and in that of the columns. */
const ownFields = {
  id: "ord_01jdqkrpsef90srf9f3r5rmz3d",
  shopId: "shop_01jdqkrpsef90srf9f3r5rmz3d",
  shop_id: "01936f3c-5b2e-7a41-9c3d-2f1e0b8a7c6d",
  actorId: "acc_01jdqkrpsef90srf9f3r5rmz3d",
  accountId: "acc_01jdqkrpsef90srf9f3r5rmz3d",
  role: "owner",
  platformRole: "admin",
  scopes: ["payments.approve"],
  status: "paid",
  state: "published",
  orderState: "completed",
  paymentState: "paid",
  payment_state: "paid",
  fulfilmentState: "delivered",
  priceAtOrder: 1,
  price_at_order: 1,
  totalMinor: 1,
  total: { amountMinor: 1, currency: "MMK" },
  received: { amountMinor: 1, currency: "MMK" },
  reserved: 0,
  credits: 1_000_000,
  verified: true,
  isCodAccepted: true,
  createdAt: "2020-01-01T00:00:00.000Z",
  created_at: "2020-01-01T00:00:00.000Z",
  version: 1,
};

let world: OwnerWorld;
let tenant: Tenant;
let ids: Ids;
let operations: Operation[];
/** By operation: the fields that are the client's to say. */
let describedFields: Record<string, Set<string>>;
beforeAll(async () => {
  world = await createOwnerWorld(createRateLimits(sweepTimes));
  tenant = await world.addTenant();
  ids = await fillTenant(world, tenant);
  operations = (await listOperations(world)).filter(({ hasJsonBody }) => hasJsonBody);
  describedFields = await readFields();
});
afterAll(() => world.close());

async function readFields(): Promise<Record<string, Set<string>>> {
  const { body: document } = await world.ask("GET", "/openapi.json");
  return Object.fromEntries(
    operations.map(({ operationId, path, method }) => {
      const { schema } = document.paths[path][method.toLowerCase()].requestBody.content["application/json"];
      const name = String(schema.$ref).replace("#/components/schemas/", "");
      return [operationId, new Set(Object.keys(document.components.schemas[name].properties ?? {}))];
    }),
  );
}

/** A digest of every row of every table. */
async function digest(): Promise<Record<string, string>> {
  const { rows: tables } = await world.owner.query<{ name: string }>(
    "select table_schema || '.' || table_name as name from information_schema.tables where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema')",
  );
  const union = tables
    .map(
      ({ name }) =>
        `select '${name}' as name, md5(string_agg(t::text, '|' order by t::text)) as sum from ${name} t`,
    )
    .join(" union all ");
  const { rows } = await world.owner.query<{ name: string; sum: string }>(union);
  return Object.fromEntries(rows.map(({ name, sum }) => [name, sum]));
}

test("M:ONAMI-35 no field that is the server's to say is taken from a body, and nothing is changed", async () => {
  expect(operations.length).toBeGreaterThan(20);
  const before = await digest();
  world.asked.length = 0;
  for (const operation of operations) {
    const right = jsonBodyOf(operation, ids);
    for (const [field, value] of Object.entries(ownFields)) {
      if (describedFields[operation.operationId]?.has(field) === true) continue;
      const body = { ...right, [field]: value };
      const answer = await askOperation(world, operation, { token: tenant.owner, ids, body });
      const name = `${operation.operationId} ${field}`;
      expect({ [name]: [answer.status, answer.body.code] }).toEqual({ [name]: [422, "request.invalid"] });
    }
    expect({ [operation.operationId]: await digest() }).toEqual({ [operation.operationId]: before });
  }
  expect(world.asked).toEqual([]);
}, 120_000);

test("M:ONAMI-35 no such field is taken inside of a body either", async () => {
  const price = { amountMinor: 1, currency: "MMK" };
  const zone = { name: "Z", townships: ["T"], fee: price, acceptsCashOnDelivery: true };
  const details = { accountName: "A", accountNumber: "1", bank: "B" };
  const nested = (extra: object): [string, string, object][] => [
    ["POST", "/v1/products", { name: "P", variants: [{ price, ...extra }] }],
    ["POST", "/v1/products", { name: "P", variants: [{ price: { ...price, ...extra } }] }],
    ["PATCH", `/v1/products/${ids["productId"]}`, { addVariants: [{ price, ...extra }] }],
    ["PATCH", `/v1/products/${ids["productId"]}`, { variants: [{ id: ids["variantId"], ...extra }] }],
    ["PATCH", "/v1/shop", { policies: extra }],
    ["PATCH", "/v1/shop", { policies: { zones: [{ ...zone, ...extra }] } }],
    ["POST", "/v1/payment-methods", { kind: "transfer", name: "N", details: { ...details, ...extra } }],
  ];
  const before = await digest();
  for (const extra of [
    { shopId: "x" },
    { onHandDelta: 1 },
    { reserved: 5 },
    { version: 9 },
    { productId: "x" },
  ]) {
    for (const [method, path, body] of nested(extra)) {
      const { status } = await world.ask(method, path, { token: tenant.owner, body });
      expect({ [JSON.stringify(body)]: status }).toEqual({ [JSON.stringify(body)]: 422 });
    }
  }
  expect(await digest()).toEqual(before);
});
