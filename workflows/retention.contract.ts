import type { RetentionRunId } from "../domain/id.ts";

export const retentionWorkflow = "retentionRun";

/** Of runs that people ask for; the schedule's have an id of its own. */
export function retentionWorkflowId(runId: string): string {
  return `retention/${runId}`;
}

/** Null: the daily run, which is begun or taken up again. */
export type RetentionInput = { version: 1; runId: RetentionRunId | null };
type RetentionRef = { runId: RetentionRunId };

export type BegunRetention = { version: 1; runId: RetentionRunId };
export type SweptRetention = { version: 1; state: "more" | "done" | "stale" };
export type EndedRetention = { version: 1; state: "done" | "stale"; counted: number; removed: number };

export interface RetentionActivities {
  /** The daily run's row. */
  beginRetention(): Promise<BegunRetention>;
  /** A slice of pages, each with its progress. */
  sweepRetention(ref: RetentionRef): Promise<SweptRetention>;
  /** Writes the proof. */
  endRetention(ref: RetentionRef & { state: "done" | "stale" }): Promise<EndedRetention>;
}
