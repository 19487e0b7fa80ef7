import { afterAll, beforeAll, expect, test } from "vitest";

import { createRateLimits } from "../../api/auth/rate-limits.ts";
import {
  askOperation,
  fillTenant,
  jsonBodyOf,
  listOperations,
  pathOf,
  sweepTimes,
} from "./every-operation.ts";
import type { Ids, Operation } from "./every-operation.ts";
import { createOwnerWorld } from "./owner-world.ts";
import type { Answer, OwnerWorld, Tenant } from "./owner-world.ts";

const hostile = [
  "'",
  "'; drop table orders; --",
  "1); select pg_sleep(5) --",
  "' || pg_sleep(5) || '",
  "'; copy orders to program 'id'; --",
  "\\'",
  "$1",
  "%' and 1=(select 1) and '%'='",
  "NUL \0",
  "\ud800 alone",
  "\u202e\ufeff\ufffe",
  "{{7*7}} ${7*7} %s %n",
];
/** Far below what `pg_sleep` would take, far above what a busy machine does. */
const longestMs = 3_000;

let world: OwnerWorld;
let tenant: Tenant;
let ids: Ids;
let operations: Operation[];
beforeAll(async () => {
  world = await createOwnerWorld(createRateLimits(sweepTimes));
  tenant = await world.addTenant();
  ids = await fillTenant(world, tenant);
  operations = await listOperations(world);
});
afterAll(() => world.close());

async function isHarmless(name: string, ask: () => Promise<Answer>): Promise<void> {
  const startedAt = performance.now();
  const { status } = await ask();
  const isInTime = performance.now() - startedAt < longestMs;
  expect({ [name]: [status < 500, isInTime, status] }).toEqual({ [name]: [true, true, status] });
}

test("M:ONAMI-35 no text in an address is more than a text", async () => {
  for (const operation of operations) {
    for (const text of hostile) {
      const encoded = encodeURIComponent(Buffer.from(text).toString());
      for (const id of operation.path.match(/(?<=\{)\w+(?=\})/g) ?? []) {
        await isHarmless(`${operation.operationId} ${id}=${text}`, () =>
          askOperation(world, operation, { token: tenant.owner, ids: { ...ids, [id]: encoded } }),
        );
      }
      for (const name of operation.query) {
        const path = `${pathOf(operation, ids).split("?")[0]}?${name}=${encoded}`;
        await isHarmless(`${operation.operationId} ${name}=${text}`, () =>
          world.ask(operation.method, path, { token: tenant.owner }),
        );
      }
    }
  }
}, 120_000);

test("M:ONAMI-35 no text in a body or a header is more than a text", async () => {
  for (const operation of operations.filter(({ hasJsonBody }) => hasJsonBody)) {
    const right = jsonBodyOf(operation, ids) ?? {};
    for (const text of hostile) {
      for (const body of withText(right, text)) {
        await isHarmless(`${operation.operationId} ${JSON.stringify(body)}`, () =>
          askOperation(world, operation, { token: tenant.owner, ids, body }),
        );
      }
    }
  }
  for (const header of ["idempotency-key", "if-match", "shopthread-shop", "authorization", "cookie"]) {
    // A client cannot even write the others.
    for (const text of hostile.filter((text) => /^[\x20-\x7e]+$/.test(text))) {
      await isHarmless(`${header}: ${text}`, () =>
        world.ask("PATCH", "/v1/shop", {
          token: tenant.owner,
          body: { agentName: "Aye" },
          headers: { [header]: text },
        }),
      );
    }
  }
  const { rows } = await world.owner.query("select from orders where shop_id = $1", [tenant.shopId]);
  expect(rows.length).toBe(1);
}, 120_000);

/** The body with the text in the place of each of its texts. */
function withText(body: object, text: string): object[] {
  return Object.entries(body)
    .filter(([, value]) => typeof value === "string")
    .map(([key]) => ({ ...body, [key]: text }));
}

test("M:ONAMI-35 the longest texts take no longer than short ones", async () => {
  const longest = 4 * 1024 * 1024;
  const texts = ["4", "4 ", " ", "\n", "a", "က", "4111111111111111 "].map((unit) =>
    unit.repeat(longest / Buffer.byteLength(unit)),
  );
  for (const text of texts) {
    for (const [method, path, body] of [
      ["POST", "/v1/products", { name: text, variants: [{ price: { amountMinor: 1, currency: "MMK" } }] }],
      ["PATCH", "/v1/shop", { policies: { returns: { my: text, en: "" } } }],
      ["POST", `/v1/conversations/${ids["customerId"]}/messages`, { text }],
      ["POST", "/v1/devices", { token: text }],
      ["POST", "/v1/sessions", { email: text, password: "x" }],
    ] as const) {
      const name = `${path} ${JSON.stringify(text.slice(0, 20))}…`;
      await isHarmless(name, () => world.ask(method, path, { token: tenant.owner, body }));
    }
  }
}, 120_000);
