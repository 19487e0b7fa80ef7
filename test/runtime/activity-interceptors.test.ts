import type { Context, Info } from "@temporalio/activity";
import type { ActivityInterceptorsFactory } from "@temporalio/worker";
import { expect, test } from "vitest";

import { activityInterceptors } from "../../runtime/activity-interceptors.ts";
import { AppError } from "../../domain/app-error.ts";

type Logged = { fields: Record<string, unknown>; event: string };

/** One attempt of an activity that fails by a bug, under all interceptors. */
async function failAt(attempt: number): Promise<Logged[]> {
  const errors: Logged[] = [];
  const log = {
    info: () => undefined,
    warn: () => undefined,
    error: (fields: Record<string, unknown>, event: string) => errors.push({ fields, event }),
  };
  const info = {
    attempt,
    activityType: "runTurn",
    workflowExecution: { workflowId: "conversation/x", runId: "r" },
  };
  const run = activityInterceptors(log).reduceRight<() => Promise<unknown>>(
    (next, factory) => () => execute(factory, info as unknown as Info, next),
    () => Promise.reject(new AppError("internal", "db.broken", { internal: "no such column" })),
  );
  await expect(run()).rejects.toMatchObject({ type: "db.broken", nonRetryable: false });
  return errors;
}

function execute(
  factory: ActivityInterceptorsFactory,
  info: Info,
  next: () => Promise<unknown>,
): Promise<unknown> {
  const { inbound } = factory({ info } as Context);
  if (!inbound?.execute) throw new Error("every one of ours wraps the call");
  return inbound.execute({ args: [], headers: {} }, next);
}

test("an activity that keeps failing is told to the operator, and not at every attempt", async () => {
  const told: number[] = [];
  for (let attempt = 1; attempt <= 25; attempt += 1) {
    if ((await failAt(attempt)).length > 0) told.push(attempt);
  }
  expect(told).toEqual([6, 20]);
  const [{ event, fields } = { event: "", fields: {} }] = await failAt(20);
  expect(event).toBe("activity.keeps_failing");
  expect(fields).toMatchObject({ attempt: 20, activityType: "runTurn", workflowId: "conversation/x" });
});
