import {
  Client,
  Connection,
  WorkflowExecutionAlreadyStartedError,
  defaultGrpcRetryOptions,
  makeGrpcRetryInterceptor,
} from "@temporalio/client";
import type { DataConverter } from "@temporalio/common";
import type { TLSConfig } from "@temporalio/client";

import { platformShopId } from "../db/accounts.ts";
import { AppError } from "../domain/app-error.ts";
import { toTypeId } from "../domain/id.ts";
import type { ShopId } from "../domain/id.ts";
import type { Bell, Processes } from "../domain/ports/processes.ts";
import { bell, conversationWorkflow, conversationWorkflowId } from "../workflows/conversation.contract.ts";
import type { ConversationInput } from "../workflows/conversation.contract.ts";
import { erasureChanged, erasureWorkflow, erasureWorkflowId } from "../workflows/erasure.contract.ts";
import type { ErasureInput } from "../workflows/erasure.contract.ts";
import { evidenceChanged, evidenceWorkflow, evidenceWorkflowId } from "../workflows/evidence.contract.ts";
import type { EvidenceInput } from "../workflows/evidence.contract.ts";
import { orderChanged, orderWorkflow, orderWorkflowId } from "../workflows/order.contract.ts";
import type { OrderInput } from "../workflows/order.contract.ts";
import { breachChanged, breachWorkflow, breachWorkflowId } from "../workflows/breach.contract.ts";
import type { BreachInput } from "../workflows/breach.contract.ts";
import { payoutChanged, payoutWorkflow, payoutWorkflowId } from "../workflows/payout.contract.ts";
import type { PayoutInput } from "../workflows/payout.contract.ts";
import { retentionWorkflow, retentionWorkflowId } from "../workflows/retention.contract.ts";
import type { RetentionInput } from "../workflows/retention.contract.ts";
import { privacyChanged, privacyWorkflow, privacyWorkflowId } from "../workflows/privacy-request.contract.ts";
import type { PrivacyInput } from "../workflows/privacy-request.contract.ts";
import {
  subscriptionChanged,
  subscriptionWorkflow,
  subscriptionWorkflowId,
} from "../workflows/subscription.contract.ts";
import type { SubscriptionInput } from "../workflows/subscription.contract.ts";
import { upgradeChanged, upgradeWorkflow, upgradeWorkflowId } from "../workflows/upgrade.contract.ts";
import type { UpgradeInput } from "../workflows/upgrade.contract.ts";
import { pageChanged, pageTendingId, pageTendingWorkflow } from "../workflows/upkeep.contract.ts";
import type { PageTending } from "../workflows/upkeep.contract.ts";
import { bulkQueueOf } from "./queues.ts";
import { endStuckRun } from "./stuck-runs.ts";

export type TemporalClient = {
  client: Client;
  /** Rejects within the deadline while the server is away. */
  ping(): Promise<void>;
  close(): Promise<void>;
};

const pingDeadlineMs = 1_500;
const ringDeadlineMs = 3_000;
/** gRPC RESOURCE_EXHAUSTED, which a closing run answers: worth an early second try. */
const exhausted: ReadonlySet<number> = new Set([8]);

/** A client that comes back within a second after an outage: grpc-js would back off for up to two minutes. */
export function connectTemporal(options: {
  address: string;
  namespace: string;
  dataConverter: DataConverter;
  /** As `temporalTls` answers it. */
  tls?: TLSConfig | undefined;
}): TemporalClient {
  const connection = Connection.lazy({
    address: options.address,
    tls: options.tls ?? null,
    channelArgs: { "grpc.initial_reconnect_backoff_ms": 100, "grpc.max_reconnect_backoff_ms": 1_000 },
    interceptors: [
      makeGrpcRetryInterceptor(
        defaultGrpcRetryOptions({
          initialIntervalMs: ({ code }) => (exhausted.has(code) ? 100 : 50),
          maxIntervalMs: () => 1_000,
        }),
      ),
    ],
  });
  const client = new Client({
    connection,
    namespace: options.namespace,
    dataConverter: options.dataConverter,
  });
  const asked = new Set<Promise<void>>();
  const ask = () => {
    const asking = connection.withDeadline(Date.now() + pingDeadlineMs, async () => {
      await connection.workflowService.getSystemInfo({});
    });
    asked.add(asking);
    const forget = () => void asked.delete(asking);
    asking.then(forget, forget);
    return asking;
  };
  return {
    client,
    ping: () => within(pingDeadlineMs, ask),
    // A question that goes on after its deadline would throw at nobody when it finds the connection closed.
    close: async () => {
      await Promise.allSettled(asked);
      await connection.close();
    },
  };
}

/** A run was stuck and has been ended: to be logged, and counted. */
export type OnStuck = (workflowId: string) => void;

/** Starts and wakes processes by signal-with-start: durable when it returns, whether or not a worker is up. */
export function createProcesses({ client }: TemporalClient, taskQueue: string, onStuck: OnStuck): Processes {
  const ring = ringWith({ client }, taskQueue, onStuck);
  return {
    ringConversation: ({ shopId, customerId, timings, isLate }) => {
      const input: ConversationInput = { version: 1, shopId, customerId, timings };
      const id = conversationWorkflowId(toTypeId("cus", customerId));
      return ring(conversationWorkflow, id, { signal: bell, input, isLate });
    },
    ringErasure: ({ shopId, requestId, isLate }) => {
      const input: ErasureInput = { version: 1, shopId, requestId };
      const id = erasureWorkflowId(toTypeId("pvr", requestId));
      return ring(erasureWorkflow, id, { signal: erasureChanged, input, isLate });
    },
    ringEvidence: ({ shopId, evidenceId, isLate }) => {
      const input: EvidenceInput = { version: 1, shopId, evidenceId };
      const id = evidenceWorkflowId(toTypeId("evd", evidenceId));
      return ring(evidenceWorkflow, id, { signal: evidenceChanged, input, isLate });
    },
    ringOrder: ({ shopId, orderId, isLate }) => {
      const input: OrderInput = { version: 1, shopId, orderId };
      const id = orderWorkflowId(toTypeId("ord", orderId));
      return ring(orderWorkflow, id, { signal: orderChanged, input, isLate });
    },
    ringUpgrade: ({ shopId, requestId, isLate }) => {
      const input: UpgradeInput = { version: 1, shopId, requestId };
      const id = upgradeWorkflowId(toTypeId("upg", requestId));
      return ring(upgradeWorkflow, id, { signal: upgradeChanged, input, isLate });
    },
    ringPayout: ({ payoutId, participantId, period, isLate }) => {
      const input: PayoutInput = { version: 1, shopId: platformShopId, payoutId };
      const id = payoutWorkflowId(toTypeId("ptc", participantId), period);
      return ring(payoutWorkflow, id, { signal: payoutChanged, input, isLate });
    },
    ringPrivacyRequest: ({ shopId, requestId, isLate }) => {
      const input: PrivacyInput = { version: 1, shopId, requestId };
      const id = privacyWorkflowId(toTypeId("pvr", requestId));
      return ring(privacyWorkflow, id, { signal: privacyChanged, input, isLate });
    },
    ringSubscription: ({ shopId, isLate }) => {
      const input: SubscriptionInput = { version: 1, shopId };
      const id = subscriptionWorkflowId(toTypeId("shop", shopId));
      return ring(subscriptionWorkflow, id, { signal: subscriptionChanged, input, isLate });
    },
    ringBreach: ({ incidentId, isLate }) => {
      const input: BreachInput = { version: 1, shopId: platformShopId, incidentId };
      const id = breachWorkflowId(toTypeId("inc", incidentId));
      return ring(breachWorkflow, id, { signal: breachChanged, input, isLate });
    },
    tendPage: ({ shopId, pageId }) => {
      const input: PageTending = { version: 1, shopId, pageId };
      const id = pageTendingId(toTypeId("page", pageId));
      return ring(pageTendingWorkflow, id, { signal: pageChanged, input, queue: bulkQueueOf(taskQueue) });
    },
    sweepRetention: ({ runId }) =>
      within(ringDeadlineMs, () =>
        client.connection.withDeadline(Date.now() + ringDeadlineMs, async () => {
          const input: RetentionInput = { version: 1, runId };
          await client.workflow.start(retentionWorkflow, {
            workflowId: retentionWorkflowId(toTypeId("rtr", runId)),
            taskQueue: bulkQueueOf(taskQueue),
            args: [input],
            workflowIdReusePolicy: "ALLOW_DUPLICATE",
            workflowIdConflictPolicy: "USE_EXISTING",
          });
        }),
      ),
  };
}

type Ring = Bell & { signal: string; input: { shopId: ShopId }; queue?: string };

function ringWith({ client }: Pick<TemporalClient, "client">, taskQueue: string, onStuck: OnStuck) {
  return (workflow: string, workflowId: string, { signal, input, isLate = false, queue = taskQueue }: Ring) =>
    within(ringDeadlineMs, () =>
      client.connection.withDeadline(Date.now() + ringDeadlineMs, async () => {
        // Whoever may not look or end rings all the same.
        const wasStuck = isLate && (await endStuckRun(client, { workflowId, isLate }).catch(() => false));
        if (wasStuck) onStuck(workflowId);
        await client.workflow.signalWithStart(workflow, {
          workflowId,
          taskQueue: queue,
          args: [input],
          signal,
          signalArgs: [],
          workflowIdReusePolicy: "ALLOW_DUPLICATE",
          workflowIdConflictPolicy: "USE_EXISTING",
          priority: { fairnessKey: input.shopId }, // each shop's tasks take turns with the others'
        });
      }),
    );
}

/** Ends a run that cannot go on, so that the next update starts its workflow anew; `isLate` as in `endStuckRun`. */
export function endIfStuck(
  { client }: TemporalClient,
  { withinMs, onStuck, ...run }: { workflowId: string; isLate: boolean; withinMs: number; onStuck: OnStuck },
): Promise<void> {
  return within(withinMs, () =>
    client.connection.withDeadline(Date.now() + withinMs, async () => {
      if (await endStuckRun(client, run)) onStuck(run.workflowId);
    }),
  );
}

/** The ids of the workflows of a task queue that run. */
export async function listRunning({ client }: TemporalClient, taskQueue: string): Promise<Set<string>> {
  const ids = new Set<string>();
  const query = `ExecutionStatus = "Running" AND TaskQueue = "${taskQueue}"`;
  for await (const execution of client.workflow.list({ query })) ids.add(execution.workflowId);
  return ids;
}

/** A deadline of gRPC may be overrun by seconds, so an own timer ends the wait. */
async function within(ms: number, work: () => Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error("deadline")), ms);
  });
  const doing = work();
  doing.catch(() => undefined); // when the timer has won, nobody listens any more
  try {
    await Promise.race([doing, late]);
  } catch (cause) {
    if (cause instanceof WorkflowExecutionAlreadyStartedError) return;
    throw new AppError("unavailable", "temporal.away", {
      internal: "temporal did not answer",
      cause,
      retryAfterSeconds: 2,
    });
  } finally {
    clearTimeout(timer);
  }
}
