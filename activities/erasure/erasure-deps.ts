import type { UpkeepDeps } from "../upkeep/upkeep-deps.ts";

export type ErasureDeps = Omit<UpkeepDeps, "listRunning" | "mail" | "door" | "gaps">;
