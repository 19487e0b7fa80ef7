import { findLastPart } from "../../db/outbox.ts";
import { findOrder } from "../../db/orders.ts";
import { texts } from "../../domain/conversation/texts.ts";
import { isAgentRequest, isPersonRequest, isYes } from "../../domain/conversation/yes-words.ts";
import type { OrderId } from "../../domain/id.ts";
import type { TurnContext, WorkingCart } from "../agent/turn-draft.ts";
import type { ActivityDeps } from "../deps.ts";
import { textContent } from "../outbox/seal-message.ts";
import { isHandledPicture } from "./handled-picture.ts";
import { readTap } from "./payloads.ts";
import type { Tap } from "./payloads.ts";
import { turnAnswer } from "./turn-answer.ts";
import type { TurnAnswer } from "./turn-answer.ts";

/** Business key of the message that shows a summary; a bare yes answers only this one. */
export function summaryKey(orderId: OrderId): string {
  return `summary:${orderId}`;
}

/**
 * What code decides without the model: a tap on one of our buttons, a yes that directly answers a summary, the words for
 * a person and for the agent. Only the last thing that the customer did counts: whoever goes on writing has not decided.
 */
export async function codeAnswer(
  deps: ActivityDeps,
  context: TurnContext,
  cart: WorkingCart,
): Promise<TurnAnswer | undefined> {
  const last = context.batch.findLast((message) => !isHandledPicture(message));
  if (!last) return undefined;
  const tap = readTap(last.body.quickReplyPayload ?? last.body.postbackPayload);
  if (tap) return answerTap(context, tap);
  const text = last.body.text ?? "";
  if (isPersonRequest(text)) return handOver(context);
  if (isAgentRequest(text) && context.turn.isHuman) return giveBack(context);
  return isYes(text, context.language) || isYes(text, context.turn.conversation.language)
    ? confirmByWord(deps, context, cart)
    : undefined;
}

function answerTap(context: TurnContext, tap: Tap): TurnAnswer {
  const { language } = context;
  const say = texts(language);
  switch (tap.kind) {
    case "confirm":
      return decide(context, { kind: "place_order", orderId: tap.orderId, hash: tap.hash });
    case "cancel":
      return decide(context, { kind: "cancel_order", orderId: tap.orderId });
    case "evidence":
      return decide(context, {
        kind: "match_evidence",
        orderId: tap.orderId,
        evidenceId: tap.evidenceId,
      });
    case "change":
      return turnAnswer({ outcome: "answered", language, chat: [textContent(say.askWhatToChange())] });
    case "keep": {
      const order = context.orders.find(({ id }) => id === tap.orderId);
      const text = order ? say.keptOrder({ orderNumber: order.number ?? "" }) : say.askWhatToChange();
      return turnAnswer({ outcome: "answered", language, chat: [textContent(text)] });
    }
    case "person":
      return handOver(context);
    case "agent":
      return giveBack(context);
  }
}

function decide(context: TurnContext, decision: NonNullable<TurnAnswer["decision"]>): TurnAnswer {
  return turnAnswer({ outcome: "decision", language: context.language, decision });
}

function handOver({ language }: TurnContext): TurnAnswer {
  return turnAnswer({ outcome: "answered", language, handOver: "asked" });
}

function giveBack({ language, turn }: TurnContext): TurnAnswer {
  const text = texts(language).backToAgent({ agentName: turn.shop.agent_name });
  return turnAnswer({ outcome: "answered", language, endsHumanMode: true, chat: [textContent(text)] });
}

/** The summary must be the Page's last message, and the cart must not have changed since. */
async function confirmByWord(
  deps: ActivityDeps,
  context: TurnContext,
  cart: WorkingCart,
): Promise<TurnAnswer | undefined> {
  const orderId = cart.draftOrderId;
  if (orderId === null) return undefined;
  const ref = { shopId: context.turn.shop.id, customerId: context.turn.conversation.customer_id };
  const { part, order } = await deps.db.withShop(ref.shopId, async (trx) => ({
    part: await findLastPart(trx, ref),
    order: await findOrder(trx, { shopId: ref.shopId, orderId }),
  }));
  if (!order || part?.business_key !== summaryKey(orderId)) return undefined;
  // What was written before the summary went out cannot answer it.
  const oldest = context.batch[0];
  if (oldest && part.sent_at !== null && oldest.received_at < part.sent_at) return undefined;
  return decide(context, { kind: "place_order", orderId, hash: order.summary_hash });
}
