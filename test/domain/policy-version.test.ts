import { describe, expect, test } from "vitest";

import {
  earliestEffect,
  judgePublishing,
  openPolicies,
  policiesInForce,
  upcomingPolicies,
} from "../../domain/account/policy-version.ts";
import type { PolicyVersion } from "../../domain/account/policy-version.ts";
import { currentPolicies, policyNames, wordingHash } from "../../domain/account/policies.ts";

const now = new Date("2027-01-10T00:00:00Z");
const day = 24 * 60 * 60_000;
const inDays = (days: number) => new Date(now.getTime() + days * day);

function version(name: string, effectiveInDays: number, given: Partial<PolicyVersion> = {}): PolicyVersion {
  const words = { en: name, my: name };
  return {
    policy: "terms",
    version: name,
    text: words,
    hash: "0".repeat(64),
    summary: words,
    isMaterial: true,
    publishedAt: inDays(-30),
    effectiveAt: inDays(effectiveInDays),
    ...given,
  };
}

describe("what is in force", () => {
  test("is what the code brings until a published version takes effect, to the second", () => {
    const published = [version("2", 0)];
    const before = policiesInForce(published, new Date(now.getTime() - 1_000));
    expect(before.terms).toEqual({ ...currentPolicies.terms, hash: wordingHash("terms"), published: null });
    expect(policiesInForce(published, now).terms.version).toBe("2");
    expect(policiesInForce(published, now).privacy.version).toBe(currentPolicies.privacy.version);
  });

  test("is the newest in effect, and what comes is announced in its order", () => {
    const published = [version("5", 9), version("2", -9), version("4", 3), version("3", -1)];
    expect(policiesInForce(published, now).terms.version).toBe("3");
    expect(upcomingPolicies(published, now).map(({ version }) => version)).toEqual(["4", "5"]);
  });
});

describe("what is open for an account", () => {
  const seeds = policyNames.map((policy) => ({ policy, version: currentPolicies[policy].version }));
  const inForce = policiesInForce(
    [version("2", 0), version("p2", 0, { policy: "privacy", isMaterial: false })],
    now,
  );

  test("is nothing while it has accepted what is in force", () => {
    expect(openPolicies(seeds, policiesInForce([], now))).toEqual({ asked: [], gating: [], byUse: [] });
  });

  test("is asked and gates where a change is material, and is accepted by use where it is minor", () => {
    expect(openPolicies(seeds, inForce)).toEqual({ asked: ["terms"], gating: ["terms"], byUse: ["privacy"] });
  });

  test("is asked of an account that was never asked only where it was published", () => {
    expect(openPolicies([], policiesInForce([], now)).asked).toEqual([]);
    expect(openPolicies([], inForce)).toEqual({ asked: ["terms"], gating: ["terms"], byUse: ["privacy"] });
  });

  test("is asked, and gates nothing, where the code brings another wording than was accepted", () => {
    const accepted = seeds.map((one) => (one.policy === "terms" ? { ...one, version: "2025-01" } : one));
    const open = openPolicies(accepted, policiesInForce([], now));
    expect(open).toEqual({ asked: ["terms"], gating: [], byUse: [] });
  });
});

describe("publishing", () => {
  const second = 1_000;
  test.each([
    ["a material change 14 days ahead", { isMaterial: true, at: 14 * day }, "fits"],
    ["a material change a second less", { isMaterial: true, at: 14 * day - second }, "too_early"],
    ["a minor change at once", { isMaterial: false, at: 0 }, "fits"],
    ["a minor change in the past", { isMaterial: false, at: -second }, "too_early"],
  ])("%s", (_what, { isMaterial, at }, verdict) => {
    const wanted = version("9", 0, { isMaterial, effectiveAt: new Date(now.getTime() + at) });
    expect(judgePublishing(wanted, [], now)).toBe(verdict);
    expect(earliestEffect(isMaterial, now) <= wanted.effectiveAt).toBe(verdict === "fits");
  });

  test("needs a name of its own, and an effect after all that was published of the same policy", () => {
    const known = [version("2", 20)];
    expect(judgePublishing(version("2", 30), known, now)).toBe("version_taken");
    expect(judgePublishing(version(currentPolicies.terms.version, 30), [], now)).toBe("version_taken");
    expect(judgePublishing(version("3", 20), known, now)).toBe("not_later");
    expect(judgePublishing(version("3", 20, { policy: "privacy" }), known, now)).toBe("fits");
  });
});
