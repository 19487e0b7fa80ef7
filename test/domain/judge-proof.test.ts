import { expect, test } from "vitest";
import { judgeProof } from "../../domain/payment/judge-proof.ts";
import type { ProofToJudge, Verdict } from "../../domain/payment/judge-proof.ts";
import type { ProofReading } from "../../domain/payment/proof-reading.ts";

const reading: ProofReading = {
  isLegible: true,
  amountMinor: 41_000,
  currency: "MMK",
  reference: "01004153071",
  paidAt: new Date("2026-03-01T10:05:00Z"),
  payee: "Daw Hla Hla Win (******4567)",
};
const proof: ProofToJudge = {
  reading,
  order: { currency: "MMK", balanceMinor: 41_000, placedAt: new Date("2026-03-01T10:00:00Z") },
  method: { accountName: "Hla Hla Win", accountNumber: "09 791 234 567" },
  now: new Date("2026-03-01T10:06:00Z"),
  isReferenceKnown: false,
  isImageKnown: false,
};

test.each<[string, Partial<ProofReading>, Verdict]>([
  ["the balance to the account", {}, "matches"],
  ["no payee, time or reference", { payee: null, paidAt: null, reference: null, currency: null }, "matches"],
  ["one kyat less", { amountMinor: 40_999 }, "short"],
  ["one kyat more", { amountMinor: 41_001 }, "over"],
  ["another account", { payee: "******9999" }, "wrong_payee"],
  ["15 minutes before the order", { paidAt: new Date("2026-03-01T09:45:00Z") }, "matches"],
  ["more than 15 minutes before the order", { paidAt: new Date("2026-03-01T09:44:59Z") }, "stale"],
  ["24 hours ahead", { paidAt: new Date("2026-03-02T10:06:00Z") }, "matches"],
  ["more than 24 hours ahead", { paidAt: new Date("2026-03-02T10:06:01Z") }, "stale"],
  ["a blurred picture", { isLegible: false }, "unreadable"],
  ["no amount", { amountMinor: null }, "unreadable"],
  ["nothing", { amountMinor: 0 }, "unreadable"],
  ["baht for kyats", { currency: "THB" }, "unreadable"],
])("a slip that shows %s (%o) is judged %s", (_, shown, verdict) => {
  expect(judgeProof({ ...proof, reading: { ...reading, ...shown } })).toBe(verdict);
});

test("a known image or reference is a duplicate, however it reads", () => {
  expect(judgeProof({ ...proof, isReferenceKnown: true })).toBe("duplicate");
  const blurred = { ...reading, isLegible: false, amountMinor: null };
  expect(judgeProof({ ...proof, isImageKnown: true, reading: blurred })).toBe("duplicate");
});

test("a wrong payee weighs more than the time, the time more than the amount", () => {
  const old = { ...reading, paidAt: new Date("2026-02-01T10:00:00Z"), amountMinor: 1 };
  expect(judgeProof({ ...proof, reading: old })).toBe("stale");
  expect(judgeProof({ ...proof, reading: { ...old, payee: "U Aung" } })).toBe("wrong_payee");
});

test("a second part is judged against what is still to be paid", () => {
  const order = { ...proof.order, balanceMinor: 11_000 };
  expect(judgeProof({ ...proof, order, reading: { ...reading, amountMinor: 11_000 } })).toBe("matches");
});
