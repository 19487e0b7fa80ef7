import { setTimeout as wait } from "node:timers/promises";

import type { PlatformRole } from "../../domain/platform-role.ts";
import { decide, isOutage } from "./ask-again.ts";
import { readBook } from "./bank.ts";
import { meetAdmin, proof } from "./plans.ts";
import type { PlatformAdmin } from "./plans.ts";
import type { ShopKeeper } from "./owners.ts";
import type { Random } from "./random.ts";
import type { Town } from "./town.ts";

/** Money that somebody of the platform sent by hand, of which the product knows by their word alone. */
export type HandTransfer = { payoutId: string; attempt: number; amountMinor: number };

/** Somebody who proposes payouts and sends their money, or who approves them. */
export type Treasurer = PlatformAdmin & { town: Town; role: PlatformRole; sent: HandTransfer[] };

type PayoutSeen = {
  id: string;
  state: string;
  attempt: number;
  amount: { amountMinor: number };
  accountVersion: number | null;
  proposedAt: string | null;
};

/** Another account each, so that nobody is taken for another. */
export async function openPayoutAccounts(keepers: readonly ShopKeeper[]): Promise<void> {
  for (const [index, { owner }] of keepers.entries()) {
    const account = { kind: "kbzpay", accountName: "Daw Aye Aye", accountNumber: `0977712300${index}` };
    const answer = await owner.fetch("PUT", "/v1/payout-account", { body: account });
    if (!answer.ok) throw new Error(`an owner names a payout account: ${answer.status}`);
  }
}

export async function meetTreasurers(town: Town, random: Random): Promise<Treasurer[]> {
  const meet = async (role: PlatformRole): Promise<Treasurer> => ({
    ...(await meetAdmin(town, random.fork(role), role)),
    town,
    role,
    sent: [],
  });
  return [await meet("payout_admin"), await meet("payout_approver")];
}

/** Looks at what waits and says what their role may say, again and again. */
export async function keepPayouts(treasurer: Treasurer, isOver: () => boolean): Promise<void> {
  while (!isOver()) {
    try {
      await lookOnce(treasurer, isOver);
    } catch (error) {
      if (!isOutage(error)) throw error;
    }
    await wait(treasurer.random.int(600, 2_000));
  }
}

async function lookOnce(treasurer: Treasurer, isOver: () => boolean): Promise<void> {
  if (treasurer.role === "payout_approver") {
    for (const { id, accountVersion, proposedAt } of await list(treasurer, "proposed"))
      if (treasurer.random.chance(0.7))
        await say(treasurer, { id, verb: "approve", body: { accountVersion, proposedAt }, isOver });
    return;
  }
  for (const state of ["tallied", "failed"]) {
    for (const { id } of await list(treasurer, state)) {
      const verb = treasurer.random.weighted([
        [6, "propose"],
        [1, "cancel"],
        [2, undefined],
      ]);
      if (verb !== undefined) await say(treasurer, { id, verb, isOver });
    }
  }
  for (const payout of await list(treasurer, "executing")) await sendByHand(treasurer, payout, isOver);
}

async function list({ owner }: Treasurer, state: string): Promise<PayoutSeen[]> {
  return (await owner.get<{ data: PayoutSeen[] }>(`/v1/admin/payouts?state=${state}`)).data;
}

type Saying = { id: string; verb: string; body?: object; isOver: () => boolean };

async function say(treasurer: Treasurer, { id, verb, body = {}, isOver }: Saying): Promise<void> {
  const status = await decide(treasurer, { path: `/v1/admin/payouts/${id}/${verb}`, body, isOver });
  if (status === 403) treasurer.owner = treasurer.signIn(); // the proof of who they are is ten minutes old
}

/** Only what the bank leaves to people, and once for each attempt, whatever becomes of the record. */
async function sendByHand(treasurer: Treasurer, payout: PayoutSeen, isOver: () => boolean): Promise<void> {
  const { town, random, owner, sent } = treasurer;
  const { id, attempt, amount } = payout;
  const entry = (await readBook(town.bankFolder)).find((one) => one.key === id && one.attempt === attempt);
  if (entry?.outcome !== "awaited" || isOver()) return;
  const isSent = sent.some((one) => one.payoutId === id && one.attempt === attempt);
  if (!isSent && random.chance(0.2))
    return say(treasurer, { id, verb: "record-failed", body: { attempt, reason: "not_sent" }, isOver });
  if (!isSent) sent.push({ payoutId: id, attempt, amountMinor: amount.amountMinor });
  const place = await owner.postOnce(`/v1/admin/payouts/${id}/uploads`);
  if (!place.ok) return; // refused, or not now: the next look begins anew
  const { id: evidenceId, url } = (await place.json()) as { id: string; url: string };
  const put = await fetch(town.apiUrl + url, {
    method: "PUT",
    headers: { ...(await owner.headers()), "content-type": "image/png" },
    body: new Uint8Array(await proof()),
  });
  if (put.ok) await say(treasurer, { id, verb: "record-paid", body: { attempt, evidenceId }, isOver });
  return undefined;
}
