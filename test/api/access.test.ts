import { afterAll, beforeAll, expect, test } from "vitest";

import { scopesOf } from "../../api/auth/scopes.ts";
import type { Scope } from "../../api/auth/scopes.ts";
import { toTypeId } from "../../domain/id.ts";
import { createOwnerWorld, jpeg } from "./owner-world.ts";
import type { OwnerWorld, Tenant } from "./owner-world.ts";

type Operation = { operationId: string; method: string; path: string; scope: Scope };

let world: OwnerWorld;
let operations: Operation[];
let mine: Tenant;
let others: Tenant;
/** What stands in the paths, and in no answer to anybody else. */
let ids: Record<string, string>;

beforeAll(async () => {
  world = await createOwnerWorld();
  const { body } = await world.ask("GET", "/openapi.json");
  const paths = body.paths as Record<string, Record<string, { operationId: string; "x-scope"?: Scope }>>;
  operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, { operationId, "x-scope": scope }]) =>
      scope === undefined ? [] : [{ operationId, method: method.toUpperCase(), path, scope }],
    ),
  );
  [mine, others] = [await world.addTenant(), await world.addTenant()];
  ids = await fill(mine);
});
afterAll(() => world.close());

/** One of everything that has an id. */
async function fill(tenant: Tenant): Promise<Record<string, string>> {
  const as = { token: tenant.owner };
  const price = { amountMinor: 1_000, currency: "MMK" };
  const product = await world.ask("POST", "/v1/products", {
    ...as,
    body: { name: "Shirt", variants: [{ name: "", price, onHand: 3 }] },
  });
  const method = await world.ask("POST", "/v1/payment-methods", {
    ...as,
    body: { kind: "cod", name: "Cash" },
  });
  const device = await world.ask("POST", "/v1/devices", { ...as, body: { token: "fcm-token" } });
  const customer = await world.addCustomer(tenant);
  const { orderId } = await world.addOrder(customer);
  const { evidenceId } = await world.addEvidence(customer, { picture: await jpeg() });
  const noticeId = "01936f3c-5b2e-7a41-9c3d-2f1e0b8a7c6d";
  await world.owner.query(
    `insert into owner_notices (shop_id, id, kind, business_key, data, created_at)
      values ($1, $2, 'person_asked', 'k', '{}', now())`,
    [tenant.shopId, noticeId],
  );
  const evidence = await world.ask("GET", `/v1/payment-evidence/${toTypeId("evd", evidenceId)}`, as);
  return {
    productId: product.body.id,
    variantId: product.body.variants[0].id,
    paymentMethodId: method.body.id,
    deviceId: device.body.id,
    customerId: toTypeId("cus", customer.customerId),
    orderId: toTypeId("ord", orderId),
    evidenceId: toTypeId("evd", evidenceId),
    noticeId: toTypeId("ntc", noticeId),
    // With the signature that the link of its own shop has.
    objectId: String(evidence.body.picture.url).replace("/v1/pictures/", ""),
  };
}

/** Bodies that are right in themselves, so that nothing but the tenant stands in the way. */
function bodyOf({ operationId, method }: Operation): object | undefined {
  const bodies: Record<string, object> = {
    adjustStock: { delta: 1 },
    sendMessage: { text: "Hello" },
    setConversationAgent: { isEnabled: false },
    matchPaymentEvidence: { orderId: ids["orderId"] },
    reviveOrder: { orderId: ids["orderId"] },
    updateProduct: { name: "Mine" },
    updatePaymentMethod: { name: "Mine" },
  };
  return bodies[operationId] ?? (method === "POST" || method === "PUT" ? {} : undefined);
}

async function ask(operation: Operation, token?: string) {
  const path = operation.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => ids[name] ?? `no ${name}`);
  const isPicture = /^set(?:ProductImage|PaymentMethodQr)$/.test(operation.operationId);
  const body = bodyOf(operation);
  const answer = await world.ask(operation.method, path, {
    ...(token === undefined ? {} : { token }),
    ...(isPicture
      ? { raw: await jpeg(), headers: { "content-type": "image/jpeg" } }
      : body === undefined
        ? {}
        : { body }),
  });
  return { ...answer, operation: `${operation.operationId} ${path}` };
}

test("M:ONAMI-35 every operation asks who one is", async () => {
  expect(operations.length).toBeGreaterThan(40);
  for (const operation of operations) {
    const answer = await ask(operation);
    expect({ [answer.operation]: answer.status }).toEqual({ [answer.operation]: 401 });
  }
});

test("M:ONAMI-35 every operation is refused to a role without its scope, and to no other", async () => {
  for (const operation of operations) {
    const answer = await ask(operation, mine.staff);
    const isRefused = answer.status === 403 && answer.body.code === "scope.missing";
    expect({ [answer.operation]: isRefused }).toEqual({
      [answer.operation]: !scopesOf.staff.has(operation.scope),
    });
  }
});

test("M:ONAMI-35 the ids of a shop are nothing to another shop, in any operation and for any role", async () => {
  world.asked.length = 0;
  const known = new RegExp(
    Object.values(ids)
      .map((id) => id.split("?")[0])
      .join("|"),
  );
  for (const token of [others.owner, others.staff, others.key]) {
    for (const operation of operations) {
      const answer = await ask(operation, token);
      if (token === others.staff && !scopesOf.staff.has(operation.scope)) continue;
      // A key has no phone, whichever.
      const isPhone = token === others.key && operation.operationId === "removeDevice";
      const refusal = isPhone ? 403 : 404;
      if (operation.path.includes("{")) {
        expect({ [answer.operation]: answer.status }).toEqual({ [answer.operation]: refusal });
      } else expect(answer.bytes.toString("utf8"), answer.operation).not.toMatch(known);
    }
  }
  expect(world.asked).toEqual([]);
});
