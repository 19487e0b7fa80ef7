import { lockConversation } from "../../db/conversations.ts";
import { findLastPageInbox } from "../../db/messages.ts";
import { findOrder } from "../../db/orders.ts";
import { applyReceipts, findLastPart } from "../../db/outbox.ts";
import { texts } from "../../domain/conversation/texts.ts";
import { saysToBeMinor } from "../../domain/privacy/stated-age.ts";
import { isStopOfPromotions, isWishForPromotions } from "../../domain/conversation/consent-words.ts";
import { isAgentRequest, isPersonRequest, isYes } from "../../domain/conversation/yes-words.ts";
import type { OrderId } from "../../domain/id.ts";
import type { TurnContext, WorkingCart } from "../agent/turn-draft.ts";
import type { ActivityDeps } from "../deps.ts";
import { textContent } from "../outbox/seal-message.ts";
import { askForPromotions, startPromotions, stopPromotions } from "./consent-answer.ts";
import { isCancelQuestion } from "./cancel-question.ts";
import { privacyDecision } from "../privacy/privacy-decision.ts";
import { isHandledPicture, openWords } from "./handled-picture.ts";
import { readTap } from "./payloads.ts";
import type { Tap } from "./payloads.ts";
import { turnAnswer } from "./turn-answer.ts";
import type { OpenedMessage } from "./opened-message.ts";
import type { TurnAnswer } from "./turn-answer.ts";

/** Business key of the message that shows a summary; a bare yes answers only this one. */
export function summaryKey(orderId: OrderId): string {
  return `summary:${orderId}`;
}

/**
 * What code decides without the model: a tap on one of our buttons, a yes that directly answers a question, the words for
 * a person, for the agent, about promotions and about one's own data, which count whoever has the conversation. Only the
 * last thing that the customer did counts: whoever goes on writing has not decided. The wishes for a person, for no more
 * promotions and about data count wherever in the burst they stand.
 */
export async function codeAnswer(
  deps: ActivityDeps,
  context: TurnContext,
  cart: WorkingCart,
): Promise<TurnAnswer | undefined> {
  const last = context.batch.findLast((message) => !isHandledPicture(message));
  if (!last) return undefined;
  const words = openWords(context.batch);
  if (words.some((message) => saysToBeMinor(textOf(message)))) return stopForMinor(context);
  const tap = readTap(last.body.quickReplyPayload ?? last.body.postbackPayload);
  if (tap) return answerTap(context, tap);
  const privacy = await privacyDecision(deps, context, words);
  if (privacy)
    return {
      ...decide(context, privacy.decision),
      answers: context.turn.isQuiet ? [privacy.askedBy] : "all",
    };
  if (context.turn.isHuman && words.includes(last) && isAgentRequest(textOf(last))) return giveBack(context);
  if (words.some((message) => isStopOfPromotions(textOf(message)))) return stopPromotions(context);
  if (words.includes(last) && isWishForPromotions(textOf(last))) return askForPromotions(context);
  if (words.some((message) => isPersonRequest(textOf(message)))) return handOver(context);
  const isAllYes = words.every((message) => isHandledPicture(message) || isYesMessage(context, message));
  return isAllYes && words.length > 0 ? answerByYes(deps, context, cart) : undefined;
}

/** What a person says of their own data, or of their age, is heard while nothing else of theirs may be used. */
export function isOfRights({ decision, isOfMinor }: TurnAnswer): boolean {
  return isOfMinor || decision?.kind === "ask_privacy" || decision?.kind === "privacy";
}

/** One sentence, and nothing after it; what they had begun is neither answered nor placed. */
function stopForMinor({ language }: TurnContext): TurnAnswer {
  const chat = [textContent(texts(language).notForMinors())];
  return turnAnswer({ outcome: "answered", language, isOfMinor: true, chat });
}

function textOf({ body }: OpenedMessage): string {
  return body.text ?? "";
}

/** An edit says something else of an old message; it answers nothing. */
function isYesMessage({ language, turn }: TurnContext, message: OpenedMessage): boolean {
  const text = textOf(message);
  return message.kind === "message" && (isYes(text, language) || isYes(text, turn.conversation.language));
}

function answerTap(context: TurnContext, tap: Tap): TurnAnswer {
  const { language } = context;
  const answers = settledByTap(context);
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
      return turnAnswer({
        outcome: "answered",
        language,
        answers,
        chat: [textContent(say.askWhatToChange())],
      });
    case "keep": {
      const order = context.orders.find(({ id }) => id === tap.orderId);
      const text = order ? say.keptOrder({ orderNumber: order.number ?? "" }) : say.askWhatToChange();
      return turnAnswer({ outcome: "answered", language, answers, chat: [textContent(text)] });
    }
    case "promotions":
      return startPromotions(context, tap);
    case "privacy":
      return decide(context, tap);
    case "person":
      return handOver(context);
    case "agent":
      return giveBack(context);
  }
}

function decide(context: TurnContext, decision: NonNullable<TurnAnswer["decision"]>): TurnAnswer {
  return turnAnswer({
    outcome: "decision",
    language: context.language,
    decision,
    answers: settledByTap(context),
  });
}

/** Words that wait for a person are not settled by a tap: not while one has the conversation, nor with the agent off. */
function settledByTap({ batch, turn }: TurnContext): TurnAnswer["answers"] {
  const tapped = batch.findLast((message) => !isHandledPicture(message));
  return turn.isQuiet && tapped ? [tapped.id] : "all";
}

function handOver({ language, turn }: TurnContext): TurnAnswer {
  const answers = turn.isAgentOn ? "all" : "none";
  return turnAnswer({ outcome: "answered", language, handOver: "asked", answers });
}

/** What waited for a person is not answered by this, and gets the next turn. */
function giveBack({ language, turn, batch }: TurnContext): TurnAnswer {
  const text = texts(language).backToAgent({ agentName: turn.shop.agent_name });
  const last = batch.findLast((message) => !isHandledPicture(message));
  const answers = batch
    .filter((one) => one === last || isPersonRequest(textOf(one)) || isAgentRequest(textOf(one)))
    .map(({ id }) => id);
  return turnAnswer({
    outcome: "answered",
    language,
    endsHumanMode: true,
    chat: [textContent(text)],
    answers,
  });
}

/**
 * A bare yes answers the Page's last message, when that is a summary or the question whether to cancel: it must have
 * reached the customer, and nothing come between, what a person wrote elsewhere included.
 */
async function answerByYes(
  deps: ActivityDeps,
  context: TurnContext,
  cart: WorkingCart,
): Promise<TurnAnswer | undefined> {
  const ref = { shopId: context.turn.shop.id, customerId: context.turn.conversation.customer_id };
  const orderId = cart.draftOrderId;
  const { part, draft, inbox } = await deps.db.withShop(ref.shopId, async (trx) => {
    await lockConversation(trx, ref);
    await applyReceipts(trx, ref);
    return {
      part: await findLastPart(trx, ref),
      inbox: await findLastPageInbox(trx, ref),
      draft: orderId === null ? undefined : await findOrder(trx, { shopId: ref.shopId, orderId }),
    };
  });
  const sentAt = part?.sent_at;
  if (!part || !sentAt) return undefined;
  if (inbox && inbox.occurred_at >= sentAt) return undefined;
  // What was written before the question went out cannot answer it.
  if (context.batch.some(({ occurred_at: at }) => at < sentAt)) return undefined;
  if (isCancelQuestion(part.business_key) && part.order_id !== null) {
    return decide(context, { kind: "cancel_order", orderId: part.order_id });
  }
  // The cart must not have changed since.
  if (!draft || part.business_key !== summaryKey(draft.id)) return undefined;
  return decide(context, { kind: "place_order", orderId: draft.id, hash: draft.summary_hash });
}
