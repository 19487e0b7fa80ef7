import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";

import { createRateLimits } from "../../api/auth/rate-limits.ts";
import { listFlags } from "../../db/fraud-flags.ts";
import { putReferralSignal } from "../../db/fraud-screening.ts";
import { putPayoutAccount } from "../../db/payout-accounts.ts";
import type { Sealed } from "../../domain/sealing.ts";
import { createReferralWorld } from "../db/referral-world.ts";
import type { Person, ReferralWorld } from "../db/referral-world.ts";
import { signIn, tokenOf } from "./factor-steps.ts";
import { createOwnerWorld } from "./owner-world.ts";
import type { OwnerWorld } from "./owner-world.ts";

let doors: OwnerWorld;
let referrals: ReferralWorld;
beforeAll(async () => {
  [doors, referrals] = await Promise.all([createOwnerWorld(createRateLimits()), createReferralWorld()]);
});
afterAll(() => Promise.all([doors.close(), referrals.close()]));

const now = new Date();

/** People whom the same address, device or payout account gives away. */
async function share(kind: "email" | "device" | "payout_account", people: Person[]): Promise<void> {
  const index = randomBytes(16);
  for (const { accountId, participantId } of people) {
    await referrals.api.withoutShop(async (trx) => {
      if (kind !== "payout_account") return putReferralSignal(trx, { accountId, kind, index, now });
      const details = Buffer.from("sealed") as Sealed;
      const account = { kind: "kbzpay", currency: "MMK", accountIndex: index, details, now } as const;
      await putPayoutAccount(trx, { ...account, participantId, usableFrom: now });
      return undefined;
    });
  }
}

async function addPair(): Promise<[Person, Person]> {
  const [parent, payer] = await referrals.addChain(2);
  if (!parent || !payer) throw new TypeError("a chain of two");
  return [parent, payer];
}

test("P:ONA-18 referral fraud is flagged and held before it is paid, and who guesses a password is slowed down", async () => {
  const [self, account] = [await addPair(), await addPair()];
  await share("email", self);
  await share("payout_account", account);
  const ring = await referrals.addChain(3);
  for (const [index, person] of ring.slice(1).entries())
    await share("device", [ring[index] ?? person, person]);
  for (const person of [...self, ...account, ...ring]) await referrals.pay(person);
  await referrals.settle(15);
  for (const beneficiary of [self[0], account[0], ...ring.slice(0, 2)]) {
    const states = (await referrals.lines({ beneficiary })).map(({ state }) => state);
    expect(new Set(states)).toEqual(new Set(["held"]));
  }
  const queue = await referrals.admin.withoutShop((trx) => listFlags(trx, { queue: "review", limit: 100 }));
  expect(new Set(queue.map(({ rule }) => rule))).toEqual(
    new Set(["self_referral", "same_payout_account", "same_device", "ring"]),
  );

  const person = await doors.addAccount();
  const token = await tokenOf(doors, person);
  const statuses: number[] = [];
  for (let guess = 0; guess < 20; guess += 1)
    statuses.push((await signIn(doors, { ...person, password: "x" })).status);
  expect(new Set(statuses)).toEqual(new Set([401, 429]));
  const { body } = await doors.ask("GET", "/v1/account-events", { token });
  expect(body.data.map(({ kind }: { kind: string }) => kind)).toContain("passwords.often_refused");
});
