import { defineConfig } from "vitest/config";
import { CountReporter } from "./test/support/count-reporter.ts";
import { runFactor } from "./test/support/property-runs.ts";

/** The whole system as processes, on every core: beside it others would time out. */
const alone = ["test/walls/campaign.test.ts"];
const unit = ["domain", "clients", "sim"].map((area) => `test/${area}/**/*.test.{ts,tsx}`);

export default defineConfig({
  test: {
    reporters: ["default", new CountReporter()],
    maxWorkers: 2,
    projects: [
      {
        extends: true,
        test: { name: "unit", include: unit, sequence: { groupOrder: 0 } },
      },
      {
        extends: true,
        test: {
          name: "system",
          include: ["test/**/*.test.{ts,tsx}"],
          exclude: [...unit, ...alone],
          globalSetup: ["test/support/global-setup.ts"],
          setupFiles: ["test/support/quick-passwords.ts"],
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: "alone",
          include: alone,
          globalSetup: ["test/support/global-setup.ts"],
          setupFiles: ["test/support/quick-passwords.ts"],
          sequence: { groupOrder: 1 },
        },
      },
    ],
    pool: "forks",
    testTimeout: 30_000 * Math.max(1, runFactor),
    hookTimeout: 60_000,
  },
});
