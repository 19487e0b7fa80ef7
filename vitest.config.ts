import { defineConfig } from "vitest/config";
import { CountReporter } from "./test/support/count-reporter.ts";
import { runFactor } from "./test/support/property-runs.ts";

/** The whole system as processes, on every core: beside it others would time out. */
const alone = ["test/walls/campaign.test.ts"];
const unit = ["domain", "clients", "sim"].map((area) => `test/${area}/**/*.test.{ts,tsx}`);
/** Postgres and no Temporal; but for what sets up anew what a process has once. */
const tables = ["test/{api,console,db}/**/!(order-update|sign-in-effort).test.{ts,tsx}"];
/** The whole product in one process after the other; but for what takes the place of a module. */
const flows = ["test/{activities,flows}/**/!(secret-guard).test.ts"];

const servers = {
  globalSetup: ["test/support/global-setup.ts"],
  setupFiles: ["test/support/quick-passwords.ts"],
};
/** One process for file after file: loading the product takes longer than most of them. */
const inOneProcess = { isolate: false, sequence: { groupOrder: 0 } };

export default defineConfig({
  test: {
    reporters: ["default", new CountReporter()],
    maxWorkers: 2,
    projects: [
      {
        extends: true,
        test: { name: "unit", include: unit, ...inOneProcess },
      },
      {
        extends: true,
        test: { name: "tables", include: tables, ...servers, ...inOneProcess },
      },
      {
        extends: true,
        test: { name: "flows", include: flows, ...servers, ...inOneProcess },
      },
      {
        extends: true,
        test: {
          name: "system",
          include: ["test/**/*.test.{ts,tsx}"],
          exclude: [...unit, ...tables, ...flows, ...alone],
          ...servers,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: "alone",
          include: alone,
          setupFiles: servers.setupFiles,
          sequence: { groupOrder: 1 },
        },
      },
    ],
    pool: "forks",
    testTimeout: 30_000 * Math.max(1, runFactor),
    hookTimeout: 60_000,
  },
});
