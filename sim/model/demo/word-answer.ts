import { wordGoods, wordCart } from "./word-goods.ts";
import { wordDiscount, wordOrders, wordPolicies } from "./word-facts.ts";
import { wordContact, wordNextQuestion } from "./word-checkout.ts";
import type { Situation } from "./situation.ts";
import { callsTo, lastAnswer } from "./tool-results.ts";

/** The final text of the turn, from tool results and blocks only. Code speaks for itself after some tools: then less is said. */
export function wordAnswer(situation: Situation): string {
  const { phrases, wantsPerson, req } = situation;
  if (
    wantsPerson !== undefined &&
    (callsTo(req, "hand_to_person").length > 0 || !req.tools.has("hand_to_person"))
  ) {
    return phrases.handed(wantsPerson === "complaint");
  }
  const body = [
    ...wordAboutMe(situation),
    ...wordPolicies(situation),
    ...wordDiscount(situation),
    ...wordOrders(situation),
    ...wordGoods(situation),
    ...wordCart(situation),
    ...wordContact(situation),
    ...wordMarkers(situation),
  ];
  const question = wordNextQuestion(situation, body.length > 0);
  const said = [...wordGreeting(situation, body.length + question.length), ...body, ...question];
  if (said.length === 0 && wasAnsweredByCode(situation)) return "";
  return [...said, ...wordEnd(situation, said.length)].join("\n");
}

function wordGreeting({ phrases, said, req }: Situation, following: number): string[] {
  if (!said.topics.has("greet")) return [];
  if (following > 0) return [];
  // The product's disclosure, which goes before the first answer, has bidden welcome already.
  return req.conversation.firstContact ? [phrases.howCanIHelp()] : [phrases.greet(), phrases.howCanIHelp()];
}

function wordAboutMe({ phrases, said, req }: Situation): string[] {
  return said.topics.has("machine") ? [phrases.machine(req.shop.name, req.shop.agentName)] : [];
}

function wordMarkers({ phrases, said }: Situation): string[] {
  const words = {
    photo: phrases.photo,
    voice: phrases.voice,
    sticker: phrases.sticker,
    unsupported: phrases.unsupported,
  };
  const markers = said.parts.length > 0 ? [] : [...said.markers];
  return markers.map((marker) => words[marker]());
}

function wordEnd({ phrases, said, req }: Situation, before: number): string[] {
  if (said.topics.has("thanks")) return [phrases.thanks()];
  if (before > 0) return [];
  if (said.topics.has("bye")) return [phrases.bye()];
  if (said.topics.has("no")) return [phrases.noProblem()];
  if (said.topics.has("yes")) return [phrases.howCanIHelp()];
  return said.parts.length === 0 && req.burst.length === 0 ? [phrases.howCanIHelp()] : [phrases.unknown()];
}

/** The product itself sends the question about cancelling, and the summary. */
function wasAnsweredByCode({ req }: Situation): boolean {
  return (
    lastAnswer(req, "request_cancel") !== undefined || lastAnswer(req, "prepare_summary")?.ready === true
  );
}
