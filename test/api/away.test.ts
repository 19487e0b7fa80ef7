import { afterAll, beforeAll, expect, test } from "vitest";

import { createApi } from "../../api/app.ts";
import type { Api } from "../../api/app.ts";
import { openDatabase } from "../../db/connection.ts";
import { openSystemDatabase } from "../../db/system-database.ts";
import { createApiWorld, envelope, messageItem, newPsid, signedPost } from "./api-world.ts";
import type { ApiWorld } from "./api-world.ts";

const nobody = { url: "postgres://app_api:a@127.0.0.1:1/nothing", maxConnections: 1, name: "test" };

let world: ApiWorld;
let cutOff: Api;
beforeAll(async () => {
  world = await createApiWorld();
  cutOff = createApi({ ...world.deps, db: openDatabase(nobody), system: openSystemDatabase(nobody) });
});
afterAll(() => world.close());

test("a webhook is 503 while Postgres is away, so that Meta sends it again", async () => {
  const shop = await world.addShop();
  const items = [messageItem(shop, newPsid(), { text: "hello" })];
  const request = signedPost(envelope({ metaPageId: shop.metaPageId, items }));
  const response = await cutOff.app.request("/webhooks/messenger", request);
  expect(response.status).toBe(503);
  expect(response.headers.get("retry-after")).toBe("2");
  expect(await response.json()).toMatchObject({ code: "db.away", status: 503 });
});

test("a forged webhook is 401 even then", async () => {
  const response = await cutOff.app.request("/webhooks/messenger", signedPost("{}", { secret: "forged" }));
  expect(response.status).toBe(401);
});

test("readiness is 503 while Postgres is away, liveness is not", async () => {
  const ready = await cutOff.app.request("/health/ready");
  expect(ready.status).toBe(503);
  expect(await ready.json()).toEqual({ status: "away", postgres: "away", temporal: "up" });
  expect((await cutOff.app.request("/health/live")).status).toBe(200);
});

test("readiness is 200 while Temporal is away, and says so", async () => {
  world.outside.isTemporalAway = true;
  try {
    const ready = await world.api.app.request("/health/ready");
    expect(ready.status).toBe(200);
    expect(await ready.json()).toEqual({ status: "degraded", postgres: "up", temporal: "away" });
  } finally {
    world.outside.isTemporalAway = false;
  }
});

test("readiness is 503 from the moment shutdown begins", async () => {
  const stopping = createApi(world.deps);
  expect((await stopping.app.request("/health/ready")).status).toBe(200);
  stopping.beginShutdown();
  expect((await stopping.app.request("/health/ready")).status).toBe(503);
  await stopping.drained();
});

test("metrics count events by what became of them", async () => {
  const shop = await world.addShop();
  const item = messageItem(shop, newPsid(), { text: "hello" });
  const request = () => signedPost(envelope({ metaPageId: shop.metaPageId, items: [item] }));
  await world.api.app.request("/webhooks/messenger", request());
  await world.api.app.request("/webhooks/messenger", request());
  const metrics = await (await world.api.app.request("/metrics")).text();
  expect(metrics).toContain('shopthread_webhook_events_total{kind="message",outcome="stored"} 1');
  expect(metrics).toContain('shopthread_webhook_events_total{kind="message",outcome="duplicate"} 1');
});

test("metrics say how long the oldest message has waited for a worker", async () => {
  const shop = await world.addShop();
  const item = messageItem(shop, newPsid(), { text: "is anybody there?" });
  await world.api.app.request(
    "/webhooks/messenger",
    signedPost(envelope({ metaPageId: shop.metaPageId, items: [item] })),
  );
  const later = createApi({
    ...world.deps,
    clock: { now: () => new Date(world.deps.clock.now().getTime() + 600_000) },
  });
  const metrics = await (await later.app.request("/metrics")).text();
  const [, seconds] = /shopthread_oldest_waiting_seconds\{what="messages"\} ([\d.]+)/.exec(metrics) ?? [];
  expect(Number(seconds)).toBeGreaterThanOrEqual(600);
  expect(metrics).toContain('shopthread_oldest_waiting_seconds{what="turns"} 0');
  await later.drained();
});

test("many who ask for metrics and readiness at once cost one reading", async () => {
  const { db, temporal } = world.deps;
  const asked = { measures: 0, pings: 0, temporalPings: 0 };
  const watched = createApi({
    ...world.deps,
    db: {
      ...db,
      ping: () => (asked.pings++, db.ping()),
      pool: () => (asked.measures++, db.pool()),
    },
    temporal: { ...temporal, ping: () => (asked.temporalPings++, temporal.ping()) },
  });
  const paths = Array.from({ length: 40 }, (_, index) => (index % 2 ? "/metrics" : "/health/ready"));
  const answers = await Promise.all(paths.map(async (path) => watched.app.request(path)));
  expect(answers.map(({ status }) => status)).toEqual(paths.map(() => 200));
  await watched.app.request("/metrics");
  expect(asked).toEqual({ measures: 1, pings: 1, temporalPings: 1 });
  await watched.drained();
});
