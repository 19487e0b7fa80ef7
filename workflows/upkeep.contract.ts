/** Names under which the worker registers the workflows that schedules start. */
export const reconcileWorkflow = "reconcileRun";
export const pageCheckWorkflow = "pageCheckRun";

export type Reconciled = { openRows: number; startedProcesses: number; rungConversations: number };

export interface UpkeepActivities {
  /** Starts what has a row and no workflow, rings for what waits. */
  reconcile(): Promise<Reconciled>;
  /** Token and subscription of every Page. */
  checkPages(): Promise<void>;
}
