import { afterAll, beforeAll, expect, test } from "vitest";

import { tallyPayouts } from "../../db/payout-tally.ts";
import {
  approvePayout,
  beginPayout,
  cancelPayout,
  endPayout,
  gatePayout,
  proposePayout,
} from "../../db/payouts.ts";
import type { ShopTransaction } from "../../db/connection.ts";
import type { AccountId } from "../../domain/id.ts";
import { defaultPayoutTimings } from "../../domain/payout/timings.ts";
import { fc, runs } from "../support/properties.ts";
import { createReferralWorld } from "./referral-world.ts";
import type { Person, ReferralWorld } from "./referral-world.ts";

let world: ReferralWorld;
let admins: [AccountId, AccountId];
beforeAll(async () => {
  world = await createReferralWorld();
  admins = [await world.addAccount(), await world.addAccount()];
});
afterAll(() => world.close());

type Payment = { id: string; amountMinor: number; refundedMinor: number };
type Story = { parent: Person; payer: Person; payments: Payment[]; months: number; moneySent: string[] };

/** One thing that happens; `share` and `which` choose among what is there. */
type Step = { what: (typeof kinds)[number]; which: number; share: number };
const kinds = [
  "pay",
  "refund",
  "mature",
  "tally",
  "gate",
  "propose",
  "approve",
  "begin",
  "paid",
  "failed",
  "cancel",
] as const;
const step: fc.Arbitrary<Step> = fc.record({
  what: fc.constantFrom(...kinds),
  which: fc.nat(5),
  share: fc.integer({ min: 1, max: 100 }),
});
/** Whole ways amid the noise, so that there often is a payout, and money is often sent. */
const wayTo = (...whats: Step["what"][]) =>
  fc.constant(whats.map((what): Step => ({ what, which: 0, share: 100 })));
const toTally = ["pay", "mature", "tally"] as const;
const toMoney = ["propose", "approve", "begin"] as const;
const steps = fc
  .array(
    fc.oneof(
      { weight: 5, arbitrary: step.map((one) => [one]) },
      { weight: 2, arbitrary: wayTo(...toTally) },
      { weight: 1, arbitrary: wayTo(...toMoney) },
      { weight: 1, arbitrary: wayTo(...toTally, ...toMoney, "paid") },
    ),
    { minLength: 1, maxLength: 16 },
  )
  .map((parts) => parts.flat());

async function begin(): Promise<Story> {
  const [parent, payer] = await world.addChain(2);
  if (!parent || !payer) throw new TypeError("a chain of two");
  await world.nameAccount(parent);
  return { parent, payer, payments: [], months: 0, moneySent: [] };
}

/** Said to the newest payout, whatever state it is in. */
async function say(story: Story, what: Step["what"]): Promise<void> {
  const payout = (await world.payoutsOf(story.parent)).at(-1);
  if (payout === undefined) return;
  const [maker, approver] = admins;
  const change = { payoutId: payout.id, now: new Date() };
  const { attempt, account_version: accountVersion, proposed_at: proposedAt } = payout;
  const approval = { accountVersion: accountVersion ?? 0, proposedAt: proposedAt ?? new Date(0) };
  const end = (state: "paid" | "failed") => (trx: ShopTransaction) =>
    endPayout(trx, {
      ...change,
      by: maker,
      attempt,
      end: state === "paid" ? { state, uploadId: null } : { state, failure: "account_unknown" },
    });
  const commands: Partial<Record<Step["what"], (trx: ShopTransaction) => ReturnType<typeof gatePayout>>> = {
    gate: (trx) => gatePayout(trx, change),
    propose: (trx) => proposePayout(trx, { ...change, by: maker }),
    approve: (trx) => approvePayout(trx, { ...change, by: approver, ...approval }),
    begin: (trx) => beginPayout(trx, change),
    paid: end("paid"),
    failed: end("failed"),
    cancel: (trx) => cancelPayout(trx, { ...change, by: maker }),
  };
  const command = commands[what];
  if (command === undefined) throw new TypeError(`nobody says ${what}`);
  // Twice at once, as two clicks, or two workers: at most one of them is heard.
  const results = await Promise.all([1, 2].map(() => world.worker.withoutShop(command)));
  if (what !== "paid") return;
  for (const result of results) if (result.outcome === "moved") story.moneySent.push(payout.id);
}

async function carryOut(story: Story, { what, which, share }: Step): Promise<void> {
  const { payments } = story;
  switch (what) {
    case "pay": {
      const amountMinor = 110_000 + share * 1_000;
      payments.push({ id: await world.pay(story.payer, amountMinor), amountMinor, refundedMinor: 0 });
      return;
    }
    case "refund": {
      const payment = payments[which % Math.max(1, payments.length)];
      if (payment === undefined) return;
      const refundedMinor = Math.floor(((payment.amountMinor - payment.refundedMinor) * share) / 100);
      payment.refundedMinor += refundedMinor;
      await world.refund(payment.id, refundedMinor);
      return;
    }
    case "mature":
      return world.settle(15);
    case "tally": {
      story.months += 1;
      const period = `${2000 + Math.floor(story.months / 12)}-${String((story.months % 12) + 1).padStart(2, "0")}`;
      const tally = { period, minimumMinor: { MMK: 10_000 }, timings: defaultPayoutTimings };
      await Promise.all(
        [1, 2].map(() =>
          world.worker.withoutShop((trx) => tallyPayouts(trx, { ...tally, now: new Date(), limit: 100 })),
        ),
      );
      return;
    }
    default:
      return say(story, what);
  }
}

async function sums(story: Story) {
  const { rows } = await world.owner.query<{ payout_id: string | null; state: string; sum: number }>(
    `select payout_id, state, sum(amount_minor)::int as sum from commissions
      where beneficiary_id = $1 group by payout_id, state`,
    [story.parent.participantId],
  );
  return rows;
}

test("M:MIKY-35 pays what was earned and no more, once, whatever is tallied, said, repeated and refunded", async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (told) => {
      const story = await begin();
      for (const each of told) await carryOut(story, each);

      const payouts = await world.payoutsOf(story.parent);
      const lines = await sums(story);
      for (const { id, state, amount_minor: amount } of payouts) {
        const own = lines.filter((line) => line.payout_id === id);
        expect({ state, sum: own.reduce((sum, line) => sum + line.sum, 0) }).toEqual({
          state,
          sum: state === "cancelled" ? 0 : amount,
        });
        expect(new Set(own.map((line) => line.state))).toEqual(
          new Set(state === "cancelled" ? [] : [state === "paid" ? "paid" : "in_payout"]),
        );
      }
      // Each payout that was paid was paid once.
      const paid = payouts.filter(({ state }) => state === "paid");
      expect(story.moneySent.toSorted()).toEqual(paid.map(({ id }) => id).toSorted());
      // What was paid and what is still owed is the share of what the payments are worth now, to the last unit.
      const owed = story.payments.reduce(
        (sum, { amountMinor, refundedMinor }) => sum + Math.floor((amountMinor - refundedMinor) / 10),
        0,
      );
      expect(lines.reduce((sum, line) => sum + line.sum, 0)).toBe(owed);
    }),
    { numRuns: runs(40) },
  );
}, 120_000);
