import { RateLimiterRes } from "rate-limiter-flexible";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { GrowingLimiter } from "../../api/auth/growing-limiter.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const options = { keyPrefix: "t", points: 2, duration: 60, firstBlock: 60, longestBlock: 200 };

/** Seconds to wait; 0: it was let through. */
async function take(limiter: GrowingLimiter, key = "k"): Promise<number> {
  try {
    await limiter.consume(key);
    return 0;
  } catch (refusal) {
    if (!(refusal instanceof RateLimiterRes)) throw refusal;
    return Math.ceil(refusal.msBeforeNext / 1_000);
  }
}

test("M:ONAMI-32 each wait of a day is twice as long, up to the longest, and is waited out by waiting", async () => {
  const limiter = new GrowingLimiter(options);
  for (const seconds of [60, 120, 200, 200]) {
    expect([await take(limiter), await take(limiter), await take(limiter)]).toEqual([0, 0, seconds]);
    // Asking again does not make it longer.
    expect(await take(limiter)).toBe(seconds);
    expect(await take(limiter, "another")).toBe(0);
    await vi.advanceTimersByTimeAsync(seconds * 1_000);
  }
});

test("who was right begins anew", async () => {
  const limiter = new GrowingLimiter(options);
  for (let round = 0; round < 2; round += 1) {
    expect([await take(limiter), await take(limiter), await take(limiter)]).toEqual([0, 0, 60]);
    await limiter.delete("k");
  }
});
