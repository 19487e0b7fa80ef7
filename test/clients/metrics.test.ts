import { Registry } from "prom-client";
import { expect, test } from "vitest";

import { createHouseGauges } from "../../clients/house-gauges.ts";
import { createMeters } from "../../clients/metrics.ts";
import { waitingThings } from "../../domain/ports/house-state.ts";
import type { HouseState } from "../../domain/ports/house-state.ts";
import { plainLines } from "../../runtime/core-metrics.ts";
import { readSamples, valueOf } from "../support/prometheus.ts";

const words = "Ma Hla, 09 791 234 567";

test("a label value that nobody foresaw is shown as other, in every kind of metric", async () => {
  const registry = new Registry();
  const meters = createMeters(registry);
  const labels = { outcome: ["sent"], code: (code: string) => code === "190" };
  meters.counter({ name: "a_total", help: "a", labels }).add({ outcome: words, code: words });
  meters.gauge({ name: "b_rows", help: "b", labels }).set({ outcome: words, code: 190 }, 2);
  meters
    .histogram({ name: "c_seconds", help: "c", labels, buckets: [1] })
    .observe({ outcome: "sent", code: words }, 3);
  const text = await registry.metrics();
  expect(text).toContain('a_total{outcome="other",code="other"} 1');
  expect(text).toContain('b_rows{outcome="other",code="190"} 2');
  expect(text).toContain('c_seconds_sum{outcome="sent",code="other"} 3');
  expect(text).not.toMatch(/Hla|791/);
});

test("a counter begins at 0 for all its values, so that the first event is an increase", async () => {
  const registry = new Registry();
  const labels = { outcome: ["sent", "gone"], kind: ["a", "b"] };
  createMeters(registry).counter({ name: "pushes_total", help: "p", labels });
  const samples = readSamples(await registry.metrics());
  expect(samples.map(({ value }) => value)).toEqual([0, 0, 0, 0]);
});

test("what Temporal's core shows is handed on, but for a label that is no plain name", () => {
  const plain =
    'temporal_num_pollers{namespace="shopthread",poller_type="workflow_task",task_queue="main"} 2';
  const text = [
    "# TYPE temporal_num_pollers gauge",
    plain,
    `temporal_x{workflow_type="${words}"} 1`,
    'temporal_x{workflow_type="a\\"b"} 1',
    'other_x{a="b"} 1',
    "",
  ].join("\n");
  expect(plainLines(text)).toBe(`# TYPE temporal_num_pollers gauge\n${plain}\n`);
});

const now = new Date("2026-11-29T10:00:00Z");
const nothing = Object.fromEntries(waitingThings.map((what) => [what, { oldestAt: null, count: 0 }]));

async function measured(state: Partial<HouseState> | undefined) {
  const registry = new Registry();
  await createHouseGauges(registry).measure({
    now: () => now,
    readState: () =>
      state === undefined
        ? Promise.reject(new Error("away"))
        : Promise.resolve({
            waiting: nothing as HouseState["waiting"],
            brokenPages: 0,
            keysRotatedAt: null,
            databaseNow: now,
            ...state,
          }),
    pools: {
      tenant: () => ({ total: 5, idle: 2, waiting: 7, max: 20 }),
      system: () => ({ total: 0, idle: 0, waiting: 0, max: 3 }),
    },
    keyCache: () => ({ size: 4, hits: 10, misses: 1 }),
  });
  return readSamples(await registry.metrics());
}

test("a clock that differs from the database's shows by how much", async () => {
  const ahead = await measured({ databaseNow: new Date(now.getTime() - 90_000) });
  expect(valueOf(ahead, "shopthread_clock_skew_seconds")).toBe(90);
});

test("when keys were rotated last is shown, and nothing while no epoch is known", async () => {
  const rotated = await measured({ keysRotatedAt: new Date("2026-11-22T02:00:00Z") });
  expect(valueOf(rotated, "shopthread_keys_rotated_timestamp_seconds")).toBe(1_795_312_800);
  expect(valueOf(await measured({}), "shopthread_keys_rotated_timestamp_seconds")).toBe(0);
});

test("figures of the process are shown even while Postgres is away, and those of the rows grow stale", async () => {
  const samples = await measured(undefined);
  expect(valueOf(samples, "shopthread_postgres_connections", { pool: "tenant", state: "waiting" })).toBe(7);
  expect(valueOf(samples, "shopthread_postgres_connections", { pool: "tenant", state: "used" })).toBe(3);
  expect(valueOf(samples, "shopthread_state_read_timestamp_seconds")).toBe(0);
  expect(valueOf(samples, "shopthread_waiting_rows", { what: "messages" })).toBeUndefined();
});
