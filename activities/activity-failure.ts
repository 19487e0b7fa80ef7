import { ApplicationFailure } from "@temporalio/common";

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
 * An activity's error as Temporal keeps it: the code, never the words of an error, which might quote data.
 * What is no `AppError` is retried.
 */
export function toActivityFailure(error: unknown): unknown {
  if (!(error instanceof AppError)) return error;
  return ApplicationFailure.create({
    type: error.code,
    message: error.code,
    nonRetryable: !isRetryable[error.kind],
    cause: error,
  });
}
