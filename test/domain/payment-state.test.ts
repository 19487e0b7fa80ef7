import { expect, test } from "vitest";
import { paymentTransitions } from "../../domain/order/states.ts";
import type { PaymentState } from "../../domain/order/states.ts";
import {
  balanceMinor,
  overpaidMinor,
  paymentState,
  refundOwedMinor,
} from "../../domain/payment/payment-state.ts";
import type { PaymentFacts } from "../../domain/payment/payment-state.ts";
import { fc, runs } from "../support/properties.ts";

const unpaid: PaymentFacts = {
  order: "placed",
  kind: "transfer",
  totalMinor: 20_000,
  receivedMinor: 0,
  refundedMinor: 0,
  wasPaid: false,
  hasUndecidedEvidence: false,
};

test.each<[string, Partial<PaymentFacts>, PaymentState]>([
  ["a draft owes nothing", { order: "draft", hasUndecidedEvidence: true }, "none"],
  ["a placed order is due", {}, "due"],
  ["evidence puts it under review", { hasUndecidedEvidence: true }, "under_review"],
  ["a part is part paid", { receivedMinor: 5_000 }, "part_paid"],
  [
    "a part with new evidence is under review",
    { receivedMinor: 5_000, hasUndecidedEvidence: true },
    "under_review",
  ],
  ["the total is paid", { receivedMinor: 20_000 }, "paid"],
  [
    "paid stays paid while more evidence waits",
    { receivedMinor: 20_000, hasUndecidedEvidence: true },
    "paid",
  ],
  ["more than the total is paid", { receivedMinor: 25_000 }, "paid"],
  ["the surplus given back is paid", { receivedMinor: 25_000, refundedMinor: 5_000 }, "paid"],
  [
    "a part given back after full payment is a concession",
    { receivedMinor: 20_000, refundedMinor: 3_000, wasPaid: true },
    "paid",
  ],
  [
    "all given back after full payment is refunded",
    { receivedMinor: 20_000, refundedMinor: 20_000, wasPaid: true },
    "refunded",
  ],
  ["a part payment given back is due again", { receivedMinor: 5_000, refundedMinor: 5_000 }, "due"],
  [
    "two parts of which one was given back are not the total",
    { receivedMinor: 25_000, refundedMinor: 15_000 },
    "part_paid",
  ],
  ["cash is due at the door", { kind: "cod" }, "cod_due"],
  ["cash needs no review", { kind: "cod", hasUndecidedEvidence: true }, "cod_due"],
  ["cash received is paid", { kind: "cod", order: "completed", receivedMinor: 20_000 }, "paid"],
  ["cancelled without money is over", { order: "cancelled", hasUndecidedEvidence: true }, "none"],
  ["cancelled with money owes a refund", { order: "cancelled", receivedMinor: 5_000 }, "refund_due"],
  [
    "cancelled with a part given back still owes",
    { order: "cancelled", receivedMinor: 5_000, refundedMinor: 4_000 },
    "refund_due",
  ],
  [
    "cancelled with all given back is refunded",
    { order: "cancelled", receivedMinor: 5_000, refundedMinor: 5_000 },
    "refunded",
  ],
])("%s", (_, facts, state) => {
  expect(paymentState({ ...unpaid, ...facts })).toBe(state);
});

test("the surplus is what is beyond the total and not given back", () => {
  expect(overpaidMinor({ ...unpaid, receivedMinor: 25_000 })).toBe(5_000);
  expect(overpaidMinor({ ...unpaid, receivedMinor: 25_000, refundedMinor: 5_000 })).toBe(0);
  expect(overpaidMinor({ ...unpaid, receivedMinor: 5_000 })).toBe(0);
});

test("a cancelled order owes all that was received, any other only the surplus", () => {
  const ledger = { totalMinor: 20_000, receivedMinor: 25_000, refundedMinor: 1_000, wasPaid: true };
  expect(refundOwedMinor({ ...ledger, order: "cancelled" })).toBe(24_000);
  expect(refundOwedMinor({ ...ledger, order: "placed" })).toBe(4_000);
});

test("a concession never makes the customer owe again", () => {
  expect(balanceMinor({ ...unpaid, receivedMinor: 20_000, refundedMinor: 3_000, wasPaid: true })).toBe(0);
  expect(balanceMinor({ ...unpaid, receivedMinor: 5_000 })).toBe(15_000);
});

type Step = {
  do: "evidence" | "refuse" | "accept" | "refund" | "cancel" | "deliver" | "revive";
  amountMinor: number;
};

test("whatever people do to a placed order, its payment state moves as the transition table allows", () => {
  const steps = fc.array(
    fc.record<Step>({
      do: fc.constantFrom("evidence", "refuse", "accept", "refund", "cancel", "deliver", "revive"),
      amountMinor: fc.constantFrom(5_000, 20_000, 25_000),
    }),
    { maxLength: 12 },
  );
  fc.assert(
    fc.property(steps, (steps) => {
      let facts = unpaid;
      for (const step of steps) {
        const next = apply(facts, step);
        const [from, to] = [paymentState(facts), paymentState(next)];
        if (from !== to) expect(paymentTransitions[from], `${from} → ${to} by ${step.do}`).toContain(to);
        facts = next;
      }
    }),
    { numRuns: runs(5_000) },
  );
});

/** As the order's plans decide: a slip may come, and be accepted, in whatever state the order is. */
function apply(facts: PaymentFacts, step: Step): PaymentFacts {
  const held = facts.receivedMinor - facts.refundedMinor;
  switch (step.do) {
    case "evidence":
      return { ...facts, hasUndecidedEvidence: true };
    case "refuse":
      return { ...facts, hasUndecidedEvidence: false };
    case "accept":
      return {
        ...facts,
        hasUndecidedEvidence: false,
        receivedMinor: facts.receivedMinor + step.amountMinor,
        wasPaid: facts.wasPaid || (facts.order === "placed" && held + step.amountMinor >= facts.totalMinor),
      };
    case "refund":
      return { ...facts, refundedMinor: facts.refundedMinor + Math.min(step.amountMinor, held) };
    case "cancel":
      return facts.order === "placed" ? { ...facts, order: "cancelled" } : facts;
    case "deliver":
      return facts.order === "placed" && facts.wasPaid ? { ...facts, order: "completed" } : facts;
    case "revive":
      return facts.order === "cancelled" && facts.receivedMinor === 0
        ? { ...facts, order: "placed", hasUndecidedEvidence: true }
        : facts;
  }
}
