import { describe, expect, test } from "vitest";

import { levelRates, settlingAmount, shareOf } from "../../domain/referral/commission.ts";
import { defaultReferralPolicy, isReferralPolicy } from "../../domain/referral/policy.ts";
import { maxAmountMinor } from "../../domain/money.ts";
import { fc } from "../support/properties.ts";

const bps = fc.integer({ min: 0, max: 10_000 });
const amount = fc.integer({ min: 0, max: maxAmountMinor });
const policies = fc
  .record({ rateBps: fc.array(bps, { maxLength: 10 }), capBps: bps })
  .map((rates) => ({ ...defaultReferralPolicy, ...rates }));

describe("the share of a level", () => {
  test("is the exact part rounded down, for every amount that is accepted", () => {
    fc.assert(
      fc.property(amount, bps, (paidMinor, rateBps) => {
        expect(BigInt(shareOf(paidMinor, rateBps))).toBe((BigInt(paidMinor) * BigInt(rateBps)) / 10_000n);
      }),
    );
  });

  test("is ten percent and three percent by default, and nothing further up", () => {
    expect(levelRates(defaultReferralPolicy).map((rate) => shareOf(99_999, rate))).toEqual([9_999, 2_999]);
  });

  test("is cut at the far end where the rates are more than the cap", () => {
    expect(levelRates({ ...defaultReferralPolicy, rateBps: [1_000, 300, 400, 100] })).toEqual([
      1_000, 300, 200, 0,
    ]);
  });

  test("is with all other levels never above the cap, nor above its own rate", () => {
    fc.assert(
      fc.property(policies, amount, (policy, paidMinor) => {
        expect(isReferralPolicy(policy)).toBe(true);
        const shares = levelRates(policy).map((rate) => shareOf(paidMinor, rate));
        const sum = shares.reduce((total, share) => total + BigInt(share), 0n);
        expect(sum * 10_000n <= BigInt(paidMinor) * BigInt(policy.capBps)).toBe(true);
        for (const [level, share] of shares.entries()) {
          expect(share).toBeLessThanOrEqual(shareOf(paidMinor, policy.rateBps[level] ?? 0));
        }
      }),
    );
  });
});

describe("the lines of a commission", () => {
  type Cause = { kind: "refund"; share: number } | { kind: "cancel" } | { kind: "restore" };
  const cause: fc.Arbitrary<Cause> = fc.oneof(
    fc.record({ kind: fc.constant("refund" as const), share: fc.integer({ min: 1, max: 1_000_000 }) }),
    fc.record({ kind: fc.constantFrom("cancel" as const, "restore" as const) }),
  );
  type Sale = { paidMinor: number; rateBps: number };
  const sale = fc.record({ paidMinor: amount, rateBps: fc.integer({ min: 1, max: 10_000 }) });

  /** The ledger after all that happened: what each line said, and their sum. */
  function tell({ paidMinor, rateBps }: Sale, causes: Cause[]) {
    const standing = { paidMinor, rateBps, refundedMinor: 0, isCancelled: false, netMinor: 0 };
    const lines = [shareOf(paidMinor, rateBps)];
    standing.netMinor = lines[0] ?? 0;
    for (const happened of causes) {
      if (happened.kind === "refund") {
        const left = paidMinor - standing.refundedMinor;
        standing.refundedMinor += Math.min(left, Math.floor((paidMinor / 1_000_000) * happened.share));
      } else standing.isCancelled = happened.kind === "cancel";
      const line = settlingAmount(standing);
      lines.push(line);
      standing.netMinor += line;
    }
    return { ...standing, lines };
  }

  test("owe the share of what the payment is still worth, and never less than nothing", () => {
    fc.assert(
      fc.property(sale, fc.array(cause, { maxLength: 12 }), (sold, causes) => {
        const { netMinor, refundedMinor, isCancelled } = tell(sold, causes);
        const worth = shareOf(sold.paidMinor - refundedMinor, sold.rateBps);
        expect(netMinor).toBe(isCancelled ? 0 : worth);
      }),
    );
  });

  test("come to exactly nothing after a whole refund, in whatever parts and order", () => {
    fc.assert(
      fc.property(sale, fc.array(cause, { maxLength: 12 }), fc.boolean(), (sold, causes, isFirst) => {
        const parts = causes.filter(({ kind }) => kind !== "cancel");
        const whole: Cause = { kind: "refund", share: 1_000_000 };
        const rest: Cause = { kind: "refund", share: 1_000_000 };
        expect(tell(sold, isFirst ? [whole, ...parts, rest] : [...parts, whole, rest]).netMinor).toBe(0);
      }),
    );
  });

  test("only take back by a refund, and say the same for refunds in another order", () => {
    fc.assert(
      fc.property(sale, fc.array(fc.integer({ min: 1, max: 90_000 }), { maxLength: 10 }), (sold, shares) => {
        const refunds = shares.map((share): Cause => ({ kind: "refund", share }));
        const told = tell(sold, refunds);
        for (const line of told.lines.slice(1)) expect(line).toBeLessThanOrEqual(0);
        expect(tell(sold, refunds.toReversed()).netMinor).toBe(told.netMinor);
      }),
    );
  });
});
