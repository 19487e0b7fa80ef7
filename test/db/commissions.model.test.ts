import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { createCommissions } from "../../db/commissions.ts";
import { putPayoutAccount } from "../../db/payout-accounts.ts";
import { tallyPayouts } from "../../db/payout-tally.ts";
import { approvePayout, beginPayout, endPayout, proposePayout } from "../../db/payouts.ts";
import { addReferralPolicy } from "../../db/referral-policies.ts";
import { closeParticipation } from "../../db/referrals.ts";
import { newId } from "../../domain/id.ts";
import type { PayoutId } from "../../domain/id.ts";
import { defaultPayoutTimings } from "../../domain/payout/timings.ts";
import { levelRates, shareOf } from "../../domain/referral/commission.ts";
import { defaultReferralPolicy } from "../../domain/referral/policy.ts";
import type { Sealed } from "../../domain/sealing.ts";
import { fc, runs } from "../support/properties.ts";
import { createReferralWorld, dayMs } from "./referral-world.ts";
import type { Person, ReferralWorld } from "./referral-world.ts";

let world: ReferralWorld;
beforeAll(async () => {
  world = await createReferralWorld();
});
afterAll(() => world.close());

const rates = levelRates(defaultReferralPolicy);

function sum(lines: { amount_minor: number }[]): number {
  return lines.reduce((total, line) => total + line.amount_minor, 0);
}

describe("a payment", () => {
  test("earns each level above its rate, and nobody further up", async () => {
    const [great, grand, parent, payer] = await world.addChain(4);
    if (!great || !grand || !parent || !payer) throw new TypeError("a chain of four");
    const paymentId = await world.pay(payer, 100_005);
    expect(await world.lines({ paymentId })).toMatchObject([
      { beneficiary_id: parent.participantId, level: 1, amount_minor: 10_000, state: "pending" },
      { beneficiary_id: grand.participantId, level: 2, amount_minor: 3_000, state: "pending" },
    ]);
  });

  test("earns once, however often and at once it is told of", async () => {
    const [, , payer] = await world.addChain(3);
    if (!payer) throw new TypeError("a chain of three");
    const paymentId = newId<string>();
    await Promise.all(Array.from({ length: 6 }, () => world.pay(payer, 50_000, paymentId)));
    expect(await world.lines({ paymentId })).toMatchObject([
      { level: 1, amount_minor: 5_000 },
      { level: 2, amount_minor: 1_500 },
    ]);
  });

  test("earns nothing for one who takes part no more, and no more for those above", async () => {
    const [grand, parent, payer] = await world.addChain(3);
    if (!grand || !parent || !payer) throw new TypeError("a chain of three");
    await world.worker.withoutShop((trx) => closeParticipation(trx, parent.accountId));
    const paymentId = await world.pay(payer);
    expect(await world.lines({ paymentId })).toMatchObject([
      { beneficiary_id: grand.participantId, level: 2, amount_minor: 3_000 },
    ]);
  });

  test("earns nothing for whoever is in the shop that pays, at any level, and no more for the others", async () => {
    const [grand, parent, payer] = await world.addChain(3);
    if (!grand || !parent || !payer) throw new TypeError("a chain of three");
    for (const [member, other, otherLine] of [
      [parent, grand, { level: 2, amount_minor: 3_000 }],
      [grand, parent, { level: 1, amount_minor: 10_000 }],
    ] as const) {
      await world.setMembers([payer, member]);
      const paymentId = await world.pay(payer);
      expect(await world.lines({ paymentId })).toMatchObject([
        { beneficiary_id: other.participantId, ...otherLine },
      ]);
    }
    await world.setMembers([]);
  });

  test("M:MIKY-34 follows the levels, rates and cap of the policy that was valid when it was made", async () => {
    const later = new Date(Date.now() + 100 * dayMs);
    const policy = {
      ...defaultReferralPolicy,
      rateBps: [500, 400, 300, 900],
      capBps: 1_300,
      holdingDays: 30,
    };
    await world.admin.withoutShop((trx) => addReferralPolicy(trx, { policy, validFrom: later }));
    const chain = await world.addChain(5);
    const payer = chain.at(-1);
    if (!payer) throw new TypeError("a chain of five");
    const payAt = async (paidAt: Date) => {
      const paymentId = newId<string>();
      const payment = {
        paymentId,
        shopId: world.shopId,
        payerAccountId: payer.accountId,
        paidAt,
        now: paidAt,
      };
      const money = { amountMinor: 10_000, currency: "MMK" as const };
      await world.worker.withShop(world.shopId, (trx) => createCommissions(trx, { ...payment, ...money }));
      return (await world.lines({ paymentId })).map(({ amount_minor }) => amount_minor);
    };
    expect(await payAt(new Date())).toEqual([1_000, 300]);
    expect(await payAt(later)).toEqual([500, 400, 300, 100]);
  });
});

describe("a commission", () => {
  test("is pending, held for fourteen days, and then payable", async () => {
    const [parent, payer] = await world.addChain(2);
    if (!parent || !payer) throw new TypeError("a chain of two");
    await world.pay(payer);
    const states = async () =>
      (await world.lines({ beneficiary: parent })).map(({ state, held_reason }) => [state, held_reason]);
    expect(await states()).toEqual([["pending", null]]);
    await world.settle(13.99);
    expect(await states()).toEqual([["held", "holding_period"]]);
    await world.settle(14.01);
    expect(await states()).toEqual([["payable", null]]);
  });

  test("M:MIKY-09 goes from pending over held and payable into a payout, is paid, and is taken back by a line of its own", async () => {
    const [parent, payer] = await world.addChain(2);
    if (!parent || !payer) throw new TypeError("a chain of two");
    const { participantId } = parent;
    const now = new Date();
    const named = { details: Buffer.from("sealed") as Sealed, accountIndex: Buffer.from(participantId) };
    const account = {
      participantId,
      kind: "kbzpay" as const,
      currency: "MMK" as const,
      now,
      usableFrom: now,
    };
    await world.api.withoutShop((trx) => putPayoutAccount(trx, { ...account, ...named }));
    const states: string[] = [];
    const look = async () => {
      const lines = await world.lines({ beneficiary: parent });
      states.push(lines.map(({ state, amount_minor }) => `${state} ${amount_minor}`).join(", "));
    };
    const paymentId = await world.pay(payer);
    await look();
    for (const days of [0, 15]) {
      await world.settle(days);
      await look();
    }
    const minimumMinor = { MMK: 10_000 };
    const tally = { period: "2026-11", minimumMinor, timings: defaultPayoutTimings, now, limit: 100 };
    const [payout] = await world.worker.withoutShop((trx) => tallyPayouts(trx, tally));
    await look();
    const { payoutId } = payout ?? { payoutId: newId<PayoutId>() };
    const [maker, approver] = [await world.addAccount(), await world.addAccount()];
    await world.worker.withoutShop(async (trx) => {
      await proposePayout(trx, { payoutId, by: maker, now });
      await approvePayout(trx, { payoutId, by: approver, now, accountVersion: 1, proposedAt: now });
      await beginPayout(trx, { payoutId, now });
      const end = { state: "paid" as const, uploadId: null };
      await endPayout(trx, { payoutId, by: maker, now, attempt: 1, end });
    });
    await look();
    await world.refund(paymentId, 100_000);
    await look();
    expect(states).toEqual([
      "pending 10000",
      "held 10000",
      "payable 10000",
      "in_payout 10000",
      "paid 10000",
      "paid 10000, payable -10000",
    ]);
  });

  test.each(["pending", "held", "payable"] as const)(
    "that is %s is taken back as it stands",
    async (state) => {
      const [parent, payer] = await world.addChain(2);
      if (!parent || !payer) throw new TypeError("a chain of two");
      const paymentId = await world.pay(payer);
      if (state !== "pending") await world.settle(state === "held" ? 0 : 15);
      await world.refund(paymentId, 30_000);
      expect(await world.lines({ paymentId })).toMatchObject([
        { kind: "earning", amount_minor: 10_000, state },
        { kind: "reversal", amount_minor: -3_000, state },
      ]);
      await world.settle(15);
      expect((await world.lines({ paymentId })).map((line) => line.state)).toEqual(["payable", "payable"]);
    },
  );

  test.each(["in_payout", "paid"])("that is %s is taken back from the next payout", async (state) => {
    const [, payer] = await world.addChain(2);
    if (!payer) throw new TypeError("a chain of two");
    const paymentId = await world.pay(payer);
    await world.owner.query("update commissions set state = $2 where payment_id = $1", [paymentId, state]);
    await world.refund(paymentId, 100_000);
    expect(await world.lines({ paymentId })).toMatchObject([
      { kind: "earning", amount_minor: 10_000, state },
      { kind: "reversal", amount_minor: -10_000, state: "payable" },
    ]);
  });

  test("is taken back once for each refund, however often and at once it is told of", async () => {
    const [, payer] = await world.addChain(2);
    if (!payer) throw new TypeError("a chain of two");
    const paymentId = await world.pay(payer);
    const [first, second] = [newId<string>(), newId<string>()];
    await Promise.all([first, second, first, second, first].map((id) => world.refund(paymentId, 20_000, id)));
    const lines = await world.lines({ paymentId });
    expect(lines.map(({ amount_minor }) => amount_minor)).toEqual([10_000, -2_000, -2_000]);
  });

  test("is written by workers only, and its amount by nobody again", async () => {
    const tried = async (login: typeof world.api, statement: ReturnType<typeof sql>) => {
      const attempt = login.withoutShop((trx) => statement.execute(trx));
      await expect(attempt).rejects.toMatchObject({ code: "42501" });
    };
    await tried(world.api, sql`insert into commissions select * from commissions limit 0`);
    await tried(world.api, sql`update commissions set state = 'payable'`);
    for (const login of [world.api, world.worker, world.admin]) {
      await tried(login, sql`update commissions set amount_minor = 1`);
      await tried(login, sql`update commissions set beneficiary_id = payer_id`);
      await tried(login, sql`delete from commissions`);
    }
  });
});

describe("the ledger", () => {
  type Step =
    | { do: "pay"; who: number; amount: number }
    | { do: "refund"; payment: number; share: number }
    | { do: "close"; who: number }
    | { do: "settle" };
  const nat = fc.nat({ max: 1_000 });
  const step: fc.Arbitrary<Step> = fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        do: fc.constant("pay" as const),
        who: nat,
        amount: fc.integer({ min: 1, max: 5_000_000 }),
      }),
    },
    {
      weight: 4,
      arbitrary: fc.record({
        do: fc.constant("refund" as const),
        payment: nat,
        share: fc.integer({ min: 1, max: 100 }),
      }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("close" as const), who: nat }) },
    { weight: 1, arbitrary: fc.constant({ do: "settle" as const }) },
  );

  type Payment = { id: string; amount: number; refunded: number };

  async function carryOut(people: Person[], payments: Payment[], step: Step): Promise<void> {
    const who = people[("who" in step ? step.who : 0) % people.length];
    if (who === undefined) throw new TypeError("nobody");
    if (step.do === "settle") return world.settle(15);
    if (step.do === "close") return world.worker.withoutShop((trx) => closeParticipation(trx, who.accountId));
    if (step.do === "pay") {
      payments.push({ id: await world.pay(who, step.amount), amount: step.amount, refunded: 0 });
      return undefined;
    }
    const payment = payments[step.payment % Math.max(1, payments.length)];
    if (payment === undefined) return undefined;
    const refunded = Math.min(
      payment.amount - payment.refunded,
      Math.ceil((payment.amount * step.share) / 100),
    );
    if (refunded === 0) return undefined;
    payment.refunded += refunded;
    await world.refund(payment.id, refunded);
    return undefined;
  }

  test("P:MIK-21 owes for every payment no more than its shares and its cap, and after a whole refund nothing", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(nat, { minLength: 2, maxLength: 8 }),
        fc.array(step, { minLength: 1, maxLength: 12 }),
        async (parents, steps) => {
          const people: Person[] = [];
          for (const parent of parents) {
            const person = await world.addPerson();
            const above = people[parent % Math.max(1, people.length)];
            if (above !== undefined) await world.attribute(person, above);
            people.push(person);
          }
          const payments: Payment[] = [];
          for (const each of steps) await carryOut(people, payments, each);
          for (const { id, amount, refunded } of payments) {
            const lines = await world.lines({ paymentId: id });
            const left = amount - refunded;
            expect(sum(lines)).toBeLessThanOrEqual(shareOf(left, defaultReferralPolicy.capBps));
            for (const level of new Set(lines.map((line) => line.level))) {
              const ofLevel = lines.filter((line) => line.level === level);
              expect(sum(ofLevel)).toBe(shareOf(left, rates[level - 1] ?? 0));
              expect(ofLevel.filter(({ kind }) => kind === "earning")).toHaveLength(1);
            }
          }
        },
      ),
      { numRuns: runs(15) },
    );
  }, 60_000);
});
