import type { WorkflowService } from "@temporalio/client";
import { msToTs } from "@temporalio/common/lib/time.js";

import { waitUntil } from "./wait-until.ts";

/** Closed workflows are kept as long as somebody may look for an error in them; the rows are the record. */
const retention = "72 hours";
/** gRPC codes. */
const notFound = 5;
const alreadyExists = 6;

/** Makes the namespace of a given server when it is missing, and waits until it is known. */
export async function ensureNamespace(service: WorkflowService, namespace: string): Promise<void> {
  try {
    await service.describeNamespace({ namespace });
    return;
  } catch (error) {
    if (!hasCode(error, notFound)) throw error;
  }
  try {
    await service.registerNamespace({ namespace, workflowExecutionRetentionPeriod: msToTs(retention) });
  } catch (error) {
    if (!hasCode(error, alreadyExists)) throw error;
  }
  // The server's parts learn of a new namespace one after the other.
  await waitUntil(() => service.listWorkflowExecutions({ namespace, pageSize: 1 }).catch(() => undefined), {
    timeoutMs: 30_000,
    everyMs: 500,
  });
}

function hasCode(error: unknown, code: number): boolean {
  return (error as { code?: unknown } | null)?.code === code;
}
