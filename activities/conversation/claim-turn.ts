import type { ShopTransaction } from "../../db/connection.ts";
import { isSubjectActive, lockConversation, updateConversation } from "../../db/conversations.ts";
import type { ConversationRow } from "../../db/conversations.ts";
import { claimTurnIntake } from "../../db/intake-claims.ts";
import { listToHandle } from "../../db/messages.ts";
import type { MessageRow } from "../../db/messages.ts";
import { getShop } from "../../db/shops.ts";
import type { ShopRow } from "../../db/shops.ts";
import { beginNextAttempt, findUnfinishedTurn, insertTurn, storeTurn } from "../../db/turns.ts";
import type { TurnRow } from "../../db/turns.ts";
import type { TurnDecision } from "../../db/schema/conversations.ts";
import { newId } from "../../domain/id.ts";
import type { TurnId } from "../../domain/id.ts";
import type { TurnRef } from "../../workflows/conversation.contract.ts";
import type { ActivityDeps } from "../deps.ts";
import { agentShare } from "./agent-share.ts";
import type { AgentShare } from "./agent-share.ts";

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

/** Takes the burst under the conversation's lock. Safe to run twice: an unfinished turn is taken over. */
export async function claimTurn(deps: ActivityDeps, ref: TurnRef): Promise<Claim> {
  const now = deps.clock.now();
  return deps.db.withShop(ref.shopId, async (trx) => {
    const conversation = await lockConversation(trx, ref);
    await claimTurnIntake(trx, { ...ref, now });
    await updateConversation(trx, { ...ref, bellPending: false });
    const unfinished = await findUnfinishedTurn(trx, ref);
    if (unfinished?.state === "stored" && unfinished.decision) {
      return { kind: "undecided", turnId: unfinished.id, decision: unfinished.decision };
    }
    if (!(await isSubjectActive(trx, ref))) {
      if (unfinished) await endInSilence(trx, unfinished, now);
      return { kind: "nothing" };
    }
    const shop = await getShop(trx, ref);
    const share = agentShare(conversation, { shop, now });
    const batch = await listToHandle(trx, { ...ref, ...share, limit: batchLimit });
    if (batch.length === 0 && !unfinished) return { kind: "nothing" };
    return begin(trx, { ref, conversation, unfinished, batch, shop, now, ...share });
  });
}

type Beginning = {
  ref: TurnRef;
  conversation: ConversationRow;
  unfinished: TurnRow | undefined;
  now: Date;
} & Pick<ClaimedTurn, "batch" | "shop" | keyof AgentShare>;

async function begin(
  trx: ShopTransaction,
  { ref, conversation, unfinished, batch, now, ...rest }: Beginning,
): Promise<ClaimedTurn> {
  const oldestAt = batch[0]?.received_at ?? now;
  const turn = unfinished ?? (await openTurn(trx, { ref, conversation, oldestAt, now }));
  const attempt = unfinished
    ? await beginNextAttempt(trx, { shopId: ref.shopId, id: unfinished.id })
    : turn.attempt;
  return { kind: "turn", id: turn.id, attempt, oldestAt, batch, conversation, ...rest };
}

/** Nobody can finish it, and what waits for it (the sweeper, the expiry of an order) must not wait for ever. */
async function endInSilence(trx: ShopTransaction, turn: TurnRow, now: Date): Promise<void> {
  await storeTurn(trx, {
    shopId: turn.shop_id,
    id: turn.id,
    attempt: turn.attempt,
    record: { outcome: "silent", decision: null, model: null, shown: null, errorCode: null },
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
  await updateConversation(trx, { ...ref, turnSeq: seq });
  return insertTurn(trx, { ...ref, id: newId(), seq, oldestAt, now });
}
