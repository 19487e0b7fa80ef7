import type { UpkeepDeps } from "../upkeep/upkeep-deps.ts";

/** Who is affected is known across shops. */
export type BreachDeps = Pick<UpkeepDeps, "db" | "system" | "sealer" | "clock" | "log" | "atStep">;
