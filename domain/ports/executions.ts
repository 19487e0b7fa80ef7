/** One run of a workflow, as Temporal keeps it. */
export type Run = { workflowId: string; runId: string; isRunning: boolean };

/** Histories in Temporal. Every call rejects with `AppError("unavailable", …)` while it is away. */
export interface Executions {
  /** Every run of these workflows that is not deleted, whole chains of them. */
  listRuns(workflowIds: readonly string[]): Promise<Run[]>;
  /** Ends a run; one that is over or gone is fine. */
  terminate(run: Run): Promise<void>;
  /** Asks for the deletion of a run, which comes seconds later; one that is gone is fine. */
  remove(run: Run): Promise<void>;
}
