import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { raiseFlags } from "../../db/fraud-flags.ts";
import { tallyPayouts } from "../../db/payout-tally.ts";
import {
  approvePayout,
  beginPayout,
  cancelPayout,
  endPayout,
  gatePayout,
  lockPayout,
  proposePayout,
} from "../../db/payouts.ts";
import type { TalliedPayout } from "../../db/payout-tally.ts";
import type { PayoutResult } from "../../db/payouts.ts";
import type { ShopTransaction } from "../../db/connection.ts";
import type { AccountId, PayoutId } from "../../domain/id.ts";
import { defaultPayoutTimings } from "../../domain/payout/timings.ts";
import { eventually } from "../support/eventually.ts";
import { fc, runs } from "../support/properties.ts";
import { createReferralWorld, dayMs } from "./referral-world.ts";
import type { Person, ReferralWorld } from "./referral-world.ts";

let world: ReferralWorld;
let maker: AccountId;
let approver: AccountId;
beforeAll(async () => {
  world = await createReferralWorld();
  [maker, approver] = [await world.addAccount(), await world.addAccount()];
});
afterAll(() => world.close());

/** Somebody who may be paid so much, with one below whose payments earn it. */
async function addEarner(amounts: number[]): Promise<{ parent: Person; payer: Person; payments: string[] }> {
  const [parent, payer] = await world.addChain(2);
  if (!parent || !payer) throw new TypeError("a chain of two");
  await world.nameAccount(parent);
  const payments = [];
  for (const amount of amounts) payments.push(await world.pay(payer, amount * 10));
  await world.settle(15);
  return { parent, payer, payments };
}

const tallyOf = (period: string) => ({
  period,
  minimumMinor: { MMK: 10_000 },
  timings: defaultPayoutTimings,
  now: new Date(),
  limit: 100,
});

function tally(period = "2026-11"): Promise<TalliedPayout[]> {
  return world.worker.withoutShop((trx) => tallyPayouts(trx, tallyOf(period)));
}

const payoutsOf = (person: Person) => world.payoutsOf(person);
const getPayout = (person: Person) => world.newestPayoutOf(person);

type Command = (
  trx: ShopTransaction,
  change: {
    payoutId: PayoutId;
    now: Date;
    by: AccountId;
    accountVersion: number;
    proposedAt: Date;
    attempt: number;
  },
) => Promise<PayoutResult>;

/** By somebody who has just seen the payout. */
async function take(
  command: Command,
  payoutId: PayoutId,
  by = maker,
  now = new Date(),
): Promise<PayoutResult> {
  const seen = await world.worker.withoutShop((trx) => lockPayout(trx, payoutId));
  const { account_version: accountVersion, proposed_at: proposedAt, attempt = 0 } = seen ?? {};
  const approval = { accountVersion: accountVersion ?? 0, proposedAt: proposedAt ?? new Date(0) };
  const change = { payoutId, by, now, ...approval, attempt };
  return world.worker.withoutShop((trx) => command(trx, change));
}

const paid: Command = (trx, change) => endPayout(trx, { ...change, end: { state: "paid", uploadId: null } });
const failed: Command = (trx, change) =>
  endPayout(trx, { ...change, end: { state: "failed", failure: "account_unknown" } });

function said(result: PayoutResult): string {
  return result.outcome === "moved" ? result.payout.state : result.reason;
}

/** As far as money on its way. */
async function execute(payoutId: PayoutId): Promise<string[]> {
  return [
    said(await take(proposePayout, payoutId, maker)),
    said(await take(approvePayout, payoutId, approver)),
    said(await take(beginPayout, payoutId)),
  ];
}

describe("a tally", () => {
  test("pays out what is enough, once a period, and carries the rest on", async () => {
    const [small, great] = [await addEarner([9_999]), await addEarner([6_000, 5_000])];
    await tally();
    await tally();
    expect(await payoutsOf(small.parent)).toEqual([]);
    expect(await payoutsOf(great.parent)).toMatchObject([{ amount_minor: 11_000, state: "tallied" }]);
    await world.pay(small.payer, 10);
    await world.settle(15);
    await tally();
    expect(await payoutsOf(small.parent)).toMatchObject([{ amount_minor: 10_000 }]);
  });

  test("takes each line into one payout, also beside a tally that has not ended", async () => {
    const { parent } = await addEarner([20_000, 3_000]);
    const second = await world.worker.withoutShop(async (trx) => {
      await tallyPayouts(trx, tallyOf("2026-01"));
      const beside = tally("2026-02");
      await eventually("the second tally waits", async () => {
        const { rows } = await world.owner.query("select from pg_locks where not granted");
        return rows.length > 0;
      });
      return { beside };
    });
    await second.beside;
    expect(await payoutsOf(parent)).toMatchObject([{ amount_minor: 23_000 }]);
    expect((await world.lines({ beneficiary: parent })).map(({ state }) => state)).toEqual([
      "in_payout",
      "in_payout",
    ]);
  });

  test("makes none for whoever is suspended, and leaves what is payable as it is", async () => {
    const { parent } = await addEarner([20_000]);
    await world.owner.query("update referral_participants set state = 'suspended' where id = $1", [
      parent.participantId,
    ]);
    await tally();
    expect(await payoutsOf(parent)).toEqual([]);
    expect((await world.lines({ beneficiary: parent })).map(({ state }) => state)).toEqual(["payable"]);
  });

  test("makes none without an account, or for another currency than its own", async () => {
    const { parent } = await addEarner([20_000]);
    await world.owner.query("update payout_accounts set currency = 'THB' where participant_id = $1", [
      parent.participantId,
    ]);
    await tally();
    await world.owner.query("delete from payout_accounts where participant_id = $1", [parent.participantId]);
    await tally();
    expect(await payoutsOf(parent)).toEqual([]);
  });

  test("takes what was refunded after a payout off the next one, and comes to nothing", async () => {
    const { parent, payer, payments } = await addEarner([20_000]);
    const [paymentId = ""] = payments;
    await tally("2026-10");
    const first = await getPayout(parent);
    await execute(first);
    await take(paid, first);
    await world.refund(paymentId, 200_000);
    await tally("2026-11");
    expect(await payoutsOf(parent)).toHaveLength(1);
    await world.pay(payer, 350_000);
    await world.settle(15);
    await tally("2026-12");
    expect(await payoutsOf(parent)).toMatchObject([{ amount_minor: 20_000 }, { amount_minor: 15_000 }]);
    expect((await world.lines({ paymentId })).reduce((sum, line) => sum + line.amount_minor, 0)).toBe(0);
  });
});

describe("a payout", () => {
  test("is proposed by one person and approved by another", async () => {
    const { parent, payer } = await addEarner([20_000]);
    await tally();
    const id = await getPayout(parent);
    expect(said(await take(approvePayout, id, approver))).toBe("state");
    expect(said(await take(proposePayout, id, payer.accountId))).toBe("related");
    expect(said(await take(proposePayout, id, maker))).toBe("proposed");
    expect(said(await take(approvePayout, id, maker))).toBe("same_person");
    expect(said(await take(approvePayout, id, payer.accountId))).toBe("related");
    expect(said(await take(approvePayout, id, approver))).toBe("approved");
  });

  test.each(["proposed", "approved"])(
    "that is %s is held for a flag, and begins anew after it",
    async (state) => {
      const { parent } = await addEarner([20_000]);
      await tally();
      const id = await getPayout(parent);
      await take(proposePayout, id, maker);
      if (state === "approved") await take(approvePayout, id, approver);
      const flag = { participantId: parent.participantId, rule: "ring" as const, severity: "high" as const };
      await world.worker.withoutShop((trx) =>
        raiseFlags(trx, [{ ...flag, evidenceKey: "k", evidence: {} }], new Date()),
      );
      const next = state === "approved" ? beginPayout : approvePayout;
      expect(said(await take(next, id, approver))).toBe("held");
      expect(said(await take(gatePayout, id))).toBe("held");
      await world.owner.query(
        "update fraud_flags set state = 'dismissed', decided_at = now() where participant_id = $1",
        [parent.participantId],
      );
      expect(said(await take(gatePayout, id))).toBe("tallied");
      expect(await payoutsOf(parent)).toMatchObject([{ proposed_by: null, approved_by: null }]);
    },
  );

  test("goes to the account that was proposed, or to none before both have said it again", async () => {
    const { parent } = await addEarner([20_000]);
    await tally();
    const id = await getPayout(parent);
    await take(proposePayout, id, maker);
    await take(approvePayout, id, approver);
    const usableFrom = new Date(Date.now() + 3 * dayMs);
    await world.nameAccount(parent, { usableFrom });
    expect(said(await take(beginPayout, id))).toBe("held");
    expect(await payoutsOf(parent)).toMatchObject([{ obstacle: "account_changed" }]);
    expect(said(await take(gatePayout, id))).toBe("held");
    expect(await payoutsOf(parent)).toMatchObject([{ obstacle: "account_cooling" }]);
    expect(said(await take(gatePayout, id, maker, usableFrom))).toBe("tallied");
  });

  test("goes on when the same account is written otherwise", async () => {
    const { parent } = await addEarner([20_000]);
    const index = randomBytes(16);
    await world.nameAccount(parent, { accountIndex: index });
    await tally();
    const id = await getPayout(parent);
    await take(proposePayout, id, maker);
    await world.nameAccount(parent, { usableFrom: new Date(Date.now() + 3 * dayMs), accountIndex: index });
    expect(said(await take(approvePayout, id, approver))).toBe("approved");
  });

  test("is ended by word of the attempt that was carried out only, and by nobody who is related", async () => {
    const { parent, payer } = await addEarner([20_000]);
    await tally();
    const id = await getPayout(parent);
    await execute(id);
    expect(said(await take(paid, id, payer.accountId))).toBe("related");
    expect(said(await take(failed, id))).toBe("failed");
    await execute(id);
    const stale: Command = (trx, change) => failed(trx, { ...change, attempt: 1 });
    expect(said(await take(stale, id))).toBe("other_attempt");
    expect(said(await take(paid, id))).toBe("paid");
  });

  test("goes to the account as it was when the money was ordered, whatever is named afterwards", async () => {
    const { parent } = await addEarner([20_000]);
    await tally();
    const id = await getPayout(parent);
    await execute(id);
    await world.owner.query("update payout_accounts set details = 'another' where participant_id = $1", [
      parent.participantId,
    ]);
    const [payout] = await payoutsOf(parent);
    expect(payout?.account_details?.toString()).toBe("sealed");
  });

  test("is told of line by line: each state once, with who said it", async () => {
    const { parent } = await addEarner([20_000]);
    await tally();
    const id = await getPayout(parent);
    await execute(id);
    await take(failed, id);
    await execute(id);
    await take(paid, id);
    const { rows } = await world.owner.query<{ line: string }>(
      `select concat_ws(' ', state, attempt, code, case by_account when $2 then 'maker' when $3 then 'approver' end)
        as line from payout_events where payout_id = $1 order by version`,
      [id, maker, approver],
    );
    const attempt = (number: number) => [
      `proposed ${number - 1} maker`,
      `approved ${number - 1} approver`,
      `executing ${number}`,
    ];
    expect(rows.map(({ line }) => line)).toEqual([
      "tallied 0",
      ...attempt(1),
      "failed 1 account_unknown maker",
      ...attempt(2),
      "paid 2 maker",
    ]);
  });

  test("that failed is tried again by the same row; one that is on its way is not cancelled", async () => {
    const { parent } = await addEarner([20_000]);
    await tally();
    const id = await getPayout(parent);
    expect(await execute(id)).toEqual(["proposed", "approved", "executing"]);
    expect(said(await take(cancelPayout, id))).toBe("state");
    expect(said(await take(failed, id))).toBe("failed");
    expect(await execute(id)).toEqual(["proposed", "approved", "executing"]);
    expect(said(await take(paid, id))).toBe("paid");
    expect((await world.lines({ beneficiary: parent })).map(({ state }) => state)).toEqual(["paid"]);
  });

  test("that is cancelled gives its lines to the next one", async () => {
    const { parent } = await addEarner([20_000]);
    await tally("2026-10");
    expect(said(await take(cancelPayout, await getPayout(parent)))).toBe("cancelled");
    await tally("2026-11");
    expect(await payoutsOf(parent)).toMatchObject([
      { state: "cancelled" },
      { state: "tallied", amount_minor: 20_000 },
    ]);
  });

  test("begins once and ends once, whatever is told and however often at once", async () => {
    const command = fc.constantFrom<[string, Command]>(
      ["propose", proposePayout],
      ["approve", approvePayout],
      ["begin", beginPayout],
      ["paid", paid],
      ["failed", failed],
      ["cancel", cancelPayout],
      ["gate", gatePayout],
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(command, { minLength: 1, maxLength: 4 }), { maxLength: 8 }),
        async (waves) => {
          const { parent } = await addEarner([20_000]);
          await tally();
          const id = await getPayout(parent);
          let ended = 0;
          for (const wave of waves) {
            const results = await Promise.all(
              wave.map(([name, each]) => take(each, id, name === "approve" ? approver : maker)),
            );
            ended += results.filter(
              (result, index) => result.outcome === "moved" && wave[index]?.[0] === "paid",
            ).length;
          }
          const [payout] = await payoutsOf(parent);
          const states = new Set((await world.lines({ beneficiary: parent })).map(({ state }) => state));
          const expected = { paid: "paid", cancelled: "payable" }[String(payout?.state)] ?? "in_payout";
          expect({ ended, states: [...states] }).toEqual({
            ended: payout?.state === "paid" ? 1 : 0,
            states: [expected],
          });
        },
      ),
      { numRuns: runs(15) },
    );
  }, 60_000);
});
