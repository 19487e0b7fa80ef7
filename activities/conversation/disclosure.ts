import { getConversation, isElsewhere, isHumanMode, updateConversation } from "../../db/conversations.ts";
import type { ShopTransaction } from "../../db/connection.ts";
import { enqueueMessage } from "../../db/outbox.ts";
import type { OutboundContent } from "../../domain/conversation/outbound.ts";
import { texts } from "../../domain/conversation/texts.ts";
import type { Language } from "../../domain/shop/policies.ts";
import { textContent } from "../outbox/seal-message.ts";
import type { SealedPart } from "../outbox/seal-message.ts";
import type { ClaimedTurn } from "./claim-turn.ts";
import { personPayload } from "./payloads.ts";

/** That a machine answers and how to reach a person, at first contact; with the agent off no machine answers. */
export function disclosureOf(
  { shop, conversation, isAgentOn }: ClaimedTurn,
  language: Language,
): OutboundContent[] {
  if (conversation.disclosed_at !== null || !isAgentOn) return [];
  const say = texts(language);
  return [
    textContent(say.disclosure({ shopName: shop.name, agentName: shop.agent_name }), [
      { title: say.titles.person, payload: personPayload },
    ]),
  ];
}

/**
 * Goes before whatever a turn says first, unless somebody else has taken the conversation since the turn began; safe to
 * call for each of its messages, under the conversation's lock.
 */
export async function enqueueDisclosure(
  trx: ShopTransaction,
  { turn, parts, now }: { turn: ClaimedTurn; parts: SealedPart[]; now: Date },
): Promise<void> {
  if (parts.length === 0) return;
  const ref = { shopId: turn.shop.id, customerId: turn.conversation.customer_id };
  const conversation = await getConversation(trx, ref);
  if (isHumanMode(conversation, now) || isElsewhere(conversation)) return;
  await enqueueMessage(trx, {
    ...ref,
    audience: "order",
    author: "system",
    businessKey: `turn:${turn.id}:disclosure`,
    parts,
    turnId: turn.id,
    now,
  });
  await updateConversation(trx, { ...ref, disclosedAt: now });
}
