import { describe, expect, test } from "vitest";

import { describeDevice } from "../../domain/account/device.ts";
import { isSessionAlive, isSteppedUp } from "../../domain/account/session-life.ts";

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const now = new Date("2026-11-30T06:00:00Z");
const ago = (ms: number) => new Date(now.getTime() - ms);

function isAlive(who: "a shop" | "the platform", createdMs: number, usedMs: number): boolean {
  const isOfPlatform = who === "the platform";
  const expiresAt = new Date(ago(createdMs).getTime() + 30 * day);
  return isSessionAlive({ isOfPlatform, createdAt: ago(createdMs), lastUsedAt: ago(usedMs), expiresAt }, now);
}

describe("a session", () => {
  test.each([
    ["a shop", day, 7 * day - 1, true],
    ["a shop", day, 7 * day, false],
    ["the platform", hour, 30 * minute - 1, true],
    ["the platform", hour, 30 * minute, false],
  ] as const)("of %s, begun %i ms ago and idle for %i ms, lives: %s", (who, created, used, expected) => {
    expect(isAlive(who, Math.max(created, used), used)).toBe(expected);
  });

  test.each([
    ["a shop", 30 * day - 1, true],
    ["a shop", 30 * day, false],
    ["the platform", 12 * hour - 1, true],
    ["the platform", 12 * hour, false],
  ] as const)("of %s, used all the time since %i ms, lives: %s", (who, created, expected) => {
    expect(isAlive(who, created, 0)).toBe(expected);
  });

  test("is stepped up for ten minutes after a proof, and never without one", () => {
    expect(isSteppedUp(ago(10 * minute - 1), now)).toBe(true);
    expect(isSteppedUp(ago(10 * minute), now)).toBe(false);
    expect(isSteppedUp(null, now)).toBe(false);
  });
});

describe("a device", () => {
  const android =
    "Mozilla/5.0 (Linux; Android 14; SM-A546E) AppleWebKit/537.36 Chrome/128.0.6613.88 Mobile Safari/537.36";

  test.each([
    [android, "Chrome on Android"],
    [
      android.replace("14", "13").replace("SM-A546E", "V2207").replace("128.0.6613.88", "99.0"),
      "Chrome on Android",
    ],
    [
      "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Version/17.5 Mobile/15E148 Safari/604.1",
      "Safari on iPhone",
    ],
    [
      "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/128.0.0.0 Safari/537.36 Edg/128.0.0.0",
      "Edge on Windows",
    ],
    ["curl/8.5.0", "Program"],
    [undefined, "Program"],
  ])("is told by browser and system, and by no number: %s", (userAgent, expected) => {
    expect(describeDevice(userAgent)).toBe(expected);
  });

  test("is told in our own words whatever it says", () => {
    const device = describeDevice(`Chrome/1 <script>${"x".repeat(100_000)} Android`);
    expect(device).toBe("Chrome");
  });
});
