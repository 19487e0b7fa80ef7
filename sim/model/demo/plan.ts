import { toolCall, type ToolCall } from "../response-wire.ts";
import { hasNoOrderYet, type Situation } from "./situation.ts";
import { cheapestOf } from "./match-products.ts";
import { answerOf, callsTo, lastAnswer, readVariantId, type Product } from "./tool-results.ts";

/** One answer of the five that a turn may take is kept for the words. */
const MAX_CALLS = 4;
const SEARCH_LIMIT = 20;
const MAX_SHOWN = 10;

interface Step {
  name: string;
  args: Record<string, unknown>;
}

/** The next tool call of this turn; undefined when it is time to answer. */
export function planNext(situation: Situation): ToolCall | undefined {
  const { req } = situation;
  if (req.calls.length >= MAX_CALLS) return undefined;
  const next = listSteps(situation)
    .filter((step) => req.tools.has(step.name))
    .find((step) => !isDone(step, situation));
  return next === undefined ? undefined : toolCall(next.name, next.args);
}

/** All that this turn should have done by now, in order; it grows as tool results come in. */
function listSteps(situation: Situation): Step[] {
  const { said, wantsPerson } = situation;
  if (wantsPerson !== undefined) return [{ name: "hand_to_person", args: { reason: wantsPerson } }];
  return [
    ...said.policies.map((topic) => ({ name: "get_shop_policy", args: { topic } })),
    ...orderSteps(situation),
    ...searchSteps(situation),
    ...cartSteps(situation),
    ...contactSteps(situation),
    ...showSteps(situation),
    ...summarySteps(situation),
  ];
}

function orderSteps({ req, said }: Situation): Step[] {
  const { openOrders, cart } = req.conversation;
  if (said.topics.has("cancel")) {
    const orderNumber = namedOrder(said.parts.map((part) => part.text).join(" "), openOrders);
    const isClear = orderNumber !== null || openOrders.length === 1;
    if (isClear) return [{ name: "request_cancel", args: { orderNumber } }];
    return cart.lines.length > 0 && openOrders.length === 0 ? [] : [{ name: "get_orders", args: {} }];
  }
  return said.topics.has("status") || said.topics.has("paid") ? [{ name: "get_orders", args: {} }] : [];
}

function namedOrder(text: string, orders: { orderNumber: string }[]): string | null {
  return (
    orders.find((order) => text.toLowerCase().includes(order.orderNumber.toLowerCase()))?.orderNumber ?? null
  );
}

function searchSteps({ req, said, goods }: Situation): Step[] {
  const all = { name: "search_products", args: { query: null } };
  if (said.productParts.length === 0) return hasNoOrderYet(req) ? [all] : [];
  const first = callsTo(req, "search_products")[0];
  const isCut = first !== undefined && (answerOf(first).products ?? []).length >= SEARCH_LIMIT;
  const searched = callsTo(req, "search_products").length;
  if (!isCut || (goods.meant.length > 0 && searched < 2)) return [all];
  const query = said.productParts
    .map((part) => part.residue)
    .join(" ")
    .trim();
  return query === "" ? [all] : [all, { name: "search_products", args: { query } }];
}

function cartSteps({ goods, changes }: Situation): Step[] {
  const wished = goods.wishes.map((wish) => ({ variantId: wish.option.variantId, quantity: wish.quantity }));
  const changed = changes.lines.map(({ variantId, quantity }) => ({ variantId, quantity }));
  return [...changed, ...wished].map((args) => ({ name: "set_cart_line", args }));
}

function contactSteps({ req, said, cart }: Situation): Step[] {
  const steps: Step[] = [];
  const { name = null, phone = null, township = null, address = null } = said.contact;
  if (Object.keys(said.contact).length > 0) {
    steps.push({ name: "set_contact", args: { name, phone, township, address } });
  }
  const methods = req.shop.paymentMethods;
  const isOnlyMethod =
    methods.length === 1 && cart.missing.join() === "paymentMethod" && cart.lines.length > 0;
  const paymentMethodId = said.methodId ?? (isOnlyMethod ? methods[0]?.paymentMethodId : undefined);
  const wasSet = callsTo(req, "set_payment_method").length > 0;
  if (paymentMethodId !== undefined && !wasSet)
    steps.push({ name: "set_payment_method", args: { paymentMethodId } });
  return steps;
}

function showSteps(situation: Situation): Step[] {
  const productIds = shown(situation).map((product) => product.productId);
  return productIds.length === 0 ? [] : [{ name: "show_products", args: { productIds } }];
}

function shown({ said, goods, products, wantsList, changes }: Situation): Product[] {
  if (goods.isBuying || changes.isMeant) return [];
  const best = cheapestOf(goods.meant.length > 1 ? goods.meant : products);
  if (said.topics.has("cheapest")) return best === undefined ? [] : [best.product];
  if (wantsList) return products.slice(0, MAX_SHOWN);
  return wantsPictures(said.topics) ? goods.meant.slice(0, MAX_SHOWN) : [];
}

/** A bare question for the price gets the price; everything else about goods is nicer with their pictures. */
function wantsPictures(topics: Situation["said"]["topics"]): boolean {
  return topics.has("show") || topics.has("stock") || !topics.has("price");
}

function summarySteps(situation: Situation): Step[] {
  const { req, cart, isCheckout } = situation;
  const hasProgress = ["set_contact", "set_payment_method"].some((name) => {
    const answer = lastAnswer(req, name);
    return answer !== undefined && answer.error === undefined;
  });
  const changedAfterSummary = req.conversation.summaryPending && callsTo(req, "set_cart_line").length > 0;
  const isWanted = isCheckout || hasProgress || changedAfterSummary;
  const hasError = req.calls.some((call) => answerOf(call).error !== undefined);
  if (!isWanted || hasError || cart.lines.length === 0 || cart.missing.length > 0) return [];
  return [{ name: "prepare_summary", args: {} }];
}

function isDone(step: Step, { req }: Situation): boolean {
  return req.calls.some((call) => call.name === step.name && isSameCall(call.args, step));
}

/** A cart line is set once a turn: "one more" is counted from a cart that may already show the first call. */
function isSameCall(args: unknown, step: Step): boolean {
  if (step.name === "set_cart_line") return readVariantId(args) === step.args["variantId"];
  return sorted(args) === sorted(step.args);
}

function sorted(value: unknown): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "";
  return JSON.stringify(Object.entries(value).sort(([a], [b]) => a.localeCompare(b)));
}
