import { WithStartWorkflowOperation } from "@temporalio/client";
import type { WorkflowClient } from "@temporalio/client";

import { AppError } from "../domain/app-error.ts";
import type { ShopId } from "../domain/id.ts";
import { readUpdateFailure } from "./update-failure.ts";

/** What is used of Temporal's client; a fake in tests is typed by the same. */
export type UpdateClient = Pick<WorkflowClient, "withDeadline" | "executeUpdateWithStart">;

export type UpdateGateway = {
  updates: UpdateClient;
  taskQueue: string;
  /** Rejects, within a second or two, while the server is away. */
  ping(): Promise<void>;
  /**
   * Ends the run if its workflow task fails again and again, so that the next try starts the workflow anew; one that
   * `isLate`, having done nothing with the update, also if it waits.
   */
  endIfStuck(run: { workflowId: string; withinMs: number; isLate: boolean }): Promise<void>;
};

export type UpdateRequest<Result> = {
  workflowId: string;
  workflowType: string;
  /** The workflow's input: it is started when it does not run, since it may have ended. */
  input: { shopId: ShopId };
  update: string;
  request: unknown;
  /** From the Idempotency-Key (`c.var.effect.updateId`): repeated, it finds the same decision. */
  updateId: string;
  /** Reads the row: the decision that it already records, if it does. */
  findRecorded(): Promise<Result | undefined>;
  /** For tests; 5 s otherwise. */
  deadlineMs?: number;
};

const defaultDeadlineMs = 5_000;
const tries = 3;

/**
 * The one way in which a person's decision reaches its workflow, answered with the new state within five seconds.
 * Throws `AppError`: what the workflow refuses (409, 422), `unknown_outcome` when it may yet happen (504: offer the
 * same key again), `unavailable` while Temporal is away (503: nothing was queued).
 */
export async function requestUpdate<Result>(
  gateway: UpdateGateway,
  request: UpdateRequest<Result>,
): Promise<Result> {
  const deadlineMs = request.deadlineMs ?? defaultDeadlineMs;
  // gRPC deadlines and timers are this machine's time, whatever clock the product is given.
  const deadline = Date.now() + deadlineMs;
  // Without this look a server that is away would answer by time-out only, which says nothing.
  await gateway.ping().catch((cause: unknown) => {
    throw away("no answer to the ping", cause);
  });
  for (let attempt = 1; attempt <= tries; attempt += 1) {
    try {
      return await updateOnce(gateway, request, deadline);
    } catch (error) {
      const failure = readUpdateFailure(error);
      switch (failure.kind) {
        case "refused":
          throw failure.error;
        case "unknown":
          throw unknownOutcome(error);
        case "away":
          throw away("unavailable", error);
        case "ignored":
        case "moved": {
          const recorded = await request.findRecorded();
          if (recorded !== undefined) return recorded;
          const { workflowId } = request;
          const withinMs = Math.max(0, deadline - Date.now());
          const isLate = failure.kind === "ignored";
          // What cannot be looked at is tried again all the same.
          await gateway.endIfStuck({ workflowId, withinMs, isLate }).catch(() => undefined);
        }
      }
    }
  }
  throw away(`the workflow moved on ${tries} times`, undefined);
}

/** grpc-js may overrun its deadline by seconds, so an own timer ends the wait. */
async function updateOnce<Result>(
  { updates, taskQueue }: UpdateGateway,
  { workflowId, workflowType, input, update, request, updateId }: UpdateRequest<Result>,
  deadline: number,
): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(unknownOutcome(undefined)), Math.max(0, deadline - Date.now()));
  });
  const call = updates.withDeadline(deadline, () =>
    updates.executeUpdateWithStart<(input: unknown) => Promise<unknown>, Result, unknown[]>(update, {
      args: [request],
      updateId,
      startWorkflowOperation: new WithStartWorkflowOperation(workflowType, {
        workflowId,
        taskQueue,
        args: [input],
        workflowIdReusePolicy: "ALLOW_DUPLICATE",
        workflowIdConflictPolicy: "USE_EXISTING",
        priority: { fairnessKey: input.shopId }, // each shop's tasks take turns with the others'
      }),
    }),
  );
  call.catch(() => undefined); // when the timer has won, nobody listens any more
  try {
    return await Promise.race([call, timeout]);
  } finally {
    clearTimeout(timer);
  }
}

function unknownOutcome(cause: unknown): AppError {
  return new AppError("unknown_outcome", "decision.pending", {
    internal: "the update did not answer in time",
    public:
      "It is not known yet whether this was done. Send the same request with the same Idempotency-Key again.",
    cause,
    retryAfterSeconds: 2,
  });
}

function away(reason: string, cause: unknown): AppError {
  return new AppError("unavailable", "processes.away", {
    internal: `temporal: ${reason}`,
    public: "Decisions cannot be taken at the moment. Try again in a few seconds.",
    cause,
    retryAfterSeconds: 5,
  });
}
