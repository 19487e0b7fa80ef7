import type { Context } from "hono";

import { findOldestWaiting } from "../db/system-sweeps.ts";
import type { ApiEnv } from "./env.ts";
import type { ApiRouter } from "./router.ts";

/** A check that takes longer counts as "does not answer". */
const checkMs = 2_000;

export type Lifecycle = { isStopping: boolean };

/**
 * `/health/ready` is 200 as long as webhooks can be taken in, which needs Postgres only: while Temporal is away the
 * instance is `degraded`, decisions answer 503 by themselves, and messages must still be accepted.
 */
export function mountHealth(app: ApiRouter, lifecycle: Lifecycle): void {
  app.get("/health/live", (c) => c.json({ status: "live" }));

  app.get("/health/ready", async (c) => {
    const { db, system, temporal } = c.var.deps;
    const [postgres, processes] = await Promise.all([
      answers(Promise.all([db.ping(), system.ping()])),
      answers(temporal.ping()),
    ]);
    setGauges(c, { postgres, temporal: processes });
    const isReady = postgres && !lifecycle.isStopping;
    const status = isReady ? (processes ? "ready" : "degraded") : lifecycle.isStopping ? "stopping" : "away";
    const word = (isUp: boolean) => (isUp ? "up" : "away");
    c.header("cache-control", "no-store");
    return c.json({ status, postgres: word(postgres), temporal: word(processes) }, isReady ? 200 : 503);
  });

  app.get("/metrics", async (c) => {
    const { registry } = c.var.metrics;
    await measureWaiting(c).catch(() => undefined); // Postgres is away: the other figures still count
    return c.body(await registry.metrics(), 200, { "content-type": registry.contentType });
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

/** What an operator sets an alarm on: whatever is broken, something begins to wait. */
async function measureWaiting(c: Context<ApiEnv>): Promise<void> {
  const { system, clock } = c.var.deps;
  const now = clock.now();
  const oldest = await findOldestWaiting(system, now);
  for (const what of ["messages", "turns", "sends"] as const) {
    const ageMs = now.getTime() - (oldest[what] ?? now).getTime();
    c.var.metrics.waiting.set({ what }, Math.max(0, ageMs) / 1_000);
  }
}

function setGauges(c: Context<ApiEnv>, up: { postgres: boolean; temporal: boolean }): void {
  const { dependencyUp } = c.var.metrics;
  dependencyUp.set({ dependency: "postgres" }, up.postgres ? 1 : 0);
  dependencyUp.set({ dependency: "temporal" }, up.temporal ? 1 : 0);
}
