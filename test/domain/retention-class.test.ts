import { expect, test } from "vitest";

import { dataPurposes } from "../../domain/privacy/data-purpose.ts";
import { oldestMessageDays, retentionRules } from "../../domain/privacy/retention-class.ts";

test("a default lies within its bounds", () => {
  for (const [name, { defaultDays, bounds }] of Object.entries(retentionRules)) {
    if (bounds === null || defaultDays === null) continue;
    expect(defaultDays, name).toBeGreaterThanOrEqual(bounds.minDays);
    expect(defaultDays, name).toBeLessThanOrEqual(bounds.maxDays);
  }
});

test("no shop can keep a conversation beyond what a message may be old", () => {
  expect(retentionRules.conversation.bounds?.maxDays).toBe(oldestMessageDays);
});

test("nothing is for sale, and nobody is written to or learnt from without consent", () => {
  expect(Object.keys(dataPurposes)).not.toContain("sale");
  expect(dataPurposes.marketing.basis).toBe("consent");
  expect(dataPurposes.improvement.basis).toBe("consent");
});
