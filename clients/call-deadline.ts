/** When a call to the outside must be over. */
export type CallDeadline = {
  /** For the call: aborts when the time is up, or when the caller gives up. */
  signal: AbortSignal;
  isTimeout(): boolean;
  /** When the call is over, however it ended. */
  end(): void;
};

/**
 * Not `AbortSignal.any`: on Node 20 what is made with it stays in memory for good once somebody has listened to it, and
 * with it whatever the listener knows, a few kilobytes a call.
 */
export function startDeadline(timeoutMs: number, caller: AbortSignal | undefined): CallDeadline {
  const ending = new AbortController();
  let isTimeout = false;
  const giveUp = () => ending.abort();
  const timer = setTimeout(() => {
    isTimeout = true;
    ending.abort();
  }, timeoutMs);
  caller?.addEventListener("abort", giveUp, { once: true });
  if (caller?.aborted === true) giveUp();
  return {
    signal: ending.signal,
    isTimeout: () => isTimeout,
    end: () => {
      clearTimeout(timer);
      caller?.removeEventListener("abort", giveUp);
    },
  };
}
