import type { SystemDatabase } from "../../db/system-database.ts";
import type { ActivityDeps } from "../deps.ts";

/** Upkeep looks across shops, under its own login. */
export type UpkeepDeps = ActivityDeps & {
  system: SystemDatabase;
  /** The ids of all workflows that run, one listing. */
  listRunning(): Promise<ReadonlySet<string>>;
};
