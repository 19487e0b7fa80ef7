import { z } from "@hono/zod-openapi";
import type { Context } from "hono";

import { HttpProblem } from "../problem.ts";

/** Of routes that change something with a version. Without `If-Match` the change applies to whatever is there. */
export const IfMatchHeaders = z.object({
  "if-match": z.string().max(100).optional().openapi({
    description: "The `ETag` that was read; 412 when somebody changed it since.",
    example: '"3"',
  }),
});

export const etagHeader = {
  ETag: { schema: { type: "string" as const }, description: "For `If-Match` of an update." },
};

export function setEtag(c: Context, version: number): void {
  c.header("etag", `"${version}"`);
}

/** Null: the change is unconditional. An `If-Match` that is none of ours fits nothing. */
export function readIfMatch(header: string | undefined): number | null {
  if (header === undefined || header.trim() === "*") return null;
  const version = /^\s*"(\d{1,9})"\s*$/.exec(header)?.[1];
  if (version === undefined) throw preconditionFailed();
  return Number(version);
}

/** What an update at a version answered; undefined: somebody changed it since. */
export function unlessChanged<T>(updated: T | undefined): T {
  if (updated === undefined) throw preconditionFailed();
  return updated;
}

function preconditionFailed(): HttpProblem {
  return new HttpProblem(
    412,
    "request.precondition_failed",
    "It was changed meanwhile: read it again, then change it.",
  );
}
