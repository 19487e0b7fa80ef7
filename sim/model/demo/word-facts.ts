import type { Situation } from "./situation.ts";
import { answerOf, callsTo, lastAnswer } from "./tool-results.ts";

export function wordPolicies({ req, said, phrases }: Situation): string[] {
  return said.policies.map((topic) => {
    const zone = req.shop.zones.find((zone) => zone.name === said.zone);
    if (topic === "delivery" && zone !== undefined) return phrases.zoneFee(zone.name, zone.feeText);
    const call = callsTo(req, "get_shop_policy").find((call) => isAbout(call.args, topic));
    const text = call === undefined ? "" : (answerOf(call).text ?? "");
    return text === "" ? phrases.noAnswer() : phrases[topic](text);
  });
}

/** States and amounts of orders as `get_orders` words them; this is the only place that speaks of an order's state. */
export function wordOrders(situation: Situation): string[] {
  const { req, said, phrases } = situation;
  const orders = lastAnswer(req, "get_orders")?.orders ?? [];
  if (said.topics.has("cancel")) return wordCancel(situation);
  if (!said.topics.has("status") && !said.topics.has("paid")) return [];
  const slip = said.topics.has("paid") ? [phrases.sendSlip()] : [];
  if (orders.length === 0) return [phrases.noOrders(), ...slip];
  return [...orders.slice(0, 3).map((order) => phrases.order(order)), ...slip];
}

function wordCancel({ req, changes, phrases }: Situation): string[] {
  if (changes.lines.length > 0) return [];
  const answer = lastAnswer(req, "request_cancel");
  if (answer?.error === "cannot_cancel") return [phrases.cannotCancel()];
  if (answer?.error !== undefined) return [phrases.noOrders()];
  if (answer !== undefined) return [];
  const orders = (lastAnswer(req, "get_orders")?.orders ?? []).filter((order) => order.canCancel);
  return [
    orders.length === 0 ? phrases.noOrders() : phrases.whichOrder(orders.map((order) => order.orderNumber)),
  ];
}

function isAbout(args: unknown, topic: string): boolean {
  return typeof args === "object" && args !== null && "topic" in args && args.topic === topic;
}
