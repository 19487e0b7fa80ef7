import { randomBytes } from "node:crypto";
import type { GraphErrorBody } from "../../domain/wire/messenger.ts";

type Details = { subcode?: number; type?: string; status?: 400 | 401 | 500; isTransient?: boolean };

/** A refusal in Meta's wire shape. */
export class GraphError extends Error {
  readonly status: 400 | 401 | 500;
  readonly body: GraphErrorBody;

  constructor(code: number, message: string, details: Details = {}) {
    super(message);
    this.name = "GraphError";
    this.status = details.status ?? 400;
    this.body = {
      error: {
        message,
        type: details.type ?? "OAuthException",
        code,
        ...(details.subcode === undefined ? {} : { error_subcode: details.subcode }),
        ...(details.isTransient === undefined ? {} : { is_transient: details.isTransient }),
        fbtrace_id: `A${randomBytes(12).toString("base64url")}`,
      },
    };
  }
}

export const badParameter = (message: string, subcode?: number): GraphError =>
  new GraphError(100, `(#100) ${message}`, subcode === undefined ? {} : { subcode });

export const unknownObject = (id: string): GraphError =>
  new GraphError(
    100,
    `Unsupported request. Object with ID '${id}' does not exist, cannot be loaded due to missing permissions, or does not support this operation`,
    { subcode: 33, type: "GraphMethodException" },
  );
