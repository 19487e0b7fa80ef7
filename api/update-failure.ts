import {
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
} from "@temporalio/client";
import { ApplicationFailure } from "@temporalio/common";

import { AppError } from "../domain/app-error.ts";
import type { ErrorKind } from "../domain/app-error.ts";

export type UpdateFailure =
  /** The validator or the handler said no: final. */
  | { kind: "refused"; error: AppError }
  /** The run closed or continued around the update: the row knows more. */
  | { kind: "moved" }
  /** The worker did nothing with it: it remembers more than Temporal, whose database was put back to an older copy. */
  | { kind: "ignored" }
  /** It may have happened, or may happen yet. */
  | { kind: "unknown" }
  | { kind: "away" };

/** gRPC status codes. */
const cancelled = 1;
const deadlineExceeded = 4;
const notFound = 5;
const resourceExhausted = 8;
const failedPrecondition = 9;
const aborted = 10;
const unavailable = 14;

/** What an error of Temporal's client means for a decision; throws what is none of Temporal's. */
export function readUpdateFailure(error: unknown): UpdateFailure {
  if (error instanceof AppError) {
    if (error.kind === "unknown_outcome") return { kind: "unknown" };
    throw error;
  }
  if (error instanceof WorkflowUpdateFailedError) return readRefusal(error);
  if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError) return { kind: "unknown" };
  if (error instanceof WorkflowNotFoundError) return { kind: "moved" };
  switch (grpcCode(error)) {
    case notFound:
    case failedPrecondition: // "unexpected workflow task failure", a race with continue-as-new
    case aborted:
      return { kind: "moved" };
    case resourceExhausted:
      return { kind: "away" };
    case unavailable: // the server answered the ping a moment ago: the update may have reached it
    case deadlineExceeded:
    case cancelled:
      return { kind: "unknown" };
    default:
      throw error;
  }
}

function readRefusal(error: WorkflowUpdateFailedError): UpdateFailure {
  const failure = innermostApplicationFailure(error);
  const code = failure?.type ?? "";
  if (code === "AcceptedUpdateCompletedWorkflow") return { kind: "moved" };
  if (code === "UnprocessedUpdate") return { kind: "ignored" };
  // Our own codes are dotted words; anything else is a defect of the handler, which answers 500.
  if (!/^[a-z][A-Za-z_]*(\.[a-z][A-Za-z_]*)+$/.test(code)) throw error;
  const internal = "refused by the workflow";
  return { kind: "refused", error: new AppError(kindOf(code), code, { internal, cause: error }) };
}

/** An activity's failure arrives wrapped. */
function innermostApplicationFailure(error: Error): ApplicationFailure | undefined {
  let found: ApplicationFailure | undefined;
  let current: unknown = error.cause;
  while (current instanceof Error) {
    if (current instanceof ApplicationFailure) found = current;
    current = current.cause;
  }
  return found;
}

function kindOf(code: string): ErrorKind {
  if (code.endsWith("invalid")) return "invalid";
  return code.endsWith("not_found") ? "not_found" : "conflict";
}

function grpcCode(error: unknown): number | undefined {
  let current: unknown = error;
  while (current instanceof Error) {
    const { code } = current as { code?: unknown };
    if (typeof code === "number") return code;
    current = current.cause;
  }
  return undefined;
}
