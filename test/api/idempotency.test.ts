import { createRoute, z } from "@hono/zod-openapi";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";

import { createApi } from "../../api/app.ts";
import type { Api, ApiPart } from "../../api/app.ts";
import { idempotent } from "../../api/idempotency.ts";
import { HttpProblem } from "../../api/problem.ts";
import { scoped } from "../../api/route.ts";
import { AppError } from "../../domain/app-error.ts";
import { createApiWorld } from "./api-world.ts";
import type { ApiWorld, TestShop } from "./api-world.ts";

let world: ApiWorld;
let api: Api;
let shop: TestShop;
let key: string;
let ran: { updateId: string; id: string; word: string }[] = [];
let work: () => Promise<void> = () => Promise.resolve();
/** What the word's row says now. */
let row: { word: string; times: number } | undefined;

const wordPart: ApiPart = (app) => {
  const body = { content: { "application/json": { schema: z.strictObject({ word: z.string().max(10) }) } } };
  const route = createRoute(
    idempotent(
      scoped("orders.write", {
        method: "post",
        path: "/v1/words",
        request: { body },
        responses: { 201: { description: "Said", content: { "application/json": { schema: z.any() } } } },
      }),
      async (c) => {
        if (row === undefined) throw new HttpProblem(410, "word.gone", "Gone.");
        return { ...row, id: c.var.effect.id };
      },
    ),
  );
  app.openapi(route, async (c) => {
    const { word } = c.req.valid("json");
    ran.push({ ...c.var.effect, word });
    await work();
    row = { word, times: ran.length };
    return c.json({ ...row, id: c.var.effect.id }, 201);
  });
};

beforeAll(async () => {
  world = await createApiWorld();
  api = createApi(world.deps, [wordPart]);
});
afterAll(() => world.close());
beforeEach(async () => {
  shop = await world.addShop();
  key = await world.addApiKey(shop.shopId);
  ran = [];
  work = () => Promise.resolve();
});

function say(word: string, idempotencyKey: string | undefined, token = key): Promise<Response> {
  const headers: Record<string, string> = {
    "content-type": "application/json",
    authorization: `Bearer ${token}`,
  };
  if (idempotencyKey !== undefined) headers["idempotency-key"] = idempotencyKey;
  return Promise.resolve(
    api.app.request("/v1/words", { method: "POST", headers, body: JSON.stringify({ word }) }),
  );
}

test("a marked route demands a key", async () => {
  const response = await say("hello", undefined);
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ code: "idempotency.key_required" });
  expect((await say("hello", "two words")).status).toBe(400);
  expect(ran).toEqual([]);
});

test("a repeated request is answered again, not carried out again", async () => {
  const first = await say("hello", "k1");
  const second = await say("hello", "k1");
  expect(first.headers.get("idempotent-replayed")).toBeNull();
  expect(second.headers.get("idempotent-replayed")).toBe("true");
  expect(second.status).toBe(201);
  expect(await second.json()).toEqual(await first.json());
  expect(ran.length).toBe(1);
});

test("the same key with another body is 422", async () => {
  await say("hello", "k1");
  const response = await say("goodbye", "k1");
  expect(response.status).toBe(422);
  expect(await response.json()).toMatchObject({ code: "idempotency.key_reused" });
  expect(ran.length).toBe(1);
});

test("a twin in flight is 409 with Retry-After", async () => {
  let finish = () => {};
  const running = new Promise<void>((resolve) => {
    work = () =>
      new Promise((done) => {
        finish = done;
        resolve();
      });
  });
  const first = say("hello", "k1");
  await running;
  const twin = await say("hello", "k1");
  expect(twin.status).toBe(409);
  expect(twin.headers.get("retry-after")).toBe("1");
  finish();
  expect((await first).status).toBe(201);
  expect(ran.length).toBe(1);
});

test("fifty at once are carried out once", async () => {
  const responses = await Promise.all(Array.from({ length: 50 }, () => say("hello", "k1")));
  expect(ran.length).toBe(1);
  expect(responses.filter(({ status }) => status !== 201 && status !== 409)).toEqual([]);
});

test("a key refused by validation may come with a corrected request", async () => {
  expect((await say("much too long a word", "k1")).status).toBe(422);
  expect((await say("hello", "k1")).status).toBe(201);
});

test("an unknown outcome may be offered again, with the same update id and row id", async () => {
  work = () => Promise.reject(new AppError("unknown_outcome", "decision.pending", { internal: "timed out" }));
  expect((await say("hello", "k1")).status).toBe(504);
  expect((await say("goodbye", "k1")).status).toBe(422);
  work = () => Promise.resolve();
  expect((await say("hello", "k1")).status).toBe(201);
  expect(ran.length).toBe(2);
  expect(ran[0]).toEqual(ran[1]);
});

test("a refusal by the state is kept like an answer", async () => {
  work = () =>
    Promise.reject(new AppError("conflict", "order.not_paid", { internal: "x", public: "Not paid." }));
  expect((await say("hello", "k1")).status).toBe(409);
  work = () => Promise.resolve();
  const again = await say("hello", "k1");
  expect(again.status).toBe(409);
  expect(again.headers.get("content-type")).toBe("application/problem+json");
  expect(again.headers.get("idempotent-replayed")).toBe("true");
});

test("a key whose process died is free again when its lease has ended", async () => {
  await say("hello", "k1");
  await world.owner.query(
    "update idempotency_keys set status = null, response = null, lease_until = now() - interval '1 second' where shop_id = $1",
    [shop.shopId],
  );
  expect((await say("hello", "k1")).status).toBe(201);
  expect(ran[0]).toEqual(ran[1]);
});

test("keys of two actors are two keys", async () => {
  const other = await world.addApiKey(shop.shopId);
  await say("hello", "k1");
  const response = await say("goodbye", "k1", other);
  expect(response.status).toBe(201);
  expect(ran[0]?.updateId).not.toBe(ran[1]?.updateId);
});

test("an answer is read again from its rows, as they are now", async () => {
  await say("hello", "k1");
  row = { word: "changed", times: 1 };
  const again = await say("hello", "k1");
  expect([again.status, await again.json()]).toMatchObject([201, { word: "changed" }]);
  row = undefined;
  const gone = await say("hello", "k1");
  expect([gone.status, await gone.json()]).toMatchObject([410, { code: "word.gone" }]);
  expect(ran.length).toBe(1);
});

test("nothing of an answer is kept, and of a refusal only its sealed words", async () => {
  await say("hello", "k1");
  work = () =>
    Promise.reject(new AppError("conflict", "order.not_paid", { internal: "x", public: "Not paid." }));
  await say("goodbye", "k2");
  const { rows } = await world.owner.query<{ key: string; status: number; response: Buffer | null }>(
    "select key, status, response from idempotency_keys where shop_id = $1 order by key",
    [shop.shopId],
  );
  expect(rows[0]).toEqual({ key: "k1", status: 201, response: null });
  expect(rows[1]).toMatchObject({ key: "k2", status: 409, response: expect.any(Buffer) });
  expect(rows[1]?.response?.includes("not_paid")).toBe(false);
});

test("the effect's id is a uuid v7", async () => {
  await say("hello", "k1");
  expect(ran[0]?.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});
