/**
 * Whoever asks while `read` is under way waits for the same answer, and whoever asks within `keptMs` after it gets that
 * one: strangers who ask at will cost one reading at a time. A failure is kept as well.
 */
export function keepReading<Args extends unknown[], T>(
  read: (...args: Args) => Promise<T>,
  keptMs: number,
): (...args: Args) => Promise<T> {
  let kept: Promise<T> | undefined;
  let staleAt = Number.POSITIVE_INFINITY;
  return (...args) => {
    if (kept !== undefined && performance.now() < staleAt) return kept;
    staleAt = Number.POSITIVE_INFINITY;
    kept = read(...args).finally(() => (staleAt = performance.now() + keptMs));
    return kept;
  };
}
