import { AppError } from "../domain/app-error.ts";
import { findNetworkCards } from "../domain/text/find-cards.ts";

/**
 * What may stand in a log, by the name of the field. A field that is not named here, or a value that does not look like
 * what the field is for, is left out or becomes `[redacted]`: a new field is a decision of this file.
 */
type Check = (value: unknown) => boolean;

const uuid = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}";
const typeId = "[a-z]{2,8}_[0-7][0-9a-hjkmnp-tv-z]{25}";
const id = matches(new RegExp(`^(?:${uuid}|${typeId})$`));
/** `order/ord_…`, with what a schedule appends. */
const workflowId = matches(
  new RegExp(`^[a-zA-Z]{2,40}(?:/(?:${uuid}|${typeId}|[a-z-]{1,40}))*(?:-\\d{4}-\\d\\d-\\d\\dT[\\d:.]+Z)?$`),
);
const code = withoutCard(matches(/^[a-zA-Z][a-zA-Z0-9]*(?:[._:-][a-zA-Z0-9]+){0,9}$/, 80));
const number: Check = (value) => typeof value === "number" && Number.isFinite(value);
const flag: Check = (value) => typeof value === "boolean";
const time: Check = (value) =>
  value instanceof Date || (typeof value === "string" && /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(value));
/** Addresses of our own processes, without query. */
const origin = matches(/^(?:https?:\/\/)?(?:127\.0\.0\.1|localhost|\[::1\]|[a-z0-9.-]+):\d{1,5}$/);
const route = withoutCard(matches(/^(?!.*\d{5})\/[a-zA-Z0-9_.:*{}/-]*$/, 200));
const method = matches(/^[A-Z]{3,7}$/);
/** Meta's trace ids, request ids of ours and others'. */
const traceId = withoutCard(matches(/^(?=.*[A-Za-z])[A-Za-z0-9_-]{4,64}$/));
/** Ours are ids, whose digits may look like a card by chance. */
const requestId = matches(new RegExp(`^req_${uuid}$`));

const idFields =
  "shopId pageId subjectId customerId accountId productId variantId paymentMethodId orderId evidenceId messageId objectId " +
  "turnId noticeId mailId paymentId refundId intakeId outboxId keyId conversationId runId requestId operationId sessionId taskToken updateId";
const codeFields =
  "code kind state from to outcome reason action role verdict event step queue taskQueue namespace workflowType " +
  "activityType activityId signalName operation process signal component provider status sdkComponent table loop sqlState " +
  "migration currency language purpose service phase mode";
const numberFields =
  "count attempt attempts durationMs afterMs waitMs delayMs ageMs size bytes port pid exitCode httpStatus subcode epoch " +
  "events accepted duplicates rejected claimed sent failed pending amountMinor inputTokens outputTokens rounds line total " +
  "openRows startedProcesses rungConversations started limit historyLength historySize retryAfterMs lagMs version open missing";
const flagFields = "isNews isRetryable isDemo isReady isFirst isLast isReplaying isPageWide wasFound";

const checks = new Map<string, Check[]>();
allow(idFields, id);
allow(codeFields, code);
allow(numberFields, number);
allow(flagFields, flag);
allow("at occurredAt dueAt expiresAt startedAt closesAt", time);
allow("workflowId", workflowId);
allow("address origin", origin);
allow("route", route);
allow("method", method);
allow("traceId fbtraceId requestId", traceId);
allow("requestId", requestId);

/** The names of all fields that may be written. */
export const logFieldNames: readonly string[] = [...checks.keys(), "err"].toSorted();

export const redacted = "[redacted]";

/** The fields that may be written; `err` becomes a code, a class and where it happened. */
export function safeFields(fields: Record<string, unknown>): Record<string, unknown> {
  const safe: Record<string, unknown> = {};
  let dropped = 0;
  for (const [name, value] of Object.entries(fields)) {
    const fieldChecks = checks.get(name);
    if (value === undefined) continue;
    if (name === "err" || name === "error") safe["err"] = safeError(value);
    else if (fieldChecks === undefined) dropped += 1;
    else safe[name] = value === null || fieldChecks.some((check) => check(value)) ? value : redacted;
  }
  return dropped === 0 ? safe : { ...safe, droppedFields: dropped };
}

/** An event is a code of ours, such as `order.placed`; whatever else stands there may be somebody's words. */
export function safeEvent(event: unknown): string {
  return typeof event === "string" &&
    /^[a-z][a-z0-9_-]*(?:[.:][a-z0-9_-]+)*$/.test(event) &&
    event.length <= 80 &&
    holdsNoCard(event)
    ? event
    : "log.event_redacted";
}

export type SafeError = {
  class: string;
  code?: string;
  kind?: string;
  /** What an `AppError` says for logs. */
  internal?: string;
  /** Only where, never what. */
  stack?: string[];
  cause?: SafeError;
};

/** Messages of other errors quote what they failed on (SQL values, JSON, URLs), so none is kept. */
export function safeError(error: unknown, depth = 0): SafeError {
  if (!(error instanceof Error)) return { class: error === null ? "null" : typeof error };
  const safe: SafeError = { class: safeName(error.constructor.name) };
  if (error instanceof AppError) {
    safe.kind = error.kind;
    safe.internal = safeInternal(error.details.internal);
  }
  const errorCode = "code" in error ? String(error.code) : "type" in error ? String(error.type) : "";
  if (
    /^(?!.*\d{6})[A-Za-z0-9_]{1,40}(?:\.[A-Za-z0-9_]{1,40}){0,4}$/.test(errorCode) &&
    holdsNoCard(errorCode)
  )
    safe.code = errorCode;
  const frames = framesOf(error);
  if (frames.length > 0) safe.stack = frames;
  if (error.cause !== undefined && error.cause !== null && depth < 3)
    safe.cause = safeError(error.cause, depth + 1);
  return safe;
}

/** Ids and our own words by the rule of `AppError`; a second look, because a rule can be broken. */
function safeInternal(text: string): string {
  const withoutIds = text.replaceAll(new RegExp(`${uuid}|${typeId}`, "g"), "");
  const isPlain = /^[\x20-\x7e]{0,300}$/.test(text) && !/\d{5}|@/.test(withoutIds);
  return isPlain ? text : redacted;
}

/** `functionName (path:line:column)` or `path:line:column`, with nothing of the message even if it imitates a frame. */
function framesOf(error: Error): string[] {
  const stack =
    error.message === "" ? (error.stack ?? "") : (error.stack ?? "").replaceAll(error.message, "");
  return stack
    .split("\n")
    .map(
      (line) =>
        /^\s+at (?:async )?((?:[\w$.<>[\] ]{1,100} \()?(?:file:\/\/|node:|\/)[^\s()]+:\d+:\d+\)?)$/.exec(
          line,
        )?.[1],
    )
    .flatMap((frame) => frame ?? [])
    .slice(0, 20);
}

function safeName(name: string): string {
  return /^[A-Za-z][A-Za-z0-9]{0,60}$/.test(name) ? name : "Error";
}

/** Codes and trace ids come from outside, too. */
function withoutCard(check: Check): Check {
  return (value) => check(value) && holdsNoCard(String(value));
}

function holdsNoCard(text: string): boolean {
  return findNetworkCards(text).length === 0;
}

function matches(pattern: RegExp, maxLength = 160): Check {
  return (value) => typeof value === "string" && value.length <= maxLength && pattern.test(value);
}

function allow(names: string, check: Check): void {
  for (const name of names.split(" ")) checks.set(name, [...(checks.get(name) ?? []), check]);
}
