import type { Context } from "hono";

import { readHouseState } from "../db/system-state.ts";
import type { ApiEnv } from "./env.ts";
import { keepReading } from "./kept-reading.ts";
import type { ApiRouter } from "./router.ts";

/** A check that takes longer counts as "does not answer". */
const checkMs = 2_000;
/** Anybody may ask, and webhooks need the same few connections; no alarm is finer than this. */
const keptMs = 3_000;

export type Lifecycle = { isStopping: boolean };

/**
 * `/health/ready` is 200 as long as webhooks can be taken in, which needs Postgres only: while Temporal is away the
 * instance is `degraded`, decisions answer 503 by themselves, and messages must still be accepted.
 */
export function mountHealth(app: ApiRouter, lifecycle: Lifecycle): void {
  const dependencies = keepReading(checkDependencies, keptMs);
  const house = keepReading(measureHouse, keptMs);

  app.get("/health/live", (c) => c.json({ status: "live" }));

  app.get("/health/ready", async (c) => {
    const { postgres, temporal } = await dependencies(c);
    const isReady = postgres && !lifecycle.isStopping;
    const status = isReady ? (temporal ? "ready" : "degraded") : lifecycle.isStopping ? "stopping" : "away";
    const word = (isUp: boolean) => (isUp ? "up" : "away");
    c.header("cache-control", "no-store");
    return c.json({ status, postgres: word(postgres), temporal: word(temporal) }, isReady ? 200 : 503);
  });

  app.get("/metrics", async (c) => {
    const { registry } = c.var.metrics;
    await Promise.all([dependencies(c), house(c)]);
    return c.body(await registry.metrics(), 200, { "content-type": registry.contentType });
  });
}

async function checkDependencies(c: Context<ApiEnv>): Promise<{ postgres: boolean; temporal: boolean }> {
  const { db, system, temporal } = c.var.deps;
  const [postgres, processes] = await Promise.all([
    answers(Promise.all([db.ping(), system.ping()])),
    answers(temporal.ping()),
  ]);
  const { dependencyUp } = c.var.metrics;
  dependencyUp.set({ dependency: "postgres" }, postgres ? 1 : 0);
  dependencyUp.set({ dependency: "temporal" }, processes ? 1 : 0);
  return { postgres, temporal: processes };
}

/** What an operator sets an alarm on: whatever is broken, something begins to wait. */
function measureHouse(c: Context<ApiEnv>): Promise<void> {
  const { db, system, sealer, clock } = c.var.deps;
  return c.var.metrics.house.measure({
    now: () => clock.now(),
    readState: (now) => readHouseState(system, now),
    pools: { tenant: () => db.pool(), system: () => system.pool() },
    keyCache: () => sealer.cacheState(),
  });
}

async function answers(check: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), checkMs);
  });
  try {
    return await Promise.race([
      check.then(
        () => true,
        () => false,
      ),
      late,
    ]);
  } finally {
    clearTimeout(timer);
  }
}
