/** A person waits behind every message, and Graph may long be well again; its own hint may be longer. */
const longestMs = 60_000;

/** Milliseconds until the next try: twice as long after each attempt, up to a minute. */
export function backOffMs({ afterMs, attempts }: { afterMs: number; attempts: number }): number {
  return Math.min(afterMs * 2 ** attempts, Math.max(afterMs, longestMs));
}
