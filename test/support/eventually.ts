import { setTimeout as wait } from "node:timers/promises";

/** Milliseconds between two looks: a tenth of what was waited for, so that whoever waits long takes little from others. */
const pauseMs = { least: 25, most: 150 };

/** Waits for a condition instead of sleeping; fails by `what` when it does not come true in time. */
export async function eventually<T>(
  what: string,
  check: () => Promise<T | undefined | false> | T | undefined | false,
  timeoutMs = 15_000,
): Promise<T> {
  const startedAt = performance.now();
  while (true) {
    const found = await check();
    if (found !== false && found !== undefined) return found;
    const waitedMs = performance.now() - startedAt;
    if (waitedMs >= timeoutMs) throw new Error(`did not happen within ${timeoutMs} ms: ${what}`);
    await wait(Math.min(Math.max(waitedMs / 10, pauseMs.least), pauseMs.most));
  }
}
