import { waitUntil } from "../../runtime/wait-until.ts";

/** Waits for a condition instead of sleeping; fails by `what` when it does not come true in time. */
export async function eventually<T>(
  what: string,
  check: () => Promise<T | undefined | false> | T | undefined | false,
  timeoutMs = 15_000,
): Promise<T> {
  const answer = await waitUntil(
    async () => {
      const found = await check();
      return found === false ? undefined : found;
    },
    { timeoutMs, everyMs: 25 },
  );
  if (answer === undefined) throw new Error(`did not happen within ${timeoutMs} ms: ${what}`);
  return answer;
}
