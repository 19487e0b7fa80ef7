import { toTypeId } from "../../domain/id.ts";
import type { CustomerId } from "../../domain/id.ts";
import type { Core } from "../../runtime/open-core.ts";
import { waitUntil } from "../../runtime/wait-until.ts";
import { conversationWorkflowId } from "../../workflows/conversation.contract.ts";

export type HistoryCost = { events: number; bytes: number; types: Record<string, number> };

/** Of the conversation's newest run, once no task of it is open. */
export async function historyOf(core: Core, customerId: CustomerId): Promise<HistoryCost> {
  const handle = core.temporal.client.workflow.getHandle(conversationWorkflowId(toTypeId("cus", customerId)));
  const atRest = await waitUntil(
    async () => {
      const events = (await handle.fetchHistory()).events ?? [];
      return typeOf(events.at(-1)) === "workflowTaskCompleted" ? events : undefined;
    },
    { timeoutMs: 15_000, everyMs: 50 },
  );
  if (atRest === undefined) throw new Error("the conversation does not come to rest");
  const types: Record<string, number> = {};
  for (const event of atRest) types[typeOf(event)] = (types[typeOf(event)] ?? 0) + 1;
  const { historySize = 0 } = await handle.describe();
  return { events: atRest.length, bytes: historySize, types };
}

/** Events of all runs together. */
export async function eventsOfAllRuns(core: Core, customerId: CustomerId): Promise<number> {
  const id = conversationWorkflowId(toTypeId("cus", customerId));
  let events = 0;
  const runs = core.temporal.client.workflow.list({ query: `WorkflowId = "${id}"` });
  for await (const { runId } of runs) {
    events += (await core.temporal.client.workflow.getHandle(id, runId).fetchHistory()).events?.length ?? 0;
  }
  return events;
}

export async function countOpenWorkflows(core: Core): Promise<number> {
  return (await core.temporal.client.workflow.count('ExecutionStatus = "Running"')).count;
}

function typeOf(event: object | undefined): string {
  const key = Object.keys(event ?? {}).find((name) => name.endsWith("EventAttributes"));
  return (key ?? "unknown").replace(/(Execution)?EventAttributes$/, "");
}
