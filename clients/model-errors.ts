import { APIConnectionError, APIError } from "openai";
import { modelNotAdmitted } from "../domain/ports/model-client.ts";
import type { ModelFailure } from "../domain/ports/model-client.ts";
import { isEgressRefusal } from "./egress.ts";

const defaultWaitMs = 2_000;
const longestWaitMs = 60_000;

/** Which failures of a model call another try may pass. The provider's words can quote the prompt and stay behind. */
export function failureOf(error: unknown, ended: { isTimeout: boolean; isAborted: boolean }): ModelFailure {
  if (isEgressRefusal(error)) return { ok: false, code: modelNotAdmitted, retryAfterMs: null };
  if (ended.isAborted) return { ok: false, code: "model.aborted", retryAfterMs: null };
  if (ended.isTimeout) return { ok: false, code: "model.timeout", retryAfterMs: 0 };
  if (error instanceof APIConnectionError) {
    return { ok: false, code: "model.unreachable", retryAfterMs: defaultWaitMs };
  }
  if (error instanceof APIError && typeof error.status === "number") return httpFailure(error, error.status);
  // A body that breaks off, or is no JSON.
  return { ok: false, code: "model.malformed", retryAfterMs: defaultWaitMs };
}

function httpFailure(error: APIError, status: number): ModelFailure {
  if (status === 429 && error.code === "insufficient_quota") {
    return { ok: false, code: "model.quota_exceeded", retryAfterMs: null, status };
  }
  if (status === 429) return { ok: false, code: "model.rate_limited", retryAfterMs: waitMs(error), status };
  if (status === 408 || status === 409 || status >= 500) {
    return { ok: false, code: "model.server_error", retryAfterMs: waitMs(error), status };
  }
  const code = status === 401 || status === 403 ? "model.not_authorised" : "model.refused_request";
  return { ok: false, code, retryAfterMs: null, status };
}

/** `retry-after-ms`, or `retry-after` in seconds. */
function waitMs({ headers }: APIError): number {
  const inMs = Number(headers?.get("retry-after-ms") ?? Number.NaN);
  const inSeconds = Number(headers?.get("retry-after") ?? Number.NaN) * 1_000;
  const hinted = Number.isFinite(inMs) ? inMs : inSeconds;
  return Number.isFinite(hinted) ? Math.min(longestWaitMs, Math.max(0, hinted)) : defaultWaitMs;
}
