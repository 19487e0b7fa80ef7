import { pino } from "pino";
import type { DestinationStream, Level, Logger } from "pino";
import { safeEvent, safeFields } from "./log-fields.ts";

export type LogOptions = {
  level?: Level | "silent";
  /** Standard output by default. */
  destination?: DestinationStream;
};

/**
 * One JSON line an event: `log.info({ orderId }, "order.placed")`, `log.error({ err }, "push.failed")`.
 * Fields pass an allow-list by name and shape, the event must be a code: personal data cannot get in by carelessness.
 */
export function createLogger(name: string, { level = "info", destination }: LogOptions = {}): Logger {
  const options = {
    level,
    base: { process: name },
    timestamp: pino.stdTimeFunctions.isoTime,
    // Errors are made safe below; pino's own serialiser would print messages.
    serializers: { err: (value: unknown) => value },
    formatters: {
      level: (label: string) => ({ level: label }),
      log: (fields: Record<string, unknown>) => safeFields(fields),
    },
    hooks: {
      logMethod(this: Logger, args: unknown[], method: (this: Logger, ...args: unknown[]) => void) {
        method.apply(this, normalise(args));
      },
    },
  };
  return guardBindings(pino(options, destination ?? standardOutput()));
}

/** What waits for a full disk to get space; beyond it lines are dropped. */
const maxWaitingBytes = 1024 * 1024;

/**
 * A full disk must not end the process, nor hold it up: by default pino throws what cannot be written, and at the exit
 * that follows it tries to write the rest for ever.
 */
function standardOutput(): DestinationStream {
  const output = pino.destination({ dest: 1, sync: true, maxLength: maxWaitingBytes });
  output.on("error", () => undefined);
  output.flushSync = () => undefined; // each line was tried at once; a last try would go on for ever
  return output;
}

/** Children inherit these methods; pino does not ask the formatter above about what a child is bound to. */
function guardBindings(logger: Logger): Logger {
  const { child, setBindings } = logger;
  return Object.assign(logger, {
    child(this: Logger, bindings: Record<string, unknown>) {
      return child.call(this, safeFields(bindings));
    },
    setBindings(this: Logger, bindings: Record<string, unknown>) {
      setBindings.call(this, safeFields(bindings));
    },
  });
}

/** `(event)`, `(fields, event)` or `(error, event)`; values for placeholders in the event are dropped. */
function normalise([first, second]: unknown[]): unknown[] {
  if (typeof first === "string") return [{}, safeEvent(first)];
  if (first instanceof Error) return [{ err: first }, safeEvent(second)];
  return [typeof first === "object" && first !== null ? first : {}, safeEvent(second)];
}
