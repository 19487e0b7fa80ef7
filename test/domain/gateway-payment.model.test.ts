import { expect, test } from "vitest";

import {
  afterLookUp,
  afterRefundLookUp,
  gatewayTransitions,
  lookAgainMs,
  nextPaymentStep,
  refundTransitions,
  splitRefund,
} from "../../domain/payment/gateway-payment.ts";
import type {
  GatewayPaymentState,
  GatewayRefundState,
  PaymentStanding,
  RefundStanding,
} from "../../domain/payment/gateway-payment.ts";
import { fc, runs } from "../support/properties.ts";

/** How a call ends: the work done or not, the answer there or not. */
type Fate = "answered" | "answer_lost" | "call_lost";
type AtProvider = { status: "waiting" | "paid" | "closed" };
type Attempt = { state: GatewayPaymentState; isShown: boolean; provider: AtProvider | undefined };
type World = { attempts: Attempt[]; isWanted: boolean; isOver: boolean };
type Event = { do: "look"; fate: Fate; second: Fate } | { do: "pay" | "cancel" | "run_out" };

const fate = fc.constantFrom<Fate>("answered", "answered", "answer_lost", "call_lost");
const event = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant("look" as const), fate, second: fate }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constantFrom("pay" as const, "cancel" as const, "run_out" as const) }),
  },
);

function move(attempt: Attempt, to: GatewayPaymentState): void {
  expect(gatewayTransitions[attempt.state], `${attempt.state} to ${to}`).toContain(to);
  attempt.state = to;
}

function look(world: World, attempt: Attempt, { fate, second }: { fate: Fate; second: Fate }): void {
  const facts = { state: attempt.state, isWanted: world.isWanted, isOver: world.isOver };
  const step = nextPaymentStep(facts);
  if (step === "rest") return;
  if (step === "drop") return move(attempt, "closed");
  if (step === "open") {
    move(attempt, "unknown");
    expect(attempt.provider, "nothing is asked for that may be there").toBeUndefined();
    if (fate !== "call_lost") attempt.provider = { status: "waiting" };
    if (fate !== "answered") return;
    attempt.isShown = true;
    return move(attempt, "pending");
  }
  const standing: PaymentStanding = fate === "answered" ? (attempt.provider?.status ?? "absent") : "unclear";
  const outcome = afterLookUp(facts, standing);
  const isReplaced = attempt.state === "unknown" && world.isWanted && !world.isOver;
  const close = () => {
    move(attempt, "closed");
    if (isReplaced) world.attempts.push({ state: "created", isShown: false, provider: undefined });
  };
  if (outcome.do === "become") return outcome.state === "closed" ? close() : move(attempt, outcome.state);
  if (outcome.do === "wait" || second === "call_lost" || attempt.provider?.status !== "waiting") return;
  attempt.provider = { status: "closed" };
  if (second === "answered") close();
}

function happen(world: World, event: Event): void {
  switch (event.do) {
    case "look":
      for (const attempt of world.attempts.slice()) look(world, attempt, event);
      break;
    case "pay": {
      const shown = world.attempts.find(({ isShown, provider }) => isShown && provider?.status === "waiting");
      if (shown?.provider) shown.provider.status = "paid";
      break;
    }
    case "cancel":
      world.isWanted = false;
      break;
    case "run_out":
      world.isOver = true;
      break;
  }
  const payable = world.attempts.filter(({ provider }) => provider?.status === "waiting");
  expect(payable.length, "codes that can be paid").toBeLessThanOrEqual(1);
}

test("whatever is lost on the way, one code can be paid, and money at the provider is found", () => {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 40 }), (events) => {
      const world: World = {
        attempts: [{ state: "created", isShown: false, provider: undefined }],
        isWanted: true,
        isOver: false,
      };
      for (const one of events) happen(world, one);
      for (let look = 0; look < 4; look += 1) {
        happen(world, { do: "look", fate: "answered", second: "answered" });
      }
      for (const { state, provider } of world.attempts) {
        expect(state === "paid", "the row says paid").toBe(provider?.status === "paid");
      }
      const isOpen = world.isWanted && !world.isOver;
      const last = world.attempts.at(-1);
      if (isOpen && last?.state !== "paid") expect(last?.state, "a code is shown").toBe("pending");
      if (!isOpen)
        expect(world.attempts.every(({ state }) => state === "closed" || state === "paid")).toBe(true);
    }),
    { numRuns: runs(1_000) },
  );
});

test("a refund is asked for again only when the provider knows nothing of it, and is one in the end", () => {
  fc.assert(
    fc.property(fc.array(fate, { maxLength: 20 }), fc.boolean(), (fates, isRefused) => {
      let state: GatewayRefundState = "requested";
      let atProvider: RefundStanding = "absent";
      let asked = 0;
      const to = (next: GatewayRefundState) => {
        if (next !== state) expect(refundTransitions[state]).toContain(next);
        state = next;
      };
      for (const fate of [...fates, "answered", "answered", "answered"] as const) {
        if (state === "requested") {
          to("unknown");
          expect(atProvider, "asked for while it may be there").toBe("absent");
          if (fate === "call_lost") continue;
          atProvider = isRefused ? "failed" : "done";
          asked += 1;
        } else if (state === "unknown") {
          to(afterRefundLookUp(fate === "answered" ? atProvider : "unclear", { isRefused: false }));
        }
      }
      expect({ state, asked }).toEqual({ state: isRefused ? "failed" : "done", asked: 1 });
    }),
    { numRuns: runs(300) },
  );
});

test("a refund that was refused is asked for no more, whatever is found of it", () => {
  const after = (standing: RefundStanding) => afterRefundLookUp(standing, { isRefused: true });
  expect((["absent", "failed", "done", "under_way", "unclear"] as const).map(after)).toEqual([
    "failed",
    "failed",
    "done",
    "unknown",
    "unknown",
  ]);
});

test("a refund is split over payments that have the money, and over no others", () => {
  const payment = fc.record({
    id: fc.uuid(),
    paidMinor: fc.integer({ min: 0, max: 1_000 }),
    refundedMinor: fc.integer({ min: 0, max: 1_000 }),
  });
  fc.assert(
    fc.property(
      fc.array(payment, { maxLength: 5 }),
      fc.integer({ min: 1, max: 3_000 }),
      (given, amountMinor) => {
        const payments = given.map((one) => ({
          ...one,
          refundedMinor: Math.min(one.refundedMinor, one.paidMinor),
        }));
        const held = payments.reduce((sum, one) => sum + one.paidMinor - one.refundedMinor, 0);
        const parts = splitRefund(payments, amountMinor);
        expect(parts !== undefined, "there is enough").toBe(amountMinor <= held);
        expect((parts ?? []).reduce((sum, part) => sum + part.amountMinor, 0)).toBe(parts ? amountMinor : 0);
        for (const { payment, amountMinor: part } of parts ?? []) {
          expect(part).toBeGreaterThan(0);
          expect(part).toBeLessThanOrEqual(payment.paidMinor - payment.refundedMinor);
        }
      },
    ),
  );
});

test("looks grow rarer, and never rarer than five minutes", () => {
  const waits = Array.from({ length: 40 }, (_, looks) => lookAgainMs(looks));
  expect(waits[0]).toBe(5_000);
  expect(waits.at(-1)).toBe(300_000);
  expect(waits.every((wait, index) => index === 0 || wait >= (waits[index - 1] ?? 0))).toBe(true);
});
