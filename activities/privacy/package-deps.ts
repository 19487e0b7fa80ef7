import type { UpkeepDeps } from "../upkeep/upkeep-deps.ts";

/** Whose the person's shops are is known across shops. */
export type PackageDeps = Pick<
  UpkeepDeps,
  "db" | "system" | "clock" | "sealer" | "objects" | "log" | "atStep"
>;
