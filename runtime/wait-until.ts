import { setTimeout as wait } from "node:timers/promises";

/** Polls until `check` answers something; undefined when `timeoutMs` has passed first. */
export async function waitUntil<T>(
  check: () => Promise<T | undefined> | T | undefined,
  { timeoutMs, everyMs = 50 }: { timeoutMs: number; everyMs?: number },
): Promise<T | undefined> {
  const deadline = performance.now() + timeoutMs;
  while (true) {
    const answer = await check();
    if (answer !== undefined) return answer;
    if (performance.now() >= deadline) return undefined;
    await wait(everyMs);
  }
}
