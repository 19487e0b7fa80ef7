/** Milliseconds of the processor, not of the clock: other tests run at the same time. */
export function cpuMsOf(work: () => unknown): number {
  const before = process.cpuUsage();
  work();
  return process.cpuUsage(before).user / 1_000;
}
