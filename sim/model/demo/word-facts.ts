import type { Situation } from "./situation.ts";
import { answerOf, callsTo, lastAnswer } from "./tool-results.ts";

export function wordPolicies({ req, said, phrases }: Situation): string[] {
  return said.policies.map((topic) => {
    const zone = req.shop.zones.find((zone) => zone.name === said.zone);
    if (topic === "payment" && isAboutAccount(said) && awaitsTransfer(req)) return phrases.accountIsAbove();
    if (topic === "delivery" && zone !== undefined && !asksDuration(said))
      return phrases.zoneFee(zone.name, zone.feeText);
    const call = callsTo(req, "get_shop_policy").find((call) => isAbout(call.args, topic));
    const text = call === undefined ? "" : (answerOf(call).text ?? "");
    if (topic === "delivery" && asksDuration(said) && !TIME.test(text)) return phrases.noAnswer();
    return text === "" ? phrases.noAnswer() : phrases[topic](text);
  });
}

/** Fees are no answer to how long it takes. */
const TIME = /\b(?:days?|hours?|weeks?|today|tomorrow)\b|ရက်|နာရီ|ပတ်/iu;

function asksDuration({ parts }: Situation["said"]): boolean {
  return parts.some(({ topics }) => topics.has("delivery") && topics.has("duration"));
}

export function wordDiscount({ said, phrases }: Situation): string[] {
  return said.topics.has("discount") ? [phrases.noDiscount()] : [];
}

/** States and amounts of orders as `get_orders` words them; this is the only place that speaks of an order's state. */
export function wordOrders(situation: Situation): string[] {
  const { req, said, phrases } = situation;
  const orders = lastAnswer(req, "get_orders")?.orders ?? [];
  if (said.topics.has("cancel")) return wordCancel(situation);
  if (!said.topics.has("status") && !said.topics.has("paid")) return [];
  const hasPaid = said.topics.has("paid");
  if (orders.length === 0) return [phrases.noOrders(), ...(hasPaid ? [phrases.sendSlip()] : [])];
  const told = orders.slice(0, 3);
  return [...told.map((order) => phrases.order(withBalance(order))), ...wordSlip(told, situation)];
}

/** The state is text for reading: these words in it say that a slip waits, or that money is awaited. */
const UNDER_REVIEW = /check|review|စစ်/iu;
const AWAITED = /wait|open|due|စောင့်|ကျန်|ပေးရ/iu;

/** A balance beside a slip that waits, or beside a state that names it, reads as a second demand for the money. */
function withBalance<T extends { state: string; balanceText: string }>(order: T): T {
  const isSaid = UNDER_REVIEW.test(order.state) || order.state.includes(order.balanceText);
  return isSaid || !/[1-9၁-၉]/u.test(order.balanceText) ? { ...order, balanceText: "" } : order;
}

function wordSlip(orders: { state: string }[], { said, phrases }: Situation): string[] {
  if (orders.some(({ state }) => UNDER_REVIEW.test(state))) return [phrases.slipIsChecked()];
  return said.topics.has("paid") && orders.some(({ state }) => AWAITED.test(state))
    ? [phrases.sendSlip()]
    : [];
}

function wordCancel({ req, phrases }: Situation): string[] {
  if (hasOnlyCart(req)) return [phrases.nothingPlaced()];
  const answer = lastAnswer(req, "request_cancel");
  if (answer?.error === "cannot_cancel") return [phrases.cannotCancel()];
  if (answer?.error !== undefined) return [phrases.noOrders()];
  if (answer !== undefined) return [];
  const orders = (lastAnswer(req, "get_orders")?.orders ?? []).filter((order) => order.canCancel);
  return [
    orders.length === 0 ? phrases.noOrders() : phrases.whichOrder(orders.map((order) => order.orderNumber)),
  ];
}

/** Account numbers stand only in the message that placed the order; a model is not shown them as a record. */
function isAboutAccount({ parts }: Situation["said"]): boolean {
  return parts.some(({ text }) => /\bwhere\b|\baccount\b|\bagain\b|ဘယ်ကို|အကောင့်/iu.test(text));
}

function awaitsTransfer({ conversation }: Situation["req"]): boolean {
  return conversation.openOrders.some(({ state }) => AWAITED.test(state));
}

/** Only what was confirmed is an order; a cart is emptied when the customer says so. */
function hasOnlyCart({ conversation: { cart, openOrders } }: Situation["req"]): boolean {
  return cart.lines.length > 0 && openOrders.length === 0;
}

function isAbout(args: unknown, topic: string): boolean {
  return typeof args === "object" && args !== null && "topic" in args && args.topic === topic;
}
