import type { UpkeepDeps } from "../upkeep/upkeep-deps.ts";

/** Whose the participant's shops are is known across shops. */
export type PayoutDeps = Pick<UpkeepDeps, "db" | "system" | "clock" | "log" | "atStep" | "payoutProvider">;
