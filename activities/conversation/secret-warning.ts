import type { ShopTransaction } from "../../db/connection.ts";
import { updateConversation } from "../../db/conversations.ts";
import type { ConversationRow } from "../../db/conversations.ts";
import { enqueueMessage } from "../../db/outbox.ts";
import type { TurnId } from "../../domain/id.ts";
import type { SealedPart } from "../outbox/seal-message.ts";
import type { OpenedMessage } from "./opened-message.ts";

/** Whoever goes on sending secrets is told again after this; more often would be noise. */
const warnAgainAfterMs = 24 * 60 * 60_000;

export type SecretWarning = {
  turnId: TurnId;
  /** Locked, so that two turns cannot both find it unwarned. */
  conversation: ConversationRow;
  batch: readonly OpenedMessage[];
  parts: SealedPart[];
  now: Date;
};

/**
 * Tells the customer once, and at most once a day, that something in a message was hidden and not stored; whoever has
 * the conversation, a person too. Safe to run twice: the message that was masked is told of once.
 */
export async function warnOfSecrets(
  trx: ShopTransaction,
  { turnId, conversation, batch, parts, now }: SecretWarning,
): Promise<void> {
  const masked = batch.findLast(({ body }) => (body.masked ?? []).length > 0);
  if (!masked || wasWarned(conversation, now)) return;
  const ref = { shopId: conversation.shop_id, customerId: conversation.customer_id };
  const isTold = await enqueueMessage(trx, {
    ...ref,
    audience: "order",
    author: "system",
    businessKey: `message:${masked.id}:masked`,
    parts,
    turnId,
    now,
  });
  if (isTold) await updateConversation(trx, { ...ref, secretWarnedAt: now });
}

function wasWarned({ secret_warned_at: at }: ConversationRow, now: Date): boolean {
  return at !== null && now.getTime() - at.getTime() < warnAgainAfterMs;
}
