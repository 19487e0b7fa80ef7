import { WorkflowNotFoundError } from "@temporalio/client";
import type { WorkflowClient, WorkflowExecutionDescription } from "@temporalio/client";

/** At this attempt of one workflow task the next fails as well: the history does not fit the code. */
const failingAttempt = 3;
/** Of a run that is late, one failure is enough: the third attempt may be half a minute away. */
const failingAttemptWhenLate = 2;
/** A run that has just begun, maybe because it was ended here, gets its chance. */
const youngMs = 10_000;

/**
 * Ends a run that cannot go on, so that the next bell or update starts its workflow anew from its row; true when it did.
 *
 * A run whose workflow task fails again and again is stuck: with code that does not fit its history, or after an older
 * copy of Temporal's database was put back under a worker that remembers more. Such a worker may also take news for old
 * and do nothing; when `isLate` says that the run should have moved by now, one that waits for no activity and no task
 * of its own is stuck too. Ending one that would have moved is harmless: effects are keyed and the row has the state.
 */
export async function endStuckRun(
  client: { workflow: Pick<WorkflowClient, "getHandle"> },
  { workflowId, isLate }: { workflowId: string; isLate: boolean },
): Promise<boolean> {
  try {
    const run = await client.workflow.getHandle(workflowId).describe();
    if (run.status.name !== "RUNNING" || !isStuck(run, isLate)) return false;
    await client.workflow.getHandle(workflowId, run.runId).terminate("stuck: started anew from its row");
    return true;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false; // it ended by itself, or never ran
    throw error;
  }
}

function isStuck({ raw, startTime }: WorkflowExecutionDescription, isLate: boolean): boolean {
  const attempt = raw.pendingWorkflowTask?.attempt ?? 0;
  if (attempt >= failingAttempt) return true;
  // The server's time and this machine's may differ: then it is ended a little later, or a little early.
  const isYoung = Date.now() - startTime.getTime() < youngMs;
  if (!isLate || isYoung) return false;
  const isIdle = !raw.pendingWorkflowTask && (raw.pendingActivities ?? []).length === 0;
  return isIdle || attempt >= failingAttemptWhenLate;
}
