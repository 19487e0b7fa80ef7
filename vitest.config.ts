import { defineConfig } from "vitest/config";
import { CountReporter } from "./test/support/count-reporter.ts";
import { runFactor } from "./test/support/property-runs.ts";

const unit = ["domain", "clients", "sim"].map((area) => `test/${area}/**/*.test.{ts,tsx}`);

export default defineConfig({
  test: {
    reporters: ["default", new CountReporter()],
    maxWorkers: 2,
    projects: [
      {
        extends: true,
        test: { name: "unit", include: unit },
      },
      {
        extends: true,
        test: {
          name: "system",
          include: ["test/**/*.test.{ts,tsx}"],
          exclude: unit,
          globalSetup: ["test/support/global-setup.ts"],
        },
      },
    ],
    pool: "forks",
    testTimeout: 30_000 * Math.max(1, runFactor),
    hookTimeout: 60_000,
  },
});
