import type { KyselyPlugin } from "kysely";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { appealFlag, dismissFlag, raiseFlags, upholdFlag } from "../../db/fraud-flags.ts";
import { tallyPayouts } from "../../db/payout-tally.ts";
import { approvePayout, beginPayout, cancelPayout, gatePayout, proposePayout } from "../../db/payouts.ts";
import type { PayoutResult } from "../../db/payouts.ts";
import { closeParticipation } from "../../db/referrals.ts";
import type { ShopTransaction } from "../../db/connection.ts";
import type { AccountId, FraudFlagId, PayoutId } from "../../domain/id.ts";
import { newId } from "../../domain/id.ts";
import { defaultPayoutTimings } from "../../domain/payout/timings.ts";
import type { Sealed } from "../../domain/sealing.ts";
import { createReferralWorld } from "./referral-world.ts";
import type { Person, ReferralWorld } from "./referral-world.ts";

let world: ReferralWorld;
let maker: AccountId;
let approver: AccountId;
beforeAll(async () => {
  world = await createReferralWorld();
  [maker, approver] = [await world.addAccount(), await world.addAccount()];
});
afterAll(() => world.close());

/** Somebody who may be paid 20,000, and who brought them there. */
async function addEarner(): Promise<{ parent: Person; payer: Person }> {
  const [parent, payer] = await world.addChain(2);
  if (!parent || !payer) throw new TypeError("a chain of two");
  await world.nameAccount(parent, { details: "approved" });
  await world.pay(payer, 200_000);
  await world.settle(15);
  return { parent, payer };
}

async function tally(period: string): Promise<void> {
  const tally = { period, minimumMinor: { MMK: 10_000 }, timings: defaultPayoutTimings, limit: 100 };
  await world.worker.withoutShop((trx) => tallyPayouts(trx, { ...tally, now: new Date() }));
}

const payoutsOf = (person: Person) => world.payoutsOf(person);
const getPayout = (person: Person) => world.newestPayoutOf(person);

async function statesOf(person: Person): Promise<string[]> {
  return (await payoutsOf(person)).map(({ state }) => state);
}

function take(command: (trx: ShopTransaction) => Promise<PayoutResult>): Promise<PayoutResult> {
  return world.worker.withoutShop(command);
}

function gate(payoutId: PayoutId, now = new Date()): Promise<PayoutResult> {
  return take((trx) => gatePayout(trx, { payoutId, now }));
}

async function addFlag({ participantId }: Person): Promise<FraudFlagId> {
  const evidenceKey = newId<string>();
  const flag = { participantId, rule: "ring" as const, severity: "high" as const, evidenceKey, evidence: {} };
  await world.worker.withoutShop((trx) => raiseFlags(trx, [flag], new Date()));
  const { rows } = await world.owner.query<{ id: FraudFlagId }>(
    "select id from fraud_flags where evidence_key = $1",
    [evidenceKey],
  );
  const [row] = rows;
  if (row === undefined) throw new TypeError("no flag was raised");
  return row.id;
}

async function judge(decision: typeof upholdFlag, flagId: FraudFlagId): Promise<void> {
  const reason = decision === upholdFlag ? "same_person" : "false_match";
  const decided = { flagId, by: await world.addAccount(), reason, now: new Date() } as const;
  const { outcome } = await world.admin.withoutShop((trx) => decision(trx, decided));
  expect(outcome).toBe("decided");
}

async function suspendAccount({ accountId }: Person, isSuspended: boolean): Promise<void> {
  const since = isSuspended ? "now()" : "null";
  await world.owner.query(`update accounts set suspended_at = ${since} where id = $1`, [accountId]);
}

/** After the statement of that number the owner of the payout names another account. */
function meddling(person: Person, at: number): KyselyPlugin {
  let statements = 0;
  return {
    transformQuery: ({ node }) => node,
    transformResult: async ({ result }) => {
      statements += 1;
      if (statements === at) await world.nameAccount(person, { details: "another" });
      return result;
    },
  };
}

test("the money goes to the account that was approved, in whatever moment another one is named", async () => {
  const ends = new Set<string>();
  for (const at of [1, 2, 3, 4, 5, 6]) {
    const { parent } = await addEarner();
    await tally("2026-11");
    const payoutId = await getPayout(parent);
    const now = new Date();
    await take((trx) => proposePayout(trx, { payoutId, by: maker, now }));
    await take((trx) =>
      approvePayout(trx, { payoutId, by: approver, accountVersion: 1, proposedAt: now, now }),
    );
    await take((trx) => beginPayout(trx.withPlugin(meddling(parent, at)), { payoutId, now }));
    const [payout] = await payoutsOf(parent);
    ends.add(`${payout?.state} ${payout?.account_details?.toString() ?? "no account"}`);
  }
  expect(ends).toEqual(new Set(["held no account", "executing approved"]));
});

describe("a suspended account", () => {
  test("is paid nothing that was tallied before, until its suspension is lifted", async () => {
    const { parent } = await addEarner();
    await tally("2026-11");
    const payoutId = await getPayout(parent);
    await suspendAccount(parent, true);
    await gate(payoutId);
    expect(await payoutsOf(parent)).toMatchObject([{ state: "held", obstacle: "suspended" }]);
    await suspendAccount(parent, false);
    await gate(payoutId);
    expect(await payoutsOf(parent)).toMatchObject([{ state: "tallied", obstacle: null }]);
  });

  test("is not tallied, and keeps what is payable", async () => {
    const { parent } = await addEarner();
    await suspendAccount(parent, true);
    await tally("2026-11");
    expect(await statesOf(parent)).toEqual([]);
    await suspendAccount(parent, false);
    await tally("2026-11");
    expect(await statesOf(parent)).toEqual(["tallied"]);
  });
});

describe("a payout that is held by an upheld flag", () => {
  async function addHeld(): Promise<{ parent: Person; flagId: FraudFlagId; payoutId: PayoutId }> {
    const { parent } = await addEarner();
    await tally("2026-10");
    const flagId = await addFlag(parent);
    await judge(upholdFlag, flagId);
    const payoutId = await getPayout(parent);
    await gate(payoutId);
    expect(await statesOf(parent)).toEqual(["held"]);
    return { parent, flagId, payoutId };
  }

  async function answerAppeal(
    { participantId }: Person,
    flagId: FraudFlagId,
    answer: typeof upholdFlag,
  ): Promise<void> {
    const appeal = Buffer.from("sealed") as Sealed;
    const appealed = { flagId, participantId, appeal, appealId: newId<string>(), now: new Date() };
    await world.api.withoutShop((trx) => appealFlag(trx, appealed));
    await judge(answer, flagId);
  }

  async function linesOf(parent: Person): Promise<(string | number)[][]> {
    const lines = await world.lines({ beneficiary: parent });
    return lines.map(({ kind, state, amount_minor: amount }) => [kind, state, amount]);
  }

  const takenBack = [
    ["earning", "payable", 20_000],
    ["reversal", "payable", -20_000],
  ];

  test("goes on when the appeal is granted", async () => {
    const { parent, flagId, payoutId } = await addHeld();
    await answerAppeal(parent, flagId, dismissFlag);
    await gate(payoutId);
    expect(await payoutsOf(parent)).toMatchObject([{ state: "tallied", amount_minor: 20_000 }]);
  });

  test("is cancelled when the appeal is refused, since there is no other, and its lines are taken back", async () => {
    const { parent, flagId, payoutId } = await addHeld();
    await answerAppeal(parent, flagId, upholdFlag);
    await gate(payoutId);
    expect(await statesOf(parent)).toEqual(["cancelled"]);
    expect(await linesOf(parent)).toEqual(takenBack);
  });

  test("and is cancelled by an admin, has its lines taken back as well", async () => {
    const { parent, payoutId } = await addHeld();
    await take((trx) => cancelPayout(trx, { payoutId, by: maker, now: new Date() }));
    expect(await linesOf(parent)).toEqual(takenBack);
  });

  test("is cancelled when its participant takes part no more, and what it held is paid to nobody", async () => {
    const { parent, payoutId } = await addHeld();
    await world.worker.withoutShop((trx) => closeParticipation(trx, parent.accountId));
    await gate(payoutId);
    await tally("2026-11");
    expect(await statesOf(parent)).toEqual(["cancelled"]);
    expect(await linesOf(parent)).toEqual(takenBack);
  });

  test("and was cancelled, is paid after all when the flag is dismissed later", async () => {
    const { parent, flagId, payoutId } = await addHeld();
    await world.worker.withoutShop((trx) => closeParticipation(trx, parent.accountId));
    await gate(payoutId);
    await answerAppeal(parent, flagId, dismissFlag);
    await tally("2026-11");
    expect(await payoutsOf(parent)).toMatchObject([
      { state: "cancelled" },
      { state: "tallied", amount_minor: 20_000 },
    ]);
  });
});

test("whoever closes with an upheld flag has nothing become payable afterwards", async () => {
  const { parent, payer } = await addEarner();
  const flagId = await addFlag(parent);
  await judge(upholdFlag, flagId);
  await world.owner.query("update referral_participants set state = 'active' where id = $1", [
    parent.participantId,
  ]);
  await world.pay(payer, 300_000); // its transaction began before the flag was upheld
  await world.worker.withoutShop((trx) => closeParticipation(trx, parent.accountId));
  await world.settle(15);
  const late = (await world.lines({ beneficiary: parent })).filter(
    ({ amount_minor }) => amount_minor === 30_000,
  );
  expect(late).toMatchObject([{ state: "held" }]);
});

test("whoever stands on the line of somebody whose account is gone is related all the same", async () => {
  const { parent, payer } = await addEarner();
  await tally("2026-11");
  const payoutId = await getPayout(parent);
  await world.owner.query("update referral_participants set account_id = null where id = $1", [
    parent.participantId,
  ]);
  const result = await take((trx) => proposePayout(trx, { payoutId, by: payer.accountId, now: new Date() }));
  expect(result).toMatchObject({ outcome: "refused", reason: "related" });
});
