import { setTimeout as wait } from "node:timers/promises";

import type { ShopTransaction } from "../../db/connection.ts";
import { forgetHumanMode, isFenced, lockConversation, updateConversation } from "../../db/conversations.ts";
import type { ConversationRow, ConversationOfSubject } from "../../db/conversations.ts";
import { claimTurnIntake, peekWaiting } from "../../db/intake-claims.ts";
import { listToHandle } from "../../db/messages.ts";
import type { MessageRow } from "../../db/messages.ts";
import type { ShopRow } from "../../db/shops.ts";
import { beginNextAttempt, findUnfinishedTurn, insertTurn, storeTurn } from "../../db/turns.ts";
import type { TurnRow } from "../../db/turns.ts";
import type { TurnDecision } from "../../db/schema/conversations.ts";
import { newId } from "../../domain/id.ts";
import type { TurnId } from "../../domain/id.ts";
import type { TurnRef } from "../../workflows/conversation.contract.ts";
import type { ActivityDeps } from "../deps.ts";
import { readAgentShare } from "./agent-share.ts";
import type { AgentShare } from "./agent-share.ts";
import { napMs } from "./burst.ts";
import { copyStandby } from "./copy-standby.ts";

/** A turn that is begun: this attempt's number fences every earlier one. */
export type ClaimedTurn = {
  kind: "turn";
  id: TurnId;
  attempt: number;
  /** When the oldest unanswered message came in: the 15 s and 30 s rules count from here. */
  oldestAt: Date;
  /** What somebody else answered already is here for its pictures and taps only. */
  batch: MessageRow[];
  shop: ShopRow;
  conversation: ConversationRow;
} & AgentShare;

export type Claim =
  | ClaimedTurn
  | { kind: "nothing" }
  /** An earlier turn decided something that was not carried out. */
  | { kind: "undecided"; turnId: TurnId; decision: TurnDecision };

/** What one turn takes; the rest gets the next one. */
export const batchLimit = 50;

/** `standby`: copies of another app's thread wait, and come first. */
type Look = Claim | { kind: "wait"; ms: number } | { kind: "standby" };

/**
 * Waits until the burst is over, and takes it under the conversation's lock in the transaction that has seen so. Safe to
 * run twice: an unfinished turn is taken over.
 */
export async function claimTurn(deps: ActivityDeps, ref: TurnRef): Promise<Claim> {
  let isCopied = false;
  for (;;) {
    const now = deps.clock.now();
    const look = await deps.db.withShop(ref.shopId, async (trx): Promise<Look> => {
      const waiting = await peekWaiting(trx, ref);
      const ms = napMs(waiting, ref.timings, now);
      if (ms > 0) return { kind: "wait", ms };
      return waiting.hasStandby && !isCopied ? { kind: "standby" } : claim(trx, ref, now);
    });
    if (look.kind === "wait") await wait(look.ms);
    else if (look.kind === "standby") {
      await copyStandby(deps, ref);
      isCopied = true;
    } else return look;
  }
}

async function claim(trx: ShopTransaction, ref: TurnRef, now: Date): Promise<Claim> {
  const conversation = await lockConversation(trx, ref);
  if (conversation.human_until !== null && conversation.human_until <= now)
    await forgetHumanMode(trx, { ...ref, now });
  await claimTurnIntake(trx, { ...ref, now });
  const found = await find(trx, { ref, conversation, now });
  if (found.kind === "found") return begin(trx, found);
  await updateConversation(trx, { ...ref, bellPending: false });
  return found;
}

/** What there is to do of what has come, this burst or an earlier one. */
async function find(
  trx: ShopTransaction,
  { ref, conversation, now }: { ref: TurnRef; conversation: ConversationOfSubject; now: Date },
): Promise<Exclude<Claim, ClaimedTurn> | ({ kind: "found" } & Beginning)> {
  const unfinished = await findUnfinishedTurn(trx, ref);
  if (unfinished?.state === "stored" && unfinished.decision) {
    return { kind: "undecided", turnId: unfinished.id, decision: unfinished.decision };
  }
  if (isFenced(conversation)) {
    if (unfinished) await endInSilence(trx, unfinished, now);
    return { kind: "nothing" };
  }
  const { shop, share } = await readAgentShare(trx, ref, { conversation, now });
  const batch = await listToHandle(trx, { ...ref, ...share, limit: batchLimit });
  if (batch.length === 0 && !unfinished) return { kind: "nothing" };
  return { kind: "found", ref, conversation, unfinished, batch, shop, now, share };
}

type Beginning = {
  ref: TurnRef;
  conversation: ConversationRow;
  unfinished: TurnRow | undefined;
  now: Date;
  share: AgentShare;
} & Pick<ClaimedTurn, "batch" | "shop">;

async function begin(
  trx: ShopTransaction,
  { ref, conversation, unfinished, batch, shop, now, share }: Beginning,
): Promise<ClaimedTurn> {
  const oldestAt = batch[0]?.received_at ?? now;
  const { id, attempt } = unfinished
    ? await takeOver(trx, ref, unfinished)
    : await openTurn(trx, { ref, conversation, oldestAt, now });
  return { kind: "turn", id, attempt, oldestAt, batch, conversation, shop, ...share };
}

async function takeOver(
  trx: ShopTransaction,
  ref: TurnRef,
  { id }: TurnRow,
): Promise<Pick<TurnRow, "id" | "attempt">> {
  await updateConversation(trx, { ...ref, bellPending: false });
  return { id, attempt: await beginNextAttempt(trx, { shopId: ref.shopId, id }) };
}

/** Nobody can finish it, and what waits for it (the sweeper, the expiry of an order) must not wait for ever. */
async function endInSilence(trx: ShopTransaction, turn: TurnRow, now: Date): Promise<void> {
  await storeTurn(trx, {
    shopId: turn.shop_id,
    id: turn.id,
    attempt: turn.attempt,
    record: {
      outcome: "silent",
      decision: null,
      model: null,
      shown: null,
      errorCode: null,
      agentName: null,
    },
    now,
  });
}

async function openTurn(
  trx: ShopTransaction,
  {
    ref,
    conversation,
    oldestAt,
    now,
  }: { ref: TurnRef; conversation: ConversationRow; oldestAt: Date; now: Date },
): Promise<TurnRow> {
  const seq = conversation.turn_seq + 1;
  await updateConversation(trx, { ...ref, bellPending: false, turnSeq: seq });
  return insertTurn(trx, { ...ref, id: newId(), seq, oldestAt, now });
}
