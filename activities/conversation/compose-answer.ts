import type { Objection } from "../../db/objections.ts";
import type { OutboundContent } from "../../domain/conversation/outbound.ts";
import { texts } from "../../domain/conversation/texts.ts";
import { modelNotAdmitted } from "../../domain/ports/model-client.ts";
import { splitMessage } from "../../domain/text/split-message.ts";
import { answer } from "../agent/answer.ts";
import type { TurnContext, TurnDraft, WorkingCart } from "../agent/turn-draft.ts";
import type { ActivityDeps } from "../deps.ts";
import { textContent } from "../outbox/seal-message.ts";
import { isHandledPicture, openWords } from "./handled-picture.ts";
import { personPayload } from "./payloads.ts";
import { creditsShort, turnAnswer } from "./turn-answer.ts";
import type { TurnAnswer } from "./turn-answer.ts";
import type { TurnCredits } from "./turn-credits.ts";

/** The model's answer with what its tools asked code to show; a failure ends in a polite fallback, never in silence. */
export async function composeAnswer(
  deps: ActivityDeps,
  work: {
    context: TurnContext;
    credits: TurnCredits;
    cart: WorkingCart;
    giveUpAt: Date;
    signal: AbortSignal;
  },
): Promise<TurnAnswer> {
  const { context } = work;
  const { language } = context;
  const draft: TurnDraft = {
    cart: work.cart,
    cards: [],
    prepared: null,
    cancelQuestion: null,
    handOver: null,
  };
  const reply = await answer({ ...work, deps, context, draft });
  if (reply.kind === "short") return shortOfCredits(context);
  // It was said since the turn began: what the model wrote before is not used.
  if (reply.kind === "failed" && noMachine.has(reply.code)) return leftToPerson(context, reply);
  const shown: OutboundContent[] = draft.cards.length > 0 ? [{ kind: "cards", cards: draft.cards }] : [];
  // What code shows is an answer without the model's words.
  const { prepared, cancelQuestion, handOver } = draft;
  const isShowing = shown.length > 0 || prepared !== null || cancelQuestion !== null || handOver !== null;
  if (reply.kind === "failed" && !isShowing) {
    return reply.code === modelNotAdmitted ? handedOver(context, reply) : fallback(context, reply);
  }
  const text = reply.kind === "text" ? reply.text : "";
  const chat = [
    ...splitMessage(text)
      .filter((part) => part !== "")
      .map((part) => textContent(part)),
    ...shown,
  ];
  if (chat.length === 0 && !isShowing) return fallback(context, { ...reply, code: "reply.empty" });
  return turnAnswer({
    outcome: "answered",
    language,
    chat,
    draft,
    handOver: draft.handOver,
    usage: reply.usage,
    shown: reply.shown,
    errorCode: reply.kind === "failed" ? reply.code : null,
  });
}

/** A person of the shop will answer: the words are left to them. */
function shortOfCredits({ language }: TurnContext): TurnAnswer {
  return turnAnswer({
    outcome: "fallback",
    language,
    chat: [textContent(texts(language).leftToPerson())],
    errorCode: creditsShort,
    answers: "none",
  });
}

const noMachine: ReadonlySet<string> = new Set<Objection>(["subject.no_ai", "shop.no_basis"]);

/** No machine may answer: the words wait for a person of the shop, who is told of them. */
export function leftToPerson(
  { language, batch }: TurnContext,
  asked?: Pick<TurnAnswer, "usage" | "shown">,
): TurnAnswer {
  const needsPerson = !openWords(batch).every(isHandledPicture);
  return turnAnswer({ outcome: "nothing", language, answers: "none", needsPerson, ...asked });
}

/** The model may not be asked at all: the conversation is a person's from now on. */
function handedOver({ language }: TurnContext, { code, usage, shown }: Failure): TurnAnswer {
  return turnAnswer({ outcome: "fallback", language, handOver: "unsure", usage, shown, errorCode: code });
}

type Failure = { code: string } & Pick<TurnAnswer, "usage" | "shown">;

export function fallback({ language }: TurnContext, failure: Failure): TurnAnswer {
  const say = texts(language);
  return turnAnswer({
    outcome: "fallback",
    language,
    chat: [textContent(say.fallback(), [{ title: say.titles.person, payload: personPayload }])],
    usage: failure.usage,
    shown: failure.shown,
    errorCode: failure.code,
  });
}
