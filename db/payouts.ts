import type { Selectable, Updateable } from "kysely";

import type { AccountId, PayoutId, UploadId } from "../domain/id.ts";
import { findObstacle, isSuspendedForGood, nextPayoutStates } from "../domain/payout/states.ts";
import type { PayoutFailure, PayoutObstacle, PayoutState } from "../domain/payout/states.ts";
import { holdReturned } from "./commission-states.ts";
import { cancelCommissions } from "./commissions.ts";
import type { ShopTransaction } from "./connection.ts";
import { findUpheldFlag, lockParticipants } from "./fraud-flags.ts";
import { insertPayoutEvents } from "./payout-events.ts";
import { readStanding } from "./payout-standing.ts";
import type { PayoutFooting } from "./payout-standing.ts";
import { isOnLineOf } from "./referrals.ts";
import type { PayoutsTable } from "./schema/referral.ts";

export type PayoutRow = Selectable<PayoutsTable>;

type Refusal =
  | "unknown_payout"
  | "state"
  | "same_person"
  | "related"
  | "account_changed"
  | "other_proposal"
  | "other_attempt";

export type PayoutResult =
  | { outcome: "moved"; payout: PayoutRow }
  | { outcome: "refused"; reason: Refusal; payout?: PayoutRow };

type Change = { payoutId: PayoutId; now: Date };
type Decision = Change & { by: AccountId };

/** What was said about another account, or before something stood in the way, counts no more. */
const noDecision = {
  account_version: null,
  proposed_by: null,
  proposed_at: null,
  approved_by: null,
  approved_at: null,
};

/**
 * Looks again at what stands in the way: holds the payout, lets a held one go on, or cancels it when it is held for good.
 * Safe to run twice.
 */
export async function gatePayout(trx: ShopTransaction, change: Change): Promise<PayoutResult> {
  const { now } = change;
  const result = await decide(trx, change, ["tallied", "held"], (payout) =>
    payout.state === "held" ? move(trx, payout, { state: "tallied", obstacle: null }, { now }) : payout,
  );
  if (result.outcome === "refused") return result;
  return moved(await changePayout(trx, result.payout, { gated_at: now }));
}

/** The maker's word: this amount, to the account as it is now. */
export async function proposePayout(trx: ShopTransaction, decision: Decision): Promise<PayoutResult> {
  const { by, now } = decision;
  return decide(trx, decision, ["tallied", "failed"], (payout, { account }) => {
    const proposed = { proposed_by: by, proposed_at: now, account_version: account?.version ?? null };
    const anew = {
      ...noDecision,
      ...proposed,
      failure_code: null,
      account_kind: null,
      account_details: null,
    };
    return move(trx, payout, { state: "proposed", ...anew }, { by, now });
  });
}

/**
 * Another person's word, about the account that was proposed, without which nothing is paid. It is of that proposal: what
 * was held or failed meanwhile, and is proposed anew, is to be approved anew.
 */
export async function approvePayout(
  trx: ShopTransaction,
  decision: Decision & { accountVersion: number; proposedAt: Date },
): Promise<PayoutResult> {
  const { by, now } = decision;
  return decide(trx, decision, ["proposed"], (payout) => {
    if (payout.proposed_by === by) return "same_person";
    if (payout.account_version !== decision.accountVersion) return "account_changed";
    if (payout.proposed_at?.getTime() !== decision.proposedAt.getTime()) return "other_proposal";
    return move(trx, payout, { state: "approved", approved_by: by, approved_at: now }, { by, now });
  });
}

/** From here on money may be on its way: what became of it is looked up by the payout's id, which is the provider's key. */
export async function beginPayout(trx: ShopTransaction, change: Change): Promise<PayoutResult> {
  const { now } = change;
  return decide(trx, change, ["approved"], (payout, { account }) => {
    const paidTo = { account_kind: account?.kind ?? null, account_details: account?.details ?? null };
    const begun = { executing_since: now, attempt: payout.attempt + 1, ...paidTo };
    return move(trx, payout, { state: "executing", ...begun }, { now });
  });
}

/** Of an attempt to pay, for certain. */
export type PayoutEnd =
  | { state: "paid"; uploadId: UploadId | null }
  | { state: "failed"; failure: PayoutFailure };

/** What became of the attempt: told by the provider, or by the person who sent the money. Safe to run twice. */
export async function endPayout(
  trx: ShopTransaction,
  { payoutId, by, now, attempt, end }: Change & { by?: AccountId; attempt: number; end: PayoutEnd },
): Promise<PayoutResult> {
  const payout = await lockPayout(trx, payoutId);
  if (payout === undefined) return { outcome: "refused", reason: "unknown_payout" };
  if (payout.state !== "executing") return { outcome: "refused", reason: "state", payout };
  if (payout.attempt !== attempt) return { outcome: "refused", reason: "other_attempt", payout };
  if (await isBarred(trx, payout, by)) return { outcome: "refused", reason: "related", payout };
  const said = { by, now };
  if (end.state === "failed") {
    const failed = { failure_code: end.failure, notice_due: "payout_failed" as const };
    return moved(await move(trx, payout, { state: "failed", ...failed }, { ...said, code: end.failure }));
  }
  await trx
    .updateTable("commissions")
    .set({ state: "paid" })
    .where("payout_id", "=", payoutId)
    .where("state", "=", "in_payout")
    .execute();
  const paid = { upload_id: end.uploadId, ended_at: now, notice_due: "payout_paid" as const };
  return moved(await move(trx, payout, { state: "paid", ...paid }, said));
}

/** Its lines go into the next payout, unless a flag stands against it. Not once money may be on its way. */
export async function cancelPayout(
  trx: ShopTransaction,
  { payoutId, by, now }: Decision,
): Promise<PayoutResult> {
  const payout = await lockPayout(trx, payoutId);
  if (payout === undefined) return { outcome: "refused", reason: "unknown_payout" };
  if (payout.state === "cancelled" || !may(payout.state, "cancelled")) {
    return { outcome: "refused", reason: "state", payout };
  }
  if (await isBarred(trx, payout, by)) return { outcome: "refused", reason: "related", payout };
  return moved(await giveUp(trx, payout, { by, now }));
}

/** A flag that was upheld, or raised, meanwhile cancels or holds the lines, as it did with those in no payout. */
async function giveUp(trx: ShopTransaction, payout: PayoutRow, said: Said): Promise<PayoutRow> {
  const { participant_id: participantId } = payout;
  await trx
    .updateTable("commissions")
    .set({ state: "payable", payout_id: null })
    .where("payout_id", "=", payout.id)
    .where("state", "=", "in_payout")
    .execute();
  const flagId = await findUpheldFlag(trx, participantId);
  if (flagId !== undefined) await cancelCommissions(trx, { participantId, flagId, now: said.now });
  await holdReturned(trx, participantId);
  return move(trx, payout, { state: "cancelled", obstacle: null, ended_at: said.now }, said);
}

/** Takes the step if nothing stands in the way, and holds the payout otherwise: then it is proposed and approved anew. */
async function decide(
  trx: ShopTransaction,
  change: Change & { by?: AccountId },
  from: readonly PayoutState[],
  step: (
    payout: PayoutRow,
    standing: PayoutFooting,
  ) => Promise<PayoutRow> | PayoutRow | "same_person" | "account_changed" | "other_proposal",
): Promise<PayoutResult> {
  const payout = await lockPayout(trx, change.payoutId);
  if (payout === undefined) return { outcome: "refused", reason: "unknown_payout" };
  if (!from.includes(payout.state)) return { outcome: "refused", reason: "state", payout };
  const { by, now } = change;
  if (await isBarred(trx, payout, by)) return { outcome: "refused", reason: "related", payout };
  const standing = await readStanding(trx, payout);
  const obstacle = findObstacle(standing, now);
  if (obstacle !== null) {
    if (isSuspendedForGood(standing)) return moved(await giveUp(trx, payout, { by, now, code: obstacle }));
    if (payout.obstacle === obstacle) return moved(payout);
    const held = { state: "held" as const, obstacle, ...noDecision };
    return moved(await move(trx, payout, held, { by, now, code: obstacle }));
  }
  const result = await step(payout, standing);
  return typeof result === "string" ? { outcome: "refused", reason: result, payout } : moved(result);
}

/** Whoever stands on the participant's line of the tree says nothing about their money. */
async function isBarred(trx: ShopTransaction, payout: PayoutRow, by?: AccountId): Promise<boolean> {
  return by !== undefined && isOnLineOf(trx, payout.participant_id, by);
}

function moved(payout: PayoutRow): PayoutResult {
  return { outcome: "moved", payout };
}

function may(from: PayoutState, to: PayoutState): boolean {
  const allowed: readonly PayoutState[] = nextPayoutStates[from];
  return from === to || allowed.includes(to);
}

export function findPayout(trx: ShopTransaction, payoutId: PayoutId): Promise<PayoutRow | undefined> {
  return trx.selectFrom("payouts").selectAll().where("id", "=", payoutId).executeTakeFirst();
}

/** The participant first, as whoever raises a flag does. */
export async function lockPayout(trx: ShopTransaction, payoutId: PayoutId): Promise<PayoutRow | undefined> {
  const named = await findPayout(trx, payoutId);
  if (named === undefined) return undefined;
  await lockParticipants(trx, [named.participant_id]);
  return trx.selectFrom("payouts").selectAll().where("id", "=", payoutId).forUpdate().executeTakeFirst();
}

type Said = {
  by?: AccountId | undefined;
  now: Date;
  code?: PayoutObstacle | PayoutFailure;
};
type Marks = Omit<Updateable<PayoutsTable>, "id" | "version" | "state">;

/** To another state, or to another obstacle: whoever is waited for from now on is waited for from now on. */
async function move(
  trx: ShopTransaction,
  payout: PayoutRow,
  to: Marks & { state: PayoutState },
  { by, now, code }: Said,
): Promise<PayoutRow> {
  if (!may(payout.state, to.state)) {
    throw new TypeError(`a payout does not go from ${payout.state} to ${to.state}`);
  }
  const wait = { waiting_since: now, reminded_at: null, escalated_at: null };
  const row = await changePayout(trx, payout, { ...wait, ...to });
  const { version, state, attempt } = row;
  const event = { payout_id: row.id, version, state, attempt, at: now };
  await insertPayoutEvents(trx, [{ ...event, code: code ?? null, by_account: by ?? null }]);
  return row;
}

/** Under `lockPayout`. */
export function changePayout(
  trx: ShopTransaction,
  { id, state }: Pick<PayoutRow, "id" | "state">,
  set: Marks & { state?: PayoutState },
): Promise<PayoutRow> {
  return trx
    .updateTable("payouts")
    .set((eb) => ({ ...set, version: eb("version", "+", 1) }))
    .where("id", "=", id)
    .where("state", "=", state)
    .returningAll()
    .executeTakeFirstOrThrow();
}
