import type { Registry } from "prom-client";

import { waitingThings } from "../domain/ports/house-state.ts";
import type { HouseState, KeyCacheState, PoolState } from "../domain/ports/house-state.ts";
import { createMeters } from "./metrics.ts";

export type HouseSources = {
  now(): Date;
  readState(now: Date): Promise<HouseState>;
  pools: Record<"tenant" | "system", () => PoolState>;
  keyCache(): KeyCacheState;
};

/** What API and worker both show: whatever is broken, something begins to wait, and one of the two can still tell. */
export function createHouseGauges(registry: Registry) {
  const meters = createMeters(registry);
  const ages = meters.gauge({
    name: "shopthread_oldest_waiting_seconds",
    help: "Age of the oldest of what waits, by what it is; 0 when none waits",
    labels: { what: waitingThings },
  });
  const counts = meters.gauge({
    name: "shopthread_waiting_rows",
    help: "How many wait, by what they are",
    labels: { what: waitingThings },
  });
  const brokenPages = meters.gauge({
    name: "shopthread_broken_pages_rows",
    help: "Pages whose token or permission Meta refuses",
    labels: {},
  });
  const keysRotated = meters.gauge({
    name: "shopthread_keys_rotated_timestamp_seconds",
    help: "When an epoch key was destroyed last; before the first time, when the first one was made",
    labels: {},
  });
  const skew = meters.gauge({
    name: "shopthread_clock_skew_seconds",
    help: "How far this machine's clock is ahead of the database's",
    labels: {},
  });
  const stateAge = meters.gauge({
    name: "shopthread_state_read_timestamp_seconds",
    help: "When the figures of the rows were read from Postgres last",
    labels: {},
  });
  const pool = meters.gauge({
    name: "shopthread_postgres_connections",
    help: "Connections of the pools of this process: in use, idle, the most there may be, and requests that wait",
    labels: { pool: ["tenant", "system"], state: ["used", "idle", "max", "waiting"] },
  });
  const keys = meters.gauge({
    name: "shopthread_data_keys",
    help: "Data keys that this process holds in memory",
    labels: {},
  });
  const lookUps = meters.counter({
    name: "shopthread_data_key_lookups_total",
    help: "Look-ups of data keys: found in memory, or asked of the keyring",
    labels: { outcome: ["hit", "miss"] },
  });
  const counted = { hit: 0, miss: 0 };

  function showKeys({ size, hits, misses }: KeyCacheState): void {
    keys.set({}, size);
    lookUps.add({ outcome: "hit" }, hits - counted.hit);
    lookUps.add({ outcome: "miss" }, misses - counted.miss);
    Object.assign(counted, { hit: hits, miss: misses });
  }

  function showState(state: HouseState, now: Date): void {
    const { waiting, brokenPages: broken, databaseNow, keysRotatedAt } = state;
    for (const what of waitingThings) {
      const { oldestAt, count } = waiting[what];
      ages.set({ what }, oldestAt === null ? 0 : Math.max(0, now.getTime() - oldestAt.getTime()) / 1_000);
      counts.set({ what }, count);
    }
    brokenPages.set({}, broken);
    if (keysRotatedAt !== null) keysRotated.set({}, keysRotatedAt.getTime() / 1_000);
    skew.set({}, (now.getTime() - databaseNow.getTime()) / 1_000);
    stateAge.set({}, now.getTime() / 1_000);
  }

  return {
    /** Before each scrape. Postgres may be away: the figures of this process count even then. */
    async measure(sources: HouseSources): Promise<void> {
      for (const [name, read] of Object.entries(sources.pools)) {
        const { total, idle, max, waiting } = read();
        const states = { used: total - idle, idle, max, waiting };
        for (const [state, value] of Object.entries(states)) pool.set({ pool: name, state }, value);
      }
      showKeys(sources.keyCache());
      const state = await sources.readState(sources.now()).catch(() => undefined);
      // The clock again, so that the time of the query is no skew.
      if (state !== undefined) showState(state, sources.now());
    },
  };
}
