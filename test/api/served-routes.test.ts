import { afterAll, beforeAll, expect, test } from "vitest";

import { createOwnerWorld } from "./owner-world.ts";
import type { OwnerWorld } from "./owner-world.ts";

/** What machines of ours, browsers and Meta ask for; none of it is the owner's API. */
const undescribed = new Set([
  "GET /health/live",
  "GET /health/ready",
  "GET /metrics",
  "GET /openapi.json",
  "GET /webhooks/messenger",
  "POST /webhooks/messenger",
  "POST /webhooks/messenger/deauthorize",
  "POST /webhooks/messenger/data-deletion",
  "GET /privacy/request",
  "POST /privacy/request",
  "GET /privacy/requests/:code",
  "POST /webhooks/payments/kbzpay",
  "GET /media/products/:object/:file{[A-Za-z0-9_-]+\\.jpg}",
]);

let world: OwnerWorld;
beforeAll(async () => {
  world = await createOwnerWorld();
});
afterAll(() => world.close());

test("what is served is what is described, and the other way round", async () => {
  const { body } = await world.ask("GET", "/openapi.json");
  const described = Object.entries(body.paths as Record<string, object>).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ":$1")}`),
  );
  // `ALL` are what stands before routes.
  const served = world.api.app.routes
    .filter(({ method }) => method !== "ALL")
    .map(({ method, path }) => `${method} ${path}`);
  expect(new Set(served.filter((route) => !undescribed.has(route)))).toEqual(new Set(described));
});

test("every operation describes each refusal that it may give before it is reached", async () => {
  const { body } = await world.ask("GET", "/openapi.json");
  type Described = { operationId: string; responses: object; security: object[]; requestBody?: object };
  const operations = Object.values(body.paths as Record<string, Record<string, Described>>).flatMap(
    (methods) => Object.values(methods),
  );
  for (const { operationId, responses, security, requestBody } of operations) {
    const expected = [
      ...(security.length > 0 ? ["401"] : []),
      ...(requestBody === undefined ? [] : ["400", "413", "415", "422"]),
    ];
    expect({ [operationId]: Object.keys(responses) }).toEqual({
      [operationId]: expect.arrayContaining(expected),
    });
  }
});

test("null is described where it is answered, and a shape's other uses stay as they are", async () => {
  const { body } = await world.ask("GET", "/openapi.json");
  const named = body.components.schemas as Record<
    string,
    { type?: unknown; properties?: Record<string, unknown> }
  >;
  for (const [name, { type }] of Object.entries(named))
    expect({ [name]: type }).not.toEqual({ [name]: ["object", "null"] });
  // `allOf` with a named shape can never be null.
  expect(JSON.stringify(body)).not.toMatch(/"allOf":\[\{"\$ref":"[^"]+"\},\{"type":\["object","null"\]/);
  expect(named["Notice"]?.properties?.["amount"]).toEqual({
    anyOf: [{ $ref: "#/components/schemas/Money" }, { type: "null" }],
  });
});
