import { ApplicationFailure, TemporalFailure } from "@temporalio/common";

import { AppError } from "../domain/app-error.ts";
import type { ErrorKind } from "../domain/app-error.ts";

/** Whether the same activity may succeed when it is tried again; the one table of it. */
const isRetryable: Record<ErrorKind, boolean> = {
  invalid: false,
  unauthenticated: false,
  forbidden: false,
  not_found: false,
  conflict: true, // the row moved on: the next attempt reads it anew
  too_many: true,
  unavailable: true,
  unknown_outcome: true,
  internal: true, // a bug: retried until it is fixed, rather than an order lost
};

/**
 * An activity's error as Temporal keeps it: a code, never the words of an error, which might quote data.
 * What is no `AppError` is retried. The SDK's own failures (cancellation, heartbeat) pass as they are.
 */
export function toActivityFailure(error: unknown): unknown {
  if (error instanceof TemporalFailure) return error;
  const type = error instanceof AppError ? error.code : foreignCode(error);
  const failure = ApplicationFailure.create({
    type,
    message: type,
    nonRetryable: error instanceof AppError && !isRetryable[error.kind],
  });
  failure.stack = framesOf(error);
  return failure;
}

/** A driver's or the runtime's error by class and code. */
function foreignCode(error: unknown): string {
  if (!(error instanceof Error)) return "error.unknown";
  const { code } = error as { code?: unknown };
  return typeof code === "string" && /^\w{1,20}$/u.test(code) ? `${error.name}.${code}` : error.name;
}

/** Where it was thrown, without the first lines, which are the message. */
function framesOf(error: unknown): string {
  const stack = error instanceof Error ? (error.stack ?? "") : "";
  return stack
    .split("\n")
    .filter((line) => line.startsWith("    at "))
    .join("\n");
}
