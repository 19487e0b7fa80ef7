import { pino } from "pino";
import type { Logger } from "pino";
import { AppError } from "../domain/app-error.ts";
import type { Config } from "./config.ts";

export type { Logger } from "pino";

/**
 * JSON lines on stdout. Log ids and codes, never texts, names, phones, addresses or Page-scoped ids;
 * errors are reduced to what cannot quote a row or a request.
 */
export function createLogger(part: string, config: Pick<Config, "SHOPTHREAD_LOG_LEVEL">): Logger {
  return pino({
    level: config.SHOPTHREAD_LOG_LEVEL,
    base: { part, pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    serializers: { err: describeError, error: describeError },
    redact: {
      paths: [
        "authorization",
        "cookie",
        "password",
        "token",
        "secret",
        "text",
        "psid",
        "phone",
        "address",
      ].flatMap((name) => [name, `*.${name}`]),
      censor: "[removed]",
    },
  });
}

/** Only an `AppError` vouches for its words; any other message may quote data (a driver, a parser, a server). */
export function describeError(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { type: typeof error };
  const cause = error.cause === undefined ? {} : { cause: describeError(error.cause) };
  if (error instanceof AppError) {
    const { kind, code, details } = error;
    return { type: "AppError", kind, code, internal: details.internal, stack: frames(error), ...cause };
  }
  const { code, constraint, table, routine } = error as Error & Record<string, unknown>;
  const facts = { code, constraint, table, routine };
  const known = Object.entries(facts).filter(
    ([, value]) => typeof value === "string" || typeof value === "number",
  );
  return { type: error.name, ...Object.fromEntries(known), stack: frames(error), ...cause };
}

/** The stack without its first lines, which repeat the message. */
function frames(error: Error): string {
  return (error.stack ?? "")
    .split("\n")
    .filter((line) => /^\s+at /.test(line))
    .slice(0, 12)
    .join("\n");
}
