import { expect, test } from "vitest";

import { turnLimits } from "../../domain/conversation/turn-limits.ts";
import { lowLevelToTell } from "../../domain/credit/low-credits.ts";
import { costOf, creditsOf, mostCreditsOf, noUsage } from "../../domain/credit/rates.ts";
import { fc } from "../support/properties.ts";

test("an answer of two calls costs what its tokens weigh, rounded up", () => {
  const usage = { calls: 2, pictures: 0, inputTokens: 6_000, outputTokens: 400 };
  expect(creditsOf(usage)).toBe(3);
  expect(costOf(usage, { inputMicroUsd: 250_000, outputMicroUsd: 2_000_000 })).toBe(2_300);
});

test("a picture costs a credit beside its tokens", () => {
  expect(creditsOf({ calls: 1, pictures: 1, inputTokens: 1_200, outputTokens: 80 })).toBe(2);
});

test("an answer costs a credit at least, and nothing where the model did not answer", () => {
  expect(creditsOf({ ...noUsage, calls: 1 })).toBe(1);
  expect(creditsOf(noUsage)).toBe(0);
});

test("no turn within its limits costs more than its upper bound", () => {
  const rounds = turnLimits.toolRounds + 2;
  const call = (inputTokens: number) =>
    fc.record({
      inputTokens: fc.constantFrom(0, inputTokens),
      outputTokens: fc.constantFrom(1, turnLimits.maxOutputTokens, turnLimits.maxOutputTokens),
    });
  const words = fc.array(call(8_000), { minLength: rounds - 2, maxLength: rounds });
  const pictures = fc.array(call(3_000), { maxLength: 5 });
  fc.assert(
    fc.property(words, pictures, (words, pictures) => {
      const calls = [...words, ...pictures];
      const total = (of: "inputTokens" | "outputTokens") => calls.reduce((sum, call) => sum + call[of], 0);
      const usage = {
        calls: calls.length,
        pictures: pictures.length,
        inputTokens: total("inputTokens"),
        outputTokens: total("outputTokens"),
      };
      expect(creditsOf(usage)).toBeLessThanOrEqual(mostCreditsOf({ pictures: pictures.length }));
    }),
  );
});

test.each([
  [201, null, null],
  [200, null, 20],
  [200, 20, null],
  [50, null, 5],
  [50, 20, 5],
  [0, 5, null],
  [100, 5, null],
  [50, 0, null],
] as const)("with %s of 1,000 left and %s told, the owner is told %s", (left, told, level) => {
  expect(lowLevelToTell({ left, lastGranted: 1_000, told })).toBe(level);
});
