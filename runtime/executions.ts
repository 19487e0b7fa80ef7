import { WorkflowNotFoundError, isGrpcServiceError } from "@temporalio/client";

import { AppError } from "../domain/app-error.ts";
import type { Executions, Run } from "../domain/ports/executions.ts";
import type { TemporalClient } from "./temporal-client.ts";

const deadlineMs = 10_000;
/** A query names at most so many ids. */
const idsAtOnce = 50;
/** gRPC NOT_FOUND. */
const notFound: ReadonlySet<number> = new Set([5]);

/** Through the same client as all else; what is gone is no error. */
export function createExecutions({ client }: TemporalClient): Executions {
  const ask = async <T>(work: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await client.connection.withDeadline(Date.now() + deadlineMs, work);
    } catch (cause) {
      if (cause instanceof WorkflowNotFoundError) return undefined;
      if (isGrpcServiceError(cause) && notFound.has(cause.code)) return undefined;
      throw new AppError("unavailable", "temporal.away", { internal: "temporal did not answer", cause });
    }
  };
  const handleOf = ({ workflowId, runId }: Run) => client.workflow.getHandle(workflowId, runId);

  /** The listing may be some milliseconds behind a run that has just begun. */
  const newestRun = (workflowId: string): Promise<Run | undefined> =>
    ask(async () => {
      const { runId, status } = await client.workflow.getHandle(workflowId).describe();
      return { workflowId, runId, isRunning: status.name === "RUNNING" };
    });

  /** Every run of the chains; one that the listing still shows may be gone. */
  const listed = async (workflowIds: readonly string[]): Promise<Run[]> => {
    const query = `WorkflowId IN (${workflowIds.map((id) => `"${id}"`).join(", ")})`;
    const runs = await ask(async () => {
      const found: Run[] = [];
      for await (const { workflowId, runId, status } of client.workflow.list({ query })) {
        found.push({ workflowId, runId, isRunning: status.name === "RUNNING" });
      }
      return found;
    });
    return runs ?? [];
  };

  return {
    async listRuns(workflowIds) {
      const runs = new Map<string, Run>();
      for (let from = 0; from < workflowIds.length; from += idsAtOnce) {
        const some = workflowIds.slice(from, from + idsAtOnce);
        const newest = await Promise.all(some.map((id) => newestRun(id)));
        for (const run of [...(await listed(some)), ...newest]) if (run) runs.set(run.runId, run);
      }
      return [...runs.values()];
    },
    async terminate(run) {
      await ask(() => handleOf(run).terminate("the person is erased"));
    },
    async remove({ workflowId, runId }) {
      await ask(() =>
        client.workflowService.deleteWorkflowExecution({
          namespace: client.options.namespace,
          workflowExecution: { workflowId, runId },
        }),
      );
    },
  };
}
