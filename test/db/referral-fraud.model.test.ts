import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";

import { appealFlag, dismissFlag, listOwnFlags, upholdFlag } from "../../db/fraud-flags.ts";
import type { FraudFlagRow } from "../../db/fraud-flags.ts";
import { putReferralSignal } from "../../db/fraud-screening.ts";
import { putPayoutAccount } from "../../db/payout-accounts.ts";
import { tallyPayouts } from "../../db/payout-tally.ts";
import { approvePayout, beginPayout, cancelPayout, endPayout, proposePayout } from "../../db/payouts.ts";
import { newId } from "../../domain/id.ts";
import type { AccountId, PayoutId } from "../../domain/id.ts";
import { defaultPayoutTimings } from "../../domain/payout/timings.ts";
import type { Sealed } from "../../domain/sealing.ts";
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
type Story = {
  parent: Person;
  payer: Person;
  payments: Payment[];
  months: number;
  /** What was in a payout once: no flag takes it there. */
  tallied: Set<string>;
};

const kinds = [
  "pay",
  "refund",
  "mature",
  "share",
  "uphold",
  "dismiss",
  "appeal",
  "tally",
  "pay out",
  "cancel",
] as const;
/** `which` and `part` choose among what is there. */
type Step = { what: (typeof kinds)[number]; which: number; part: number };

const step: fc.Arbitrary<Step> = fc.record({
  what: fc.constantFrom(...kinds),
  which: fc.nat(5),
  part: fc.integer({ min: 1, max: 100 }),
});
/** Whole ways amid the noise, so that flags are often raised and money is often sent. */
const wayTo = (...whats: Step["what"][]) => fc.constant(whats.map((what) => of(what)));
const of = (what: Step["what"], which = 0): Step => ({ what, which, part: 100 });
const toTwoFlags = [0, 1].flatMap((which) => [of("share", which), of("pay"), of("mature")]);
const decisions = fc.record({
  what: fc.constantFrom<Step["what"]>("uphold", "uphold", "dismiss", "appeal"),
  which: fc.nat(1),
});
const steps = fc
  .array(
    fc.oneof(
      { weight: 6, arbitrary: step.map((one) => [one]) },
      { weight: 2, arbitrary: wayTo("share", "pay", "mature") },
      { weight: 1, arbitrary: wayTo("uphold", "appeal") },
      {
        weight: 2,
        arbitrary: fc
          .array(decisions, { minLength: 3, maxLength: 6 })
          .map((decided) => [...toTwoFlags, ...decided.map(({ what, which }) => of(what, which))]),
      },
      { weight: 1, arbitrary: wayTo("pay", "mature", "tally", "pay out") },
      { weight: 1, arbitrary: wayTo("pay", "mature", "tally", "share", "pay", "mature", "cancel") },
      {
        weight: 1,
        arbitrary: wayTo("pay", "mature", "tally", "share", "pay", "mature", "uphold", "cancel"),
      },
    ),
    { minLength: 2, maxLength: 14 },
  )
  .map((parts) => parts.flat());

async function begin(): Promise<Story> {
  const [parent, payer] = await world.addChain(2);
  if (!parent || !payer) throw new TypeError("a chain of two");
  const account = { participantId: parent.participantId, kind: "kbzpay" as const, currency: "MMK" as const };
  const sealed = { details: Buffer.from("sealed") as Sealed, accountIndex: randomBytes(16) };
  const now = new Date();
  await world.api.withoutShop((trx) =>
    putPayoutAccount(trx, { ...account, ...sealed, now, usableFrom: now }),
  );
  return { parent, payer, payments: [], months: 0, tallied: new Set() };
}

const signals = ["device", "email", "phone"] as const;

async function carryOut(story: Story, { what, which, part }: Step): Promise<void> {
  const { parent, payer, payments } = story;
  const now = new Date();
  switch (what) {
    case "pay": {
      const amountMinor = 110_000 + part * 1_000;
      payments.push({ id: await world.pay(payer, amountMinor), amountMinor, refundedMinor: 0 });
      return;
    }
    case "refund": {
      const payment = payments[which % Math.max(1, payments.length)];
      if (payment === undefined) return;
      const refundedMinor = Math.floor(((payment.amountMinor - payment.refundedMinor) * part) / 100);
      payment.refundedMinor += refundedMinor;
      await world.refund(payment.id, refundedMinor);
      return;
    }
    case "mature":
      return world.settle(15);
    case "share": {
      const shared = { kind: signals[which % signals.length] ?? "device", index: randomBytes(16), now };
      for (const { accountId } of [parent, payer])
        await world.api.withoutShop((trx) => putReferralSignal(trx, { accountId, ...shared }));
      return;
    }
    case "tally": {
      story.months += 1;
      const period = `${2000 + Math.floor(story.months / 12)}-${String((story.months % 12) + 1).padStart(2, "0")}`;
      const tally = { period, minimumMinor: { MMK: 10_000 }, timings: defaultPayoutTimings, now, limit: 100 };
      await world.worker.withoutShop((trx) => tallyPayouts(trx, tally));
      for (const id of await inPayouts(parent)) story.tallied.add(id);
      return;
    }
    case "pay out":
    case "cancel":
      for (const payoutId of await openPayouts(parent)) await endPayoutBy(what, payoutId);
      return;
    default:
      return decide(story, { what, which });
  }
}

/** Each decision twice at once, as by two admins: one of them is heard. */
async function decide({ parent }: Story, { what, which }: Pick<Step, "what" | "which">): Promise<void> {
  const flags = await flagsOf(parent);
  const flag = flags[which % Math.max(1, flags.length)];
  if (flag === undefined) return;
  const [flagId, now] = [flag.id, new Date()];
  if (what === "appeal") {
    const appeal = {
      flagId,
      participantId: parent.participantId,
      appeal: Buffer.from("sealed") as Sealed,
      appealId: newId<string>(),
      now,
    };
    await world.api.withoutShop((trx) => appealFlag(trx, appeal));
    return;
  }
  const [decision, reason] =
    what === "uphold" ? [upholdFlag, "same_person" as const] : [dismissFlag, "false_match" as const];
  await Promise.all(
    admins.map((by) => world.admin.withoutShop((trx) => decision(trx, { flagId, by, reason, now }))),
  );
}

async function inPayouts({ participantId }: Person): Promise<string[]> {
  const { rows } = await world.owner.query<{ id: string }>(
    "select payment_id as id from commissions where beneficiary_id = $1 and payout_id is not null",
    [participantId],
  );
  return rows.map(({ id }) => id);
}

/** As far as the gate lets it. */
async function endPayoutBy(what: "pay out" | "cancel", payoutId: PayoutId): Promise<void> {
  const [maker, approver] = admins;
  const change = { payoutId, now: new Date() };
  await world.worker.withoutShop(async (trx) => {
    if (what === "cancel") return void (await cancelPayout(trx, { ...change, by: maker }));
    await proposePayout(trx, { ...change, by: maker });
    await approvePayout(trx, { ...change, by: approver, accountVersion: 1, proposedAt: change.now });
    const { payout } = await beginPayout(trx, change);
    if (payout?.state === "executing")
      await endPayout(trx, { ...change, attempt: payout.attempt, end: { state: "paid", uploadId: null } });
    return undefined;
  });
}

async function openPayouts({ participantId }: Person): Promise<PayoutId[]> {
  const { rows } = await world.owner.query<{ id: PayoutId }>(
    "select id from payouts where participant_id = $1 and state not in ('paid', 'cancelled') order by id",
    [participantId],
  );
  return rows.map(({ id }) => id);
}

function flagsOf({ participantId }: Person): Promise<FraudFlagRow[]> {
  return world.api.withoutShop((trx) => listOwnFlags(trx, { participantId, limit: 50 }));
}

type Sum = { net: number; earnings: number; is_cancelled: boolean; is_payable: boolean };

async function sumOf(payment: Payment): Promise<Sum | undefined> {
  const { rows } = await world.owner.query<Sum>(
    `select sum(amount_minor)::int as net, count(*) filter (where kind = 'earning')::int as earnings,
        count(*) filter (where flag_id is not null and kind = 'reversal')
          > count(*) filter (where kind = 'restoration') as is_cancelled,
        bool_or(state = 'payable' and amount_minor > 0) as is_payable
      from commissions where payment_id = $1 having count(*) > 0`,
    [payment.id],
  );
  return rows[0];
}

test("what is owed of a payment is its share of what it is worth now, or nothing while a flag is right, whatever is decided, appealed, refunded and paid out", async () => {
  const seen = new Set<string>();
  await fc.assert(
    fc.asyncProperty(steps, async (told) => {
      const story = await begin();
      for (const each of told) await carryOut(story, each);
      await world.settle(15);
      const flags = await flagsOf(story.parent);
      const has = (state: string) => flags.some((flag) => flag.state === state);
      for (const state of ["open", "upheld", "dismissed"]) if (has(state)) seen.add(state);
      for (const payment of story.payments) {
        const sum = await sumOf(payment);
        if (sum === undefined) continue; // whoever is suspended earns nothing
        expect(sum.earnings).toBe(1);
        const share = Math.floor((payment.amountMinor - payment.refundedMinor) / 10);
        expect(sum.net).toBe(sum.is_cancelled ? 0 : share);
        if (sum.is_cancelled) seen.add("cancelled");
        expect(sum.is_cancelled && !has("upheld"), "taken for no flag that is right").toBe(false);
        if (has("upheld") && !story.tallied.has(payment.id))
          expect(sum.is_cancelled, "left beside a flag that is right").toBe(true);
        expect(sum.is_payable && has("open"), "payable beside a flag that nobody decided").toBe(false);
      }
    }),
    { numRuns: runs(40) },
  );
  expect([...seen].toSorted()).toEqual(["cancelled", "dismissed", "open", "upheld"]);
}, 120_000);
