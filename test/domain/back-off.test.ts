import { expect, test } from "vitest";

import { backOffMs } from "../../domain/messenger/back-off.ts";

test.each([
  ["at once what Graph asks for", { afterMs: 2_000, attempts: 0 }, 2_000],
  ["twice as long after each attempt", { afterMs: 2_000, attempts: 3 }, 16_000],
  ["never more than a minute", { afterMs: 30_000, attempts: 6 }, 60_000],
  ["a minute after any number of attempts", { afterMs: 2_000, attempts: 5_000 }, 60_000],
  ["but as long as Graph says", { afterMs: 600_000, attempts: 4 }, 600_000],
])("waits %s", (_what, given, expected) => {
  expect(backOffMs(given)).toBe(expected);
});
