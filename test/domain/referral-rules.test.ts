import { describe, expect, test } from "vitest";

import { newReferralCode, readReferralCode } from "../../domain/referral/code.ts";
import { fraudRules, judgePair } from "../../domain/referral/fraud-rules.ts";
import {
  maskAccountName,
  maskAccountNumber,
  payoutAccountName,
} from "../../domain/referral/payout-account.ts";
import { defaultReferralPolicy, isReferralPolicy } from "../../domain/referral/policy.ts";

const nothing = { shared: [], isLinked: false, signUpsInDay: 0 };

describe("a code", () => {
  test("is eight signs that are not taken for each other", () => {
    let next = 0;
    const drawn = Array.from({ length: 8 }, () => newReferralCode((below) => next++ % below)).join("");
    expect(drawn).toMatch(/^[2-9A-HJKMNP-Z]{64}$/);
    expect(new Set(drawn).size).toBe(31);
  });

  test.each([
    ["abcd2345", "ABCD2345"],
    [" ABCD-2345 ", "ABCD2345"],
    ["ABCD၂၃၄၅", "ABCD2345"],
    ["ABCD2340", undefined],
    ["ABCD234", undefined],
    ["ABCD23456", undefined],
    ["ABCD234!", undefined],
  ])("is read from %j", (text, code) => {
    expect(readReferralCode(text)).toBe(code);
  });
});

describe("a pair of payer and earner", () => {
  test.each([
    ["an e-mail stem", { ...nothing, shared: ["email" as const] }, ["self_referral"]],
    ["a phone", { ...nothing, shared: ["phone" as const] }, ["self_referral"]],
    ["a device", { ...nothing, shared: ["device" as const], isLinked: true }, ["same_device"]],
    [
      "a payout account",
      { ...nothing, shared: ["payout_account" as const], isLinked: true },
      ["same_payout_account"],
    ],
    ["a chain of things", { ...nothing, isLinked: true }, ["ring"]],
    ["twenty sign-ups in a day", { ...nothing, signUpsInDay: 20 }, []],
    ["twenty-one sign-ups in a day", { ...nothing, signUpsInDay: 21 }, ["velocity"]],
    ["nothing", nothing, []],
  ])("that shares %s breaks the right rules", (_, facts, rules) => {
    expect(judgePair(facts).map(({ rule }) => rule)).toEqual(rules);
  });

  test("breaks no rule that is off", () => {
    const rules = { ...fraudRules, same_device: { severity: "high" as const, isOn: false } };
    expect(judgePair({ ...nothing, shared: ["device"] }, rules)).toEqual([]);
  });

  test("is held for all but a burst of sign-ups, which people look at", () => {
    const weights = Object.entries(fraudRules).map(([rule, { severity }]) => `${rule} ${severity}`);
    expect(weights).toEqual([
      "self_referral high",
      "same_payout_account high",
      "same_device high",
      "ring high",
      "velocity medium",
    ]);
  });
});

describe("a payout account", () => {
  const account = { accountName: "Daw Aye Aye", accountNumber: "09 777-123 456", bank: "" };

  test("is the same however its number is written, and another one for another bank or kind", () => {
    const name = payoutAccountName("kbzpay", account);
    for (const accountNumber of ["09777123456", "၀၉၇၇၇၁၂၃၄၅၆", "09.777.123.456"]) {
      expect(payoutAccountName("kbzpay", { ...account, accountNumber })).toBe(name);
    }
    expect(payoutAccountName("wavepay", account)).not.toBe(name);
    expect(payoutAccountName("bank", { ...account, bank: "AYA" })).not.toBe(
      payoutAccountName("bank", { ...account, bank: "CB" }),
    );
  });

  test("shows the end of its number and the beginning of its names", () => {
    expect(maskAccountNumber(account.accountNumber)).toBe("••••3456");
    expect(maskAccountNumber("123")).toBe("••••3");
    expect(maskAccountName(account.accountName)).toBe("D••• A••• A•••");
    expect(maskAccountName("ဒေါ် အေးအေး")).toBe("ဒေါ်••• အေး•••");
  });
});

describe("a policy", () => {
  test.each([
    ["a fraction of a rate", { rateBps: [100.5] }],
    ["a rate above the whole", { rateBps: [10_001] }],
    ["a rate below nothing", { rateBps: [-1] }],
    ["a cap above the whole", { capBps: 10_001 }],
    ["eleven levels", { rateBps: Array.from({ length: 11 }, () => 1) }],
    ["a negative holding period", { holdingDays: -1 }],
  ])("with %s is none", (_, change) => {
    expect(isReferralPolicy({ ...defaultReferralPolicy, ...change })).toBe(false);
  });
});
