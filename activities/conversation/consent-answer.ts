import { texts } from "../../domain/conversation/texts.ts";
import { consentWordings } from "../../domain/privacy/consent.ts";
import type { TurnContext } from "../agent/turn-draft.ts";
import { textContent } from "../outbox/seal-message.ts";
import { promotionsPayload } from "./payloads.ts";
import { turnAnswer } from "./turn-answer.ts";
import type { TurnAnswer } from "./turn-answer.ts";

/** The wording itself, with the button that agrees to exactly this version of it. */
export function askForPromotions({ language }: TurnContext): TurnAnswer {
  const title = texts(language).titles.agree;
  const question = textContent(consentWordings.marketing.text[language], [
    { title, payload: promotionsPayload() },
  ]);
  return turnAnswer({ outcome: "answered", language, chat: [question] });
}

/** A tap on an older wording agrees to nothing: the one in force is shown. */
export function startPromotions(context: TurnContext, { version }: { version: string }): TurnAnswer {
  if (version !== consentWordings.marketing.version) return askForPromotions(context);
  const { language } = context;
  return turnAnswer({
    outcome: "answered",
    language,
    consent: { purpose: "marketing", decision: "given" },
    chat: [textContent(texts(language).promotionsOn())],
  });
}

/** As easy as agreeing, and at once. */
export function stopPromotions({ language }: TurnContext): TurnAnswer {
  return turnAnswer({
    outcome: "answered",
    language,
    consent: { purpose: "marketing", decision: "withdrawn" },
    chat: [textContent(texts(language).promotionsOff())],
  });
}
