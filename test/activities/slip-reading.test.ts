import { describe, expect, test } from "vitest";

import { toProofReading } from "../../activities/order/slip-reading.ts";
import { judgeProof } from "../../domain/payment/judge-proof.ts";
import type { SlipReading } from "../../domain/ports/model-client.ts";

const now = new Date("2026-11-29T10:00:00Z");
const clear: SlipReading = {
  isSlip: true,
  isLegible: true,
  amount: "45,000 Ks",
  currency: "MMK",
  reference: "01004230001987654321",
  paidAt: now,
  payee: "Daw Thiri 09 777 000 123",
};
const method = { accountName: "Daw Thiri", accountNumber: "09 777 000 123" };

function verdictOf(reading: SlipReading) {
  return judgeProof({
    reading: toProofReading(reading, "MMK"),
    order: { currency: "MMK", balanceMinor: 45_000, placedAt: now },
    method,
    now,
    isReferenceKnown: false,
    isImageKnown: false,
  });
}

const card = "4111 1111 1111 1111";

describe("a card number on a slip", () => {
  test.each([
    ["reference", { reference: card }],
    ["reference behind a word", { reference: "Transaction No: 4111111111111111" }],
    ["payee", { payee: `Daw Thiri ${card}` }],
    ["payee in Myanmar digits", { payee: "၄၁၁၁ ၁၁၁၁ ၁၁၁၁ ၁၁၁၁" }],
    ["amount", { amount: "4111111111111111" }],
  ])("as the %s is not kept, and leaves the slip to the owner as an unreadable one", (_, seen) => {
    const reading = toProofReading({ ...clear, ...seen }, "MMK");
    expect(JSON.stringify(reading)).not.toMatch(/1111|၁၁၁၁/);
    expect(reading.isLegible).toBe(false);
    expect(verdictOf({ ...clear, ...seen })).toBe("unreadable");
  });

  test("does not take the amount away, which the owner confirms", () => {
    expect(toProofReading({ ...clear, reference: card }, "MMK").amountMinor).toBe(45_000);
  });
});

test.each(["01004230001987654321", "01004230001987", "4111111111111112", "9000012345678901", "A1B2C3D4"])(
  "the reference %s stays as it was read, and the slip matches",
  (reference) => {
    expect(toProofReading({ ...clear, reference }, "MMK").reference).toBe(reference);
    expect(verdictOf({ ...clear, reference })).toBe("matches");
  },
);
