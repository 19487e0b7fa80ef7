import { z } from "zod";
import type { GraphFailure, GraphResult } from "../domain/ports/messenger-client.ts";
import { appsecretProof } from "../domain/messenger/verify-signature.ts";
import { startDeadline } from "./call-deadline.ts";
import { isEgressRefusal } from "./egress.ts";
import type { Egress } from "./egress.ts";
import { judgeGraphError } from "./graph-errors.ts";
import type { GraphVerdict } from "./graph-errors.ts";

export type GraphSettings = {
  egress: Egress;
  /** `https://graph.facebook.com`, or the simulator. */
  baseUrl: string;
  /** `v26.0`. */
  version: string;
  appId: string;
  /** The newest of the app's secrets. */
  appSecret: string;
  timeoutMs: number;
};

export type GraphRequest = {
  method: "GET" | "POST" | "DELETE";
  path: string;
  /** Null: the app itself asks, by its secret in the query. */
  token: string | null;
  query?: Record<string, string>;
  body?: Record<string, unknown> | FormData;
  signal?: AbortSignal;
};

export type GraphAnswer =
  | { ok: true; json: unknown }
  | { ok: false; verdict: GraphVerdict; code?: number; subcode?: number };

const errorSchema = z.object({
  error: z.object({
    code: z.number(),
    error_subcode: z.number().optional(),
    is_transient: z.boolean().optional(),
  }),
});

/** Errors before a connection stands: the request cannot have arrived. */
const notConnected = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "UND_ERR_CONNECT_TIMEOUT",
  "EMFILE", // this process, or
  "ENFILE", // the machine has no file handle left for it
]);

/** One call, no retry. The token goes in a header, where no log of addresses finds it. */
export async function callGraph(settings: GraphSettings, request: GraphRequest): Promise<GraphAnswer> {
  const { signal, end } = startDeadline(settings.timeoutMs, request.signal);
  try {
    const init = { ...initOf(request), signal, redirect: "error" as const };
    const response = await settings.egress.fetch("meta", urlOf(settings, request), init);
    return judgeResponse(response, await response.text());
  } catch (error) {
    if (isEgressRefusal(error)) return { ok: false, verdict: notAdmitted };
    return { ok: false, verdict: notConnected.has(causeCode(error)) ? tryAgain : { action: "unknown" } };
  } finally {
    end();
  }
}

/** Nothing has gone out: it waits until the platform has put its register in order. */
const notAdmitted: GraphVerdict = { action: "retry", afterMs: 60_000, maxRetries: 10_000, isPageWide: true };
const tryAgain: GraphVerdict = { action: "retry", afterMs: 2_000, maxRetries: 20, isPageWide: false };

function urlOf(settings: GraphSettings, { path, token, query }: GraphRequest): string {
  const url = new URL(`${settings.baseUrl}/${settings.version}/${path}`);
  for (const [name, value] of Object.entries(query ?? {})) url.searchParams.set(name, value);
  if (token !== null) url.searchParams.set("appsecret_proof", appsecretProof(token, settings.appSecret));
  return url.href;
}

function initOf({ method, token, body }: GraphRequest): RequestInit {
  const headers: Record<string, string> = token === null ? {} : { authorization: `Bearer ${token}` };
  if (body === undefined) return { method, headers };
  if (body instanceof FormData) return { method, headers, body };
  return { method, headers: { ...headers, "content-type": "application/json" }, body: JSON.stringify(body) };
}

function judgeResponse(response: Response, text: string): GraphAnswer {
  const json = parseJson(text);
  const parsed = errorSchema.safeParse(json);
  if (parsed.success) {
    const { code, error_subcode: subcode, is_transient: isTransient = false } = parsed.data.error;
    const error = {
      status: response.status,
      code,
      isTransient,
      ...(subcode === undefined ? {} : { subcode }),
    };
    const verdict = withHint(judgeGraphError(error), response.headers);
    return { ok: false, verdict, code, ...(subcode === undefined ? {} : { subcode }) };
  }
  if (response.ok && json !== undefined) return { ok: true, json };
  if (response.status === 429) {
    const verdict = judgeGraphError({ status: 429, code: 4, isTransient: true });
    return { ok: false, verdict: withHint(verdict, response.headers) };
  }
  return { ok: false, verdict: { action: "unknown" } };
}

/** For reading, and for settings that may be set twice, an unknown outcome is simply another try. */
export function readAnswer<Json, T>(
  answer: GraphAnswer,
  schema: z.ZodType<Json>,
  pick: (json: Json) => T,
): GraphResult<T> {
  if (!answer.ok) {
    const { verdict, code, subcode } = answer;
    const action: GraphFailure["action"] = verdict.action === "unknown" ? "retry" : verdict.action;
    const isLimited = verdict.action === "retry" && verdict.isPageWide;
    return {
      ok: false,
      action,
      ...(isLimited ? { afterMs: verdict.afterMs } : {}),
      ...(code === undefined ? {} : { code }),
      ...(subcode === undefined ? {} : { subcode }),
    };
  }
  const parsed = schema.safeParse(answer.json);
  return parsed.success ? { ok: true, value: pick(parsed.data) } : { ok: false, action: "retry" };
}

const usageSchema = z.record(
  z.string(),
  z.array(z.object({ estimated_time_to_regain_access: z.number().optional() })),
);
const longestWaitMs = 4 * 3_600_000;

/** `Retry-After` is in seconds, the usage header's time to regain access in minutes. */
function withHint(verdict: GraphVerdict, headers: Headers): GraphVerdict {
  if (verdict.action !== "retry" || !verdict.isPageWide) return verdict;
  const usage = usageSchema.safeParse(parseJson(headers.get("x-business-use-case-usage") ?? ""));
  const minutes = Object.values(usage.data ?? {})
    .flat()
    .map((entry) => entry.estimated_time_to_regain_access ?? 0);
  const seconds = Number(headers.get("retry-after") ?? 0);
  const hintMs = Math.max(
    0,
    ...minutes.map((value) => value * 60_000),
    Number.isFinite(seconds) ? seconds * 1_000 : 0,
  );
  return { ...verdict, afterMs: Math.min(longestWaitMs, Math.max(verdict.afterMs, hintMs)) };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function causeCode(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && "code" in cause ? String(cause.code) : "";
}
