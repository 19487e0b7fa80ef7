import { ServiceError, WorkflowNotFoundError, WorkflowUpdateFailedError } from "@temporalio/client";
import { WorkflowUpdateRPCTimeoutOrCancelledError } from "@temporalio/client";
import { ActivityFailure, ApplicationFailure } from "@temporalio/common";
import { expect, test } from "vitest";

import { requestUpdate } from "../../api/request-update.ts";
import type { UpdateClient, UpdateGateway } from "../../api/request-update.ts";
import { AppError } from "../../domain/app-error.ts";
import { newId } from "../../domain/id.ts";
import type { ShopId } from "../../domain/id.ts";

type Answer = () => unknown;
type Call = {
  update: string;
  updateId: string | undefined;
  workflowId: string;
  conflictPolicy: string;
  fairnessKey: string | undefined;
};
const shopId = newId<ShopId>();

/** Temporal as this table needs it: each try gets the next answer. */
function fakeTemporal(answers: Answer[], isAway = false) {
  const calls: Call[] = [];
  const looked: { workflowId: string; isLate: boolean }[] = [];
  const updates: UpdateClient = {
    withDeadline: (_deadline, fn) => fn(),
    executeUpdateWithStart: async (definition, options) => {
      const { workflowId, workflowIdConflictPolicy, priority } = options.startWorkflowOperation.options;
      const { updateId } = options;
      calls.push({
        update: typeof definition === "string" ? definition : definition.name,
        updateId,
        workflowId,
        conflictPolicy: workflowIdConflictPolicy,
        fairnessKey: priority?.fairnessKey,
      });
      // The result's type is the caller's; the fake knows no better.
      return (await (answers[calls.length - 1] ?? answers.at(-1) ?? (() => undefined))()) as never;
    },
  };
  const gateway: UpdateGateway = {
    updates,
    taskQueue: "main",
    ping: () => (isAway ? Promise.reject(new Error("ECONNREFUSED")) : Promise.resolve()),
    endIfStuck: async ({ workflowId, isLate }) => void looked.push({ workflowId, isLate }),
  };
  return { gateway, calls, looked };
}

function request(gateway: UpdateGateway, recorded: (string | undefined)[] = [], deadlineMs = 5_000) {
  const reads: number[] = [];
  const answer = requestUpdate<string>(gateway, {
    workflowId: "order/ord_1",
    workflowType: "order",
    input: { shopId },
    update: "confirmPayment",
    request: { amountMinor: 1 },
    updateId: "update-1",
    findRecorded: async () => recorded[reads.push(1) - 1],
    deadlineMs,
  });
  return { answer, reads };
}

const fail = (error: Error) => () => {
  throw error;
};
const grpc = (code: number, message = "") =>
  new ServiceError(message, { cause: Object.assign(new Error(message), { code }) });
const failed = (type: string) =>
  new WorkflowUpdateFailedError("failed", ApplicationFailure.nonRetryable("no", type));
const inActivity = (type: string) =>
  new WorkflowUpdateFailedError(
    "failed",
    new ActivityFailure(
      "failed",
      "decideOrder",
      "1",
      "NON_RETRYABLE_FAILURE",
      "",
      ApplicationFailure.nonRetryable("no", type),
    ),
  );
const timedOut = () => new WorkflowUpdateRPCTimeoutOrCancelledError("timed out");
const gone = () => new WorkflowNotFoundError("not found", "order/ord_1", undefined);

test("sends the update with the start of its workflow, under the update id and its shop's share", async () => {
  const { gateway, calls } = fakeTemporal([() => "done"]);
  expect(await request(gateway).answer).toBe("done");
  expect(calls).toEqual([
    {
      update: "confirmPayment",
      updateId: "update-1",
      workflowId: "order/ord_1",
      conflictPolicy: "USE_EXISTING",
      fairnessKey: shopId,
    },
  ]);
});

test.each([
  ["a rule", failed("order.not_paid"), "conflict", "order.not_paid"],
  ["an invalid amount", failed("order.amount_invalid"), "invalid", "order.amount_invalid"],
  ["an activity", inActivity("evidence.not_found"), "not_found", "evidence.not_found"],
])("answers the refusal by %s at once", async (_what, error, kind, code) => {
  const { gateway, calls } = fakeTemporal([fail(error)]);
  await expect(request(gateway).answer).rejects.toMatchObject({ kind, code });
  expect(calls.length).toBe(1);
});

test("does not pass a defect off as a refusal", async () => {
  const { gateway } = fakeTemporal([fail(failed("TypeError"))]);
  await expect(request(gateway).answer).rejects.toBeInstanceOf(WorkflowUpdateFailedError);
});

test.each([
  ["not found", gone()],
  ["closed around the update", failed("AcceptedUpdateCompletedWorkflow")],
  ["continued as new", grpc(9, "unexpected workflow task failure")],
  ["not found by code", grpc(5)],
])("answers the recorded decision when the workflow is %s", async (_what, error) => {
  const { gateway, calls } = fakeTemporal([fail(error)]);
  const { answer, reads } = request(gateway, ["recorded"]);
  expect(await answer).toBe("recorded");
  expect([calls.length, reads.length]).toEqual([1, 1]);
});

test("tries twice more when the row records nothing", async () => {
  const { gateway, calls, looked } = fakeTemporal([fail(gone()), fail(grpc(9)), () => "done"]);
  expect(await request(gateway).answer).toBe("done");
  const look = { workflowId: "order/ord_1", isLate: false };
  expect(looked).toEqual([look, look]); // a run that fails again and again is ended before the next
  expect(calls.length).toBe(3);
  expect(new Set(calls.map(({ updateId }) => updateId))).toEqual(new Set(["update-1"]));
});

test("ends a run whose worker did nothing with the decision, and tries again", async () => {
  const { gateway, calls, looked } = fakeTemporal([fail(failed("UnprocessedUpdate")), () => "done"]);
  expect(await request(gateway).answer).toBe("done");
  expect(looked).toEqual([{ workflowId: "order/ord_1", isLate: true }]);
  expect(calls.length).toBe(2);
});

test("gives up after the third with 503, once the row has been read a last time", async () => {
  const { gateway, calls } = fakeTemporal([fail(gone())]);
  const { answer, reads } = request(gateway);
  await expect(answer).rejects.toMatchObject({ kind: "unavailable", details: { retryAfterSeconds: 5 } });
  expect([calls.length, reads.length]).toEqual([3, 3]);
});

test.each([
  ["a time-out of the client", timedOut()],
  ["a deadline", grpc(4)],
])("takes %s as unknown", async (_what, error) => {
  const { gateway, calls } = fakeTemporal([fail(error)]);
  await expect(request(gateway).answer).rejects.toMatchObject({ kind: "unknown_outcome" });
  expect(calls.length).toBe(1);
});

test("ends the wait by its own timer when gRPC overruns its deadline", async () => {
  const { gateway } = fakeTemporal([() => new Promise(() => {})]);
  const started = performance.now();
  await expect(request(gateway, [], 50).answer).rejects.toMatchObject({ kind: "unknown_outcome" });
  expect(performance.now() - started).toBeLessThan(1_000);
});

test("is unknown when the connection broke after the ping", async () => {
  const { gateway } = fakeTemporal([fail(grpc(14))]);
  await expect(request(gateway).answer).rejects.toMatchObject({ kind: "unknown_outcome" });
});

test("is 503 with Retry-After when Temporal is overloaded", async () => {
  const { gateway } = fakeTemporal([fail(grpc(8))]);
  await expect(request(gateway).answer).rejects.toMatchObject({
    kind: "unavailable",
    details: { retryAfterSeconds: 5 },
  });
});

test("sends nothing at all when Temporal does not answer a ping", async () => {
  const { gateway, calls } = fakeTemporal([() => "done"], true);
  await expect(request(gateway).answer).rejects.toBeInstanceOf(AppError);
  await expect(request(gateway).answer).rejects.toMatchObject({ kind: "unavailable" });
  expect(calls).toEqual([]);
});
