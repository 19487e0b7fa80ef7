/** Prints one line for whoever watches the start; never personal data. */
export type Progress = (line: string) => void;

/** Says `label` at once and `still` every few seconds, so that a long step is seen to be alive. */
export async function withHeartbeat<T>(
  progress: Progress,
  { label, still, everyMs = 2_000 }: { label: string; still: string; everyMs?: number },
  work: () => Promise<T>,
): Promise<T> {
  progress(`${label} …`);
  return withSlowNotice(progress, still, work, everyMs);
}

/** Silent when the work ends within the first interval. */
export async function withSlowNotice<T>(
  progress: Progress,
  label: string,
  work: () => Promise<T>,
  everyMs = 2_000,
): Promise<T> {
  const startedAt = performance.now();
  const timer = setInterval(
    () => progress(`  ${label} (${describeDuration(performance.now() - startedAt)})`),
    everyMs,
  );
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}

export function describeDuration(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
