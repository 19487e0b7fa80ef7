import type { Logger as PinoLogger } from "pino";
import { safeEvent } from "./log-fields.ts";

/** The SDK's logger interface, for `Runtime.install({ logger })`. */
export type TemporalLogger = {
  log(level: TemporalLevel, message: string, meta?: Record<string, unknown>): void;
  trace(message: string, meta?: Record<string, unknown>): void;
  debug(message: string, meta?: Record<string, unknown>): void;
  info(message: string, meta?: Record<string, unknown>): void;
  warn(message: string, meta?: Record<string, unknown>): void;
  error(message: string, meta?: Record<string, unknown>): void;
};
type TemporalLevel = "TRACE" | "DEBUG" | "INFO" | "WARN" | "ERROR";
const levels = { TRACE: "trace", DEBUG: "debug", INFO: "info", WARN: "warn", ERROR: "error" } as const;

/** Lines of the SDK and its core: their messages are shortened to a code, as some quote errors of workflows. */
export function createTemporalLogger(logger: PinoLogger): TemporalLogger {
  const log: TemporalLogger["log"] = (level, message, meta = {}) => {
    logger[levels[level]](meta, eventOf(message));
  };
  return {
    log,
    trace: (message, meta) => log("TRACE", message, meta),
    debug: (message, meta) => log("DEBUG", message, meta),
    info: (message, meta) => log("INFO", message, meta),
    warn: (message, meta) => log("WARN", message, meta),
    error: (message, meta) => log("ERROR", message, meta),
  };
}

/** `Worker state changed` becomes `temporal:worker-state-changed`; after a colon, or six words, comes what is quoted. */
function eventOf(message: string): string {
  const words = (/^[A-Za-z ,'-]*/.exec(message)?.[0] ?? "").toLowerCase().match(/[a-z]+/g) ?? [];
  return safeEvent(`temporal:${words.slice(0, 6).join("-")}`);
}
