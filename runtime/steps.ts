import { describeDuration } from "./progress.ts";
import type { Progress } from "./progress.ts";

/** Runs a step of the start: one line when it is done, a sign of life while it lasts longer than two seconds. */
export type Step = <T>(name: string, work: () => Promise<T>, describe: (result: T) => string) => Promise<T>;

/** Stops between two steps when `signal` is aborted. */
export function createStep(progress: Progress, signal: AbortSignal, everyMs = 2_000): Step {
  return async (name, work, describe) => {
    signal.throwIfAborted();
    const startedAt = performance.now();
    const elapsed = () => performance.now() - startedAt;
    const timer = setInterval(
      () => progress(`  ${name}: still at it (${describeDuration(elapsed())})`),
      everyMs,
    );
    try {
      const result = await work();
      progress(`${name}: ${describe(result)} (${(elapsed() / 1_000).toFixed(1)} s)`);
      return result;
    } finally {
      clearInterval(timer);
    }
  };
}

/** Gives up waiting when `signal` is aborted; only for work whose undoing does not need its result. */
export async function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  let give = () => {};
  const aborted = new Promise<never>((_, reject) => {
    give = () => reject(signal.reason as Error);
    signal.addEventListener("abort", give, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener("abort", give);
  }
}
