import { WorkflowNotFoundError } from "@temporalio/client";
import type { WorkflowClient, WorkflowHandle } from "@temporalio/client";
import { expect, test } from "vitest";

import { newId, toTypeId } from "../../domain/id.ts";
import type {
  CustomerId,
  EvidenceId,
  OrderId,
  ParticipantId,
  PayoutId,
  ShopId,
  UpgradeRequestId,
} from "../../domain/id.ts";
import type { Processes } from "../../domain/ports/processes.ts";
import { endStuckRun } from "../../runtime/stuck-runs.ts";
import { createProcesses, endIfStuck } from "../../runtime/temporal-client.ts";
import type { TemporalClient } from "../../runtime/temporal-client.ts";
import { conversationWorkflowId } from "../../workflows/conversation.contract.ts";
import { evidenceWorkflowId } from "../../workflows/evidence.contract.ts";
import { orderWorkflowId } from "../../workflows/order.contract.ts";
import { payoutWorkflowId } from "../../workflows/payout.contract.ts";
import { subscriptionWorkflowId } from "../../workflows/subscription.contract.ts";
import { upgradeWorkflowId } from "../../workflows/upgrade.contract.ts";
import { shortConversationTimings } from "../support/short-timings.ts";

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

const shopId = newId<ShopId>();
const customerId = newId<CustomerId>();
const orderId = newId<OrderId>();
const evidenceId = newId<EvidenceId>();
const requestId = newId<UpgradeRequestId>();
const [payoutId, participantId] = [newId<PayoutId>(), newId<ParticipantId>()];

type Ring = (processes: Processes, isLate: boolean) => Promise<void>;
/** Every process that has a bell. */
const bells: [string, string, Ring][] = [
  [
    "a conversation",
    conversationWorkflowId(toTypeId("cus", customerId)),
    (processes, isLate) =>
      processes.ringConversation({ shopId, customerId, timings: shortConversationTimings, isLate }),
  ],
  [
    "an order",
    orderWorkflowId(toTypeId("ord", orderId)),
    (processes, isLate) => processes.ringOrder({ shopId, orderId, isLate }),
  ],
  [
    "a slip",
    evidenceWorkflowId(toTypeId("evd", evidenceId)),
    (processes, isLate) => processes.ringEvidence({ shopId, evidenceId, isLate }),
  ],
  [
    "a request for a plan",
    upgradeWorkflowId(toTypeId("upg", requestId)),
    (processes, isLate) => processes.ringUpgrade({ shopId, requestId, isLate }),
  ],
  [
    "a payout",
    payoutWorkflowId(toTypeId("ptc", participantId), "2026-11"),
    (processes, isLate) => processes.ringPayout({ payoutId, participantId, period: "2026-11", isLate }),
  ],
  [
    "a subscription",
    subscriptionWorkflowId(toTypeId("shop", shopId)),
    (processes, isLate) => processes.ringSubscription({ shopId, isLate }),
  ],
];

/** Temporal under the product's own client; what was done to which run, in order. */
function processesWith(run: Run | "forbidden") {
  const done: string[] = [];
  const look = temporalWith(run === "forbidden" ? undefined : run);
  const getHandle = (workflowId: string, runId?: string) => {
    const handle = look.client.workflow.getHandle(workflowId, runId);
    return {
      describe: () =>
        run === "forbidden" ? Promise.reject(new Error("permission denied")) : handle.describe(),
      terminate: () => Promise.resolve(done.push(`ended ${workflowId} ${runId}`)),
    };
  };
  const client = {
    connection: { withDeadline: (_deadline: number, work: () => Promise<void>) => work() },
    workflow: {
      getHandle,
      signalWithStart: (_workflow: string, { workflowId }: { workflowId: string }) =>
        Promise.resolve(done.push(`rang ${workflowId}`)),
    },
  } as unknown as TemporalClient["client"]; // what is used of a client
  const temporal: TemporalClient = { client, ping: () => Promise.resolve(), close: () => Promise.resolve() };
  const onStuck = (workflowId: string) => void done.push(`told of ${workflowId}`);
  return { temporal, done, onStuck, processes: createProcesses(temporal, "main", onStuck) };
}

test.each(bells)(
  "ends the run of %s that is late and cannot move, and then rings",
  async (_what, id, ring) => {
    const { processes, done } = processesWith({});
    await ring(processes, late);
    expect(done).toEqual([`ended ${id} run-1`, `told of ${id}`, `rang ${id}`]);
  },
);

test.each(bells)("rings for %s that is on time without a look at its run", async (_what, id, ring) => {
  const { processes, done } = processesWith({ attempt: 3 });
  await ring(processes, onTime);
  expect(done).toEqual([`rang ${id}`]);
});

test.each(bells)("rings for %s all the same when nobody may look at its run", async (_what, id, ring) => {
  const { processes, done } = processesWith("forbidden");
  await ring(processes, late);
  expect(done).toEqual([`rang ${id}`]);
});

/** What persons decide on. */
const decided = bells.filter(([what]) => what !== "a conversation");

test.each(decided)(
  "ends the run of %s when a decision finds that it fails again and again",
  async (_what, workflowId) => {
    const { temporal, done, onStuck } = processesWith({ attempt: 3 });
    await endIfStuck(temporal, { workflowId, isLate: onTime, withinMs: 5_000, onStuck });
    expect(done).toEqual([`ended ${workflowId} run-1`, `told of ${workflowId}`]);
  },
);

test.each(decided)("leaves the run of %s when a decision finds that it waits", async (_what, workflowId) => {
  const { temporal, done, onStuck } = processesWith({});
  await endIfStuck(temporal, { workflowId, isLate: onTime, withinMs: 5_000, onStuck });
  expect(done).toEqual([]);
});

test.each(decided)(
  "ends the run of %s that waits and did nothing with a decision",
  async (_what, workflowId) => {
    const { temporal, done, onStuck } = processesWith({});
    await endIfStuck(temporal, { workflowId, isLate: late, withinMs: 5_000, onStuck });
    expect(done).toEqual([`ended ${workflowId} run-1`, `told of ${workflowId}`]);
  },
);
