import { WorkflowNotFoundError } from "@temporalio/client";
import type { WorkflowClient, WorkflowHandle } from "@temporalio/client";
import { expect, test } from "vitest";

import { newId } from "../../domain/id.ts";
import type { OrderId, ShopId } from "../../domain/id.ts";
import { endStuckRun } from "../../runtime/stuck-runs.ts";
import { createProcesses } from "../../runtime/temporal-client.ts";
import type { TemporalClient } from "../../runtime/temporal-client.ts";

type Run = { status?: string; ageMs?: number; attempt?: number; activities?: number };

/** Temporal as it describes one run; what was ended. */
function temporalWith(run: Run | undefined) {
  const ended: (string | undefined)[] = [];
  const getHandle = (workflowId: string, runId?: string) =>
    ({
      describe: () => {
        if (run === undefined) return Promise.reject(new WorkflowNotFoundError("gone", workflowId, runId));
        const { status = "RUNNING", ageMs = 3_600_000, attempt, activities = 0 } = run;
        return Promise.resolve({
          runId: "run-1",
          status: { name: status },
          startTime: new Date(Date.now() - ageMs),
          raw: {
            pendingActivities: Array.from({ length: activities }, () => ({})),
            ...(attempt === undefined ? {} : { pendingWorkflowTask: { attempt } }),
          },
        });
      },
      terminate: () => Promise.resolve(ended.push(runId)),
    }) as unknown as WorkflowHandle;
  // The fake has what is used of a client; the handle's type has much more.
  return { client: { workflow: { getHandle: getHandle as WorkflowClient["getHandle"] } }, ended };
}

const late = true;
const onTime = false;

test.each<[string, Run, boolean]>([
  ["waits for nothing although it is late", {}, late],
  ["is late and whose task has failed", { attempt: 2 }, late],
  ["fails again and again", { attempt: 3 }, onTime],
  ["fails again and again beside an activity", { attempt: 3, activities: 1, ageMs: 1_000 }, late],
])("ends exactly the run that %s", async (_what, run, isLate) => {
  const { client, ended } = temporalWith(run);
  expect(await endStuckRun(client, { workflowId: "order/ord_1", isLate })).toBe(true);
  expect(ended).toEqual(["run-1"]);
});

test.each<[string, Run | undefined, boolean]>([
  ["waits for a person and is not late", {}, onTime],
  ["has failed once and is not late", { attempt: 2 }, onTime],
  ["has failed once and has just begun", { attempt: 2, ageMs: 5_000 }, late],
  ["waits for a worker", { attempt: 1 }, late],
  ["waits for an activity", { activities: 1 }, late],
  ["has just begun", { ageMs: 5_000 }, late],
  ["has ended", { status: "COMPLETED" }, late],
  ["is not there", undefined, late],
])("leaves a run that %s", async (_what, run, isLate) => {
  const { client, ended } = temporalWith(run);
  expect(await endStuckRun(client, { workflowId: "order/ord_1", isLate })).toBe(false);
  expect(ended).toEqual([]);
});

test("rings all the same when nobody may look at the run", async () => {
  const rung: string[] = [];
  const client = {
    connection: { withDeadline: (_deadline: number, work: () => Promise<void>) => work() },
    workflow: {
      getHandle: () => ({ describe: () => Promise.reject(new Error("permission denied")) }),
      signalWithStart: (_workflow: string, { workflowId }: { workflowId: string }) =>
        Promise.resolve(rung.push(workflowId)),
    },
  } as unknown as TemporalClient["client"]; // what a bell uses of a client
  const temporal: TemporalClient = { client, ping: () => Promise.resolve(), close: () => Promise.resolve() };
  const stuck: string[] = [];
  const processes = createProcesses(temporal, "main", (workflowId) => void stuck.push(workflowId));
  await processes.ringOrder({ shopId: newId<ShopId>(), orderId: newId<OrderId>(), isLate: true });
  expect(rung).toEqual([expect.stringMatching(/^order\/ord_/)]);
  expect(stuck).toEqual([]);
});
