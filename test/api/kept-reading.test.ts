import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { keepReading } from "../../api/kept-reading.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["performance"] });
});
afterEach(() => {
  vi.useRealTimers();
});

test("a reading is shared while under way, kept as long as said, then made again", async () => {
  let end: (() => void) | undefined;
  const read = vi.fn(() => new Promise<void>((resolve) => (end = resolve)));
  const reading = keepReading(read, 3_000);
  const first = reading();
  vi.advanceTimersByTime(10_000);
  expect(reading()).toBe(first);
  end?.();
  await first;
  vi.advanceTimersByTime(2_999);
  expect(reading()).toBe(first);
  vi.advanceTimersByTime(1);
  expect(reading()).not.toBe(first);
  expect(read).toHaveBeenCalledTimes(2);
});
