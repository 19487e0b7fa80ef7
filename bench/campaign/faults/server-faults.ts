import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";

import { copyTemporal, restoreTemporal } from "../servers.ts";
import type { FaultKind } from "./fault-kind.ts";

export const postgresFaults: FaultKind[] = [
  {
    id: "F15",
    title: "Postgres killed",
    weight: 3,
    stream: "lasting",
    strike: async ({ town, random }) => {
      await town.postgres.kill("SIGKILL");
      const seconds = random.int(0, 8);
      await wait(seconds * 1_000);
      await town.postgres.revive();
      return { what: `back after ${seconds} s`, hasStruck: true };
    },
  },
  {
    id: "F16",
    title: "Postgres shut down at once (immediate)",
    weight: 2,
    stream: "lasting",
    strike: async ({ town }) => {
      await town.postgres.kill("SIGQUIT");
      await town.postgres.revive();
      return { what: "and started", hasStruck: true };
    },
  },
  {
    id: "F19",
    title: "database connections cut",
    weight: 4,
    stream: "lasting",
    strike: async ({ town }) => {
      await town.rows(
        "select pg_terminate_backend(pid) from pg_stat_activity where application_name in ('api', 'worker', 'campaign')",
      );
      return { what: "all of api and workers", hasStruck: true };
    },
  },
  {
    id: "F22",
    title: "slow commits (fsync)",
    weight: 2,
    stream: "lasting",
    strike: async ({ town, random }) => {
      const seconds = random.int(8, 20);
      await town.rows("alter system set commit_siblings = 0");
      await town.rows("alter system set commit_delay = 100000");
      await town.rows("select pg_reload_conf()");
      await wait(seconds * 1_000);
      await town.rows("alter system reset all");
      await town.rows("select pg_reload_conf()");
      return { what: `100 ms a commit for ${seconds} s`, hasStruck: true };
    },
  },
  {
    id: "F21",
    title: "disk of Postgres full",
    weight: 2,
    stream: "lasting",
    needsDisks: true,
    strike: async ({ town, random }) => {
      const seconds = random.int(4, 10);
      await town.disks?.postgres.fill();
      await wait(seconds * 1_000);
      await town.disks?.postgres.empty();
      await town.postgres.revive();
      return { what: `${seconds} s`, hasStruck: true };
    },
  },
  {
    id: "F53",
    title: "disk of the object store full",
    weight: 2,
    stream: "lasting",
    needsDisks: true,
    strike: async ({ town, random }) => {
      const seconds = random.int(4, 10);
      await town.disks?.objects.fill();
      await wait(seconds * 1_000);
      await town.disks?.objects.empty();
      return { what: `${seconds} s`, hasStruck: true };
    },
  },
];

export const temporalFaults: FaultKind[] = [
  {
    id: "F25",
    title: "Temporal killed and started",
    weight: 3,
    stream: "lasting",
    strike: async ({ town }) => {
      await town.temporal.kill();
      await town.temporal.revive();
      return { what: "at once", hasStruck: true };
    },
  },
  {
    id: "F26",
    title: "Temporal away",
    weight: 2,
    stream: "lasting",
    strike: async ({ town, random }) => {
      const seconds = random.int(10, 30);
      await town.temporal.kill();
      await wait(seconds * 1_000);
      await town.temporal.revive();
      return { what: `${seconds} s`, hasStruck: true };
    },
  },
  {
    id: "F27",
    title: "Temporal frozen: answers come late or never",
    weight: 2,
    stream: "lasting",
    strike: async ({ town, random }) => {
      const seconds = random.int(3, 12);
      await town.temporal.freeze(seconds * 1_000);
      return { what: `${seconds} s`, hasStruck: true };
    },
  },
  {
    id: "F71",
    title: "schedule fires several times at once",
    weight: 2,
    stream: "lasting",
    strike: async ({ town, random }) => {
      const times = random.int(2, 4);
      const schedule = town.core.temporal.client.schedule.getHandle("reconcile");
      const fired = await Promise.allSettled(
        Array.from({ length: times }, () => schedule.trigger("ALLOW_ALL")),
      );
      return { what: `${times} times`, hasStruck: fired.some(({ status }) => status === "fulfilled") };
    },
  },
  {
    id: "F29",
    title: "Temporal database lost, or restored from an older copy",
    weight: 1,
    stream: "lasting",
    strike: async ({ town, random }) => {
      const copy = join(town.paths.home, "temporal-copy");
      const isLost = random.chance(0.4);
      await town.temporal.kill();
      if (!isLost) {
        await copyTemporal(town.paths.temporalDb, copy);
        await town.temporal.revive();
        await wait(random.int(8, 20) * 1_000);
        await town.temporal.kill();
      }
      await restoreTemporal(town.paths.temporalDb, isLost ? undefined : copy);
      await town.temporal.revive();
      if (!isLost) town.restores.push(Date.now());
      return { what: isLost ? "lost" : "restored", hasStruck: true };
    },
  },
];
