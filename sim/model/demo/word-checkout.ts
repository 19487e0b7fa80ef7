import type { Situation } from "./situation.ts";
import type { ContactField } from "../prompt-blocks.ts";
import { answerOf, callsTo, lastAnswer } from "./tool-results.ts";

export function wordContact(situation: Situation): string[] {
  const { req, phrases } = situation;
  const contact = lastAnswer(req, "set_contact");
  const method = lastAnswer(req, "set_payment_method");
  const words: string[] = [];
  if (contact?.error === "phone_invalid") words.push(phrases.phoneInvalid());
  else if (contact?.error === "township_unknown") words.push(phrases.townshipUnknown(townships(situation)));
  else if (contact !== undefined && contact.error === undefined) words.push(phrases.saved());
  if (method !== undefined && method.error === undefined && situation.said.methodId !== undefined) {
    words.push(phrases.methodChosen(methodName(situation)));
  }
  return words;
}

/** What the order still needs, or the summary; one question at a time, at the end of the answer. */
export function wordNextQuestion(situation: Situation, hasBody: boolean): string[] {
  const { req, cart, phrases, goods, said } = situation;
  const summary = lastAnswer(req, "prepare_summary");
  if (summary?.ready === true) return [phrases.summaryComes()];
  if (summary?.problem === "stock") return [phrases.outOfStock()];
  if (summary?.problem === "empty_cart") return [phrases.cartEmpty()];
  const contact = lastAnswer(req, "set_contact");
  if (contact?.error === "phone_invalid" || contact?.error === "township_unknown") return [];
  if (cart.lines.length === 0) return wantsToOrder(situation) ? [phrases.askWhatTheyLike()] : [];
  const isOpen = goods.openOption !== undefined || goods.openProducts.length > 0 || situation.changes.isOpen;
  const hasError = callsTo(req, "set_cart_line").some((call) => answerOf(call).error !== undefined);
  if (isOpen || hasError || said.quickReply?.startsWith("change:")) return [];
  const isOrdering =
    situation.isCheckout || contact !== undefined || callsTo(req, "set_payment_method").length > 0;
  if (isOrdering) return askMissing(situation);
  if (callsTo(req, "set_cart_line").length > 0) return [phrases.anythingElse()];
  const isConfirming =
    req.conversation.summaryPending && (said.topics.has("yes") || said.topics.has("checkout"));
  if (isConfirming && !hasBody) return [phrases.tapConfirm()];
  if (!hasBody && said.topics.has("yes") && !said.asked.isAnythingElse) return askMissing(situation);
  return said.topics.has("cart") ? [phrases.anythingElse()] : [];
}

function askMissing({ req, cart, phrases, said }: Situation): string[] {
  const fields = cart.missing.filter((field): field is ContactField => field !== "paymentMethod");
  if (fields.length > 0) return [phrases.askContact(fields)];
  const names = req.shop.paymentMethods.map((method) => method.name);
  if (cart.missing.includes("paymentMethod") && names.length > 0) return [phrases.askMethod(names)];
  return req.conversation.summaryPending && !said.topics.has("checkout")
    ? [phrases.tapConfirm()]
    : [phrases.askSummary()];
}

function wantsToOrder({ said }: Situation): boolean {
  return said.topics.has("checkout");
}

function townships({ req }: Situation): string[] {
  return lastAnswer(req, "set_contact")?.townships ?? req.shop.zones.map((zone) => zone.name);
}

function methodName({ req, said }: Situation): string {
  return req.shop.paymentMethods.find((method) => method.paymentMethodId === said.methodId)?.name ?? "";
}
