import { expect, test } from "vitest";

import { napMs } from "../../activities/conversation/burst.ts";
import { shortConversationTimings } from "../support/short-timings.ts";

const timings = { ...shortConversationTimings, quietMs: 1_500, maxBurstMs: 6_000 };
const at = (ms: number) => new Date(Date.UTC(2026, 0, 1) + ms);
const nap = (firstMs: number, lastMs: number, nowMs: number) =>
  napMs({ burst: { firstAt: at(firstMs), lastAt: at(lastMs) }, hasStandby: false }, timings, at(nowMs));

test("a burst is looked at once after its quiet time, not again and again until then", () => {
  expect(nap(0, 0, 100)).toBe(1_400);
  expect(nap(0, 0, 1_500)).toBe(0);
});

test("a burst that goes on is taken when it is as old as it may get", () => {
  expect(nap(0, 5_500, 5_600)).toBe(400);
  expect(nap(0, 5_900, 6_000)).toBe(0);
});

test("nothing is waited for when nothing came", () => {
  expect(napMs({ burst: undefined, hasStandby: false }, timings, at(0))).toBe(0);
});
