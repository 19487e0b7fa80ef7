import type { ColumnType } from "kysely";

import type { AccountId, RetentionRunId } from "../../domain/id.ts";
import type { PurgeRuleName } from "../../domain/privacy/purge-rules.ts";
import type {
  RetentionPhase,
  RetentionRunKind,
  RetentionRunState,
} from "../../domain/privacy/retention-run.ts";
import type { Count, Flag, Optional } from "./columns.ts";

export interface RetentionRunsTable {
  id: RetentionRunId;
  kind: RetentionRunKind;
  state: RetentionRunState;
  /** The instant that is judged, however long the run takes. */
  at: Date;
  /** Of `plan`: the dry run that it executes. */
  plan_id: Optional<RetentionRunId>;
  /** Of the ids, rule by rule. */
  hash: Optional<string>;
  /** Null: by the schedule. */
  started_by: Optional<AccountId>;
  started_at: Date;
  ended_at: Optional<Date>;
}

/** How far a rule has come in a run; in the end the proof of what it did. */
export interface RetentionResultsTable {
  run_id: RetentionRunId;
  phase: RetentionPhase;
  rule: PurgeRuleName;
  /** Where a shop has set no other. */
  cut_off: Date;
  /** The shop, or of a plan the key, that was done last. */
  cursor: Optional<string>;
  counted: Count;
  removed: Count;
  /** When the time of the oldest and of the newest of them began. */
  oldest_at: Optional<Date>;
  newest_at: Optional<Date>;
  /** SHA-256 over the keys, one after the other. */
  hash: ColumnType<Buffer, Buffer, Buffer>;
  is_done: Flag;
}

/** The exact ids that a dry run found. */
export interface RetentionPlanItemsTable {
  run_id: RetentionRunId;
  rule: PurgeRuleName;
  key: string;
}
