import type { OutboundContent } from "../../domain/conversation/outbound.ts";
import { texts } from "../../domain/conversation/texts.ts";
import type { Sealed, ToSeal } from "../../domain/sealing.ts";
import { contactPlace } from "../agent/read-context.ts";
import type { TurnContext } from "../agent/turn-draft.ts";
import type { ActivityDeps } from "../deps.ts";
import { sealParts, textContent } from "../outbox/seal-message.ts";
import type { SealedPart } from "../outbox/seal-message.ts";
import { cancelQuestionContent } from "./cancel-question.ts";
import { disclosureOf } from "./disclosure.ts";
import { agentPayload } from "./payloads.ts";
import { orderContactPlace, summaryContents } from "./summary.ts";
import type { TurnAnswer } from "./turn-answer.ts";

export type SealedTurn = {
  disclosure: SealedPart[];
  warning: SealedPart[];
  chat: SealedPart[];
  cancelQuestion: SealedPart[];
  summary: SealedPart[];
  handedOver: SealedPart[];
  cartContact: Sealed | null;
  orderContact: Sealed | null;
};

/** Seals all that a turn writes, before its transaction. */
export async function sealTurn(
  deps: ActivityDeps,
  context: TurnContext,
  answer: TurnAnswer,
): Promise<SealedTurn> {
  const ref = { shopId: context.turn.shop.id, customerId: context.turn.conversation.customer_id };
  const say = texts(answer.language);
  const seal = (contents: readonly OutboundContent[]) =>
    contents.length === 0 ? Promise.resolve([]) : sealParts(deps.sealer, ref, contents);
  const wasMasked = context.batch.some(({ body }) => (body.masked ?? []).length > 0);
  const prepared = answer.draft?.prepared;
  const toCancel = answer.draft?.cancelQuestion;
  return {
    disclosure: await seal(answer.outcome === "silent" ? [] : disclosureOf(context.turn, answer.language)),
    warning: await seal(wasMasked ? [textContent(say.maskedSecret())] : []),
    chat: await seal(answer.chat),
    cancelQuestion: await seal(toCancel ? [cancelQuestionContent(answer.language, toCancel)] : []),
    summary: await seal(
      prepared && answer.draft ? summaryContents(context, answer.draft.cart, prepared) : [],
    ),
    handedOver: await seal(
      answer.handOver === null
        ? []
        : [textContent(say.handedToPerson(), [{ title: say.titles.agent, payload: agentPayload }])],
    ),
    ...(await sealContacts(deps, context, answer)),
  };
}

async function sealContacts(deps: ActivityDeps, context: TurnContext, { draft }: TurnAnswer) {
  if (!draft?.cart.isChanged) return { cartContact: null, orderContact: null };
  const ref = { shopId: context.turn.shop.id, customerId: context.turn.conversation.customer_id };
  const plaintext = JSON.stringify(draft.cart.contact);
  const items: ToSeal[] = [{ place: contactPlace(ref.shopId, ref.customerId), plaintext }];
  if (draft.prepared) items.push({ place: orderContactPlace(ref, draft.prepared.orderId), plaintext });
  const [cartContact, orderContact] = await deps.sealer.seal(items);
  return { cartContact: cartContact ?? null, orderContact: orderContact ?? null };
}
