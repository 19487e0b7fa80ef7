import { z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { HTTPException } from "hono/http-exception";
import type { ContentfulStatusCode } from "hono/utils/http-status";

import { AppError } from "../domain/app-error.ts";
import type { ErrorKind } from "../domain/app-error.ts";

/** The one table from the kind of an error to its HTTP status. */
const statusOf: Record<ErrorKind, ContentfulStatusCode> = {
  invalid: 422,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  too_many: 429,
  unavailable: 503,
  unknown_outcome: 504,
  internal: 500,
};

const titleOf: Partial<Record<ContentfulStatusCode, string>> = {
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  409: "Conflict",
  410: "Gone",
  412: "Precondition Failed",
  413: "Content Too Large",
  415: "Unsupported Media Type",
  422: "Unprocessable Content",
  428: "Precondition Required",
  429: "Too Many Requests",
  500: "Internal Server Error",
  503: "Service Unavailable",
  504: "Gateway Timeout",
};

/** Something that is wrong with the HTTP of a request (400, 410, 412, 413, 415, 428 …), not with what it asks for. */
export class HttpProblem extends Error {
  readonly status: ContentfulStatusCode;
  readonly code: string;
  readonly public: string;

  constructor(status: ContentfulStatusCode, code: string, publicText: string) {
    super(`${code}: ${publicText}`);
    this.name = "HttpProblem";
    this.status = status;
    this.code = code;
    this.public = publicText;
  }
}

export const ProblemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string().optional(),
    instance: z.string().openapi({ description: "The request's id, as in `X-Request-Id`." }),
    code: z.string().openapi({ description: "Stable, for programs.", example: "order.already_decided" }),
    errors: z.array(z.object({ pointer: z.string(), message: z.string() })).optional(),
    limit: z
      .object({ what: z.string(), most: z.int(), planCode: z.string() })
      .optional()
      .openapi({ description: "With `plan.limit_reached`: what the plan allows." }),
    retryAfter: z.int().optional().openapi({ description: "Seconds." }),
  })
  .openapi("Problem");

export type Problem = z.infer<typeof ProblemSchema>;

/** RFC 9457. What is not an expected error becomes a 500 that says nothing. */
export function toProblem(error: unknown, requestId: string): Problem {
  const { status, code, detail, errors, limit, retryAfter } = describe(error);
  return {
    type: "about:blank",
    title: titleOf[status] ?? "Error",
    status,
    ...(detail === undefined ? {} : { detail }),
    instance: requestId,
    code,
    ...(errors === undefined ? {} : { errors }),
    ...(limit === undefined ? {} : { limit }),
    ...(retryAfter === undefined ? {} : { retryAfter }),
  };
}

type Description = {
  status: ContentfulStatusCode;
  code: string;
  detail?: string | undefined;
  errors?: Problem["errors"];
  limit?: Problem["limit"];
  retryAfter?: number | undefined;
};

function describe(error: unknown): Description {
  if (error instanceof AppError) {
    const status = statusOf[error.kind];
    if (error.kind === "internal") return { status, code: "internal" };
    const { errors, limit, retryAfterSeconds, public: detail } = error.details;
    const retryAfter = retryAfterSeconds ?? (error.kind === "unavailable" ? 2 : undefined);
    return { status, code: error.code, detail, errors, limit, retryAfter };
  }
  if (error instanceof HttpProblem) return { status: error.status, code: error.code, detail: error.public };
  if (error instanceof HTTPException && error.status < 500) {
    // Hono's own: malformed JSON (400), wrong content type (415), body too large (413).
    return { status: error.status, code: `http.${error.status}` };
  }
  return { status: 500, code: "internal" };
}

export function sendProblem(c: Context, problem: Problem): Response {
  const headers: Record<string, string> = {
    "content-type": "application/problem+json",
    "cache-control": "no-store",
  };
  if (problem.retryAfter !== undefined) headers["retry-after"] = String(problem.retryAfter);
  if (problem.status === 401) headers["www-authenticate"] = "Bearer";
  return c.body(JSON.stringify(problem), problem.status as ContentfulStatusCode, headers);
}

/** For `responses` of a route: `...problems(404, 409)`. */
export function problems<Status extends ContentfulStatusCode>(...statuses: Status[]) {
  const content = { "application/problem+json": { schema: ProblemSchema } };
  return Object.fromEntries(
    statuses.map((status) => [status, { description: titleOf[status] ?? "Error", content }]),
  ) as Record<Status, { description: string; content: typeof content }>;
}

/** What every route with a body may answer before it looks at it: malformed, too large, of another kind. */
export const unreadableBody = problems(400, 413, 415);
