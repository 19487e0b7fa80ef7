const firstMs = 30_000;
const longestMs = 60 * 60_000;
/** With the waits below about two days: a mail server that is away longer needs a person. */
const mostAttempts = 50;

/** Milliseconds until the next attempt after `attempts` that failed, or undefined when it is given up. */
export function mailBackOffMs(attempts: number): number | undefined {
  if (attempts >= mostAttempts) return undefined;
  return Math.min(longestMs, firstMs * 2 ** Math.max(0, attempts - 1));
}
