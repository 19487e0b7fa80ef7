import { getConversation, lockConversation } from "../../db/conversations.ts";
import { enqueueMessage } from "../../db/outbox.ts";
import type { CustomerTexts } from "../../domain/conversation/customer-texts.ts";
import { texts } from "../../domain/conversation/texts.ts";
import type { DecisionRef } from "../../workflows/conversation.contract.ts";
import type { ActivityDeps } from "../deps.ts";
import { sealParts, textContent } from "../outbox/seal-message.ts";

export type Telling = { key: string; text(say: CustomerTexts): string };

/** Queues a message of code that belongs to the turn's decision; safe to run twice by the turn's id and the key. */
export async function tellInTurn(
  deps: ActivityDeps,
  ref: DecisionRef,
  { key, text }: Telling,
): Promise<void> {
  const { shopId, customerId, turnId } = ref;
  const { language } = await deps.db.withShop(shopId, (trx) => getConversation(trx, ref));
  const parts = await sealParts(deps.sealer, ref, [textContent(text(texts(language)))]);
  await deps.db.withShop(shopId, async (trx) => {
    const { subject_state: state } = await lockConversation(trx, ref);
    if (state !== "active") return;
    await enqueueMessage(trx, {
      shopId,
      customerId,
      audience: "order",
      author: "system",
      businessKey: `turn:${turnId}:${key}`,
      parts,
      turnId,
      now: deps.clock.now(),
    });
  });
}
