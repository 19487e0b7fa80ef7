import * as fc from "fast-check";

import { runFactor } from "./property-runs.ts";

/** A run is the same everywhere; a failure prints its seed and path. `FAST_CHECK_SEED=random` looks elsewhere each time. */
const given = process.env["FAST_CHECK_SEED"] ?? "20260101";
const seed = given === "random" ? Math.floor(Math.random() * 2 ** 31) : Number(given);

fc.configureGlobal({ seed, numRuns: runs(100) });

export { fc };

/** How often a property is tried, where 100 are too few or too many. */
export function runs(count: number): number {
  return Math.max(1, Math.round(count * runFactor));
}
