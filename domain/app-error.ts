export type ErrorKind =
  | "invalid" // the request can never succeed as it is
  | "unauthenticated"
  | "forbidden"
  | "not_found" // also: belongs to another tenant
  | "conflict" // the state has moved on
  | "too_many"
  | "unavailable" // a dependency is away; try again
  | "unknown_outcome" // it may or may not have happened; offer the same key again
  | "internal";

export type ErrorDetails = {
  /** For logs; never shown to a client. Ids only, no personal data. */
  internal: string;
  /** One sentence for the person who asked. */
  public?: string;
  cause?: unknown;
  retryAfterSeconds?: number;
  /** What the shop's plan allows, where that is reached. */
  limit?: { what: string; most: number; planCode: string };
  /** Field problems of a refused request. */
  errors?: { pointer: string; message: string }[];
};

/** A broken expectation. HTTP status and Temporal retryability follow from `kind`, in one table each. */
export class AppError extends Error {
  readonly kind: ErrorKind;
  /** Stable and dotted, e.g. `order.already_decided`. */
  readonly code: string;
  readonly details: ErrorDetails;

  constructor(kind: ErrorKind, code: string, details: ErrorDetails) {
    super(`${code}: ${details.internal}`, { cause: details.cause });
    this.name = "AppError";
    this.kind = kind;
    this.code = code;
    this.details = details;
  }
}
