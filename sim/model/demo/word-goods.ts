import { fieldsIn } from "./own-questions.ts";
import { lineOf } from "./read-goods.ts";
import { hasNoOrderYet, type Situation } from "./situation.ts";
import { cheapestOf } from "./match-products.ts";
import { answerOf, callsTo, readVariantId, type Product } from "./tool-results.ts";

const MAX_LISTED = 8;

export function wordGoods(situation: Situation): string[] {
  const { said, products, goods, phrases, changes, wantsList, req } = situation;
  if (callsTo(req, "search_products").length === 0) return [];
  if (hasNoOrderYet(req)) {
    return [phrases.cartEmpty(), ...wordList(products, situation), phrases.askWhatTheyLike()];
  }
  if (said.productParts.length === 0) return [];
  if (changes.isMeant) return [];
  if (products.length === 0) return [phrases.nothingToSell()];
  if (said.topics.has("cheapest") && !goods.isBuying) return wordCheapest(situation);
  if (goods.isBuying) return [...wordOpen(situation), ...wordMiss(situation)];
  if (wantsList) return [...wordList(products, situation), phrases.askWhatTheyLike()];
  return [...wordMeant(situation), ...wordMiss(situation)];
}

/** What happened to the cart in this turn, from the answers of the cart tool. */
export function wordCart(situation: Situation): string[] {
  const { req, said, cart, changes, goods, phrases } = situation;
  const calls = callsTo(req, "set_cart_line");
  const errors = calls.flatMap((call) => wordError(situation, call));
  if (changes.isOpen) return [phrases.whichLine(cart.lines.map((line) => line.name))];
  if (said.quickReply?.startsWith("change:") || isBareChange(situation)) return wordChangeQuestion(situation);
  const removed = [...new Set(calls.flatMap((call) => wordRemoval(situation, call)))];
  const lines = cart.lines.map((line) => `${line.quantity} × ${line.name} – ${line.lineTotalText}`);
  const wasSet = calls.length > errors.length;
  const isAsked = said.topics.has("cart") && !wasSet;
  if (cart.lines.length === 0) {
    return [...removed, ...errors, ...(isAsked || removed.length > 0 ? [phrases.cartEmpty()] : [])];
  }
  if (isAsked) return [phrases.cart(lines, cart.subtotalText)];
  if (!wasSet) return errors;
  const hasNew = goods.wishes.some((wish) => lineOf(cart, wish.option) !== undefined);
  const text = hasNew ? phrases.added(lines, cart.subtotalText) : phrases.cart(lines, cart.subtotalText);
  return [...removed, ...errors, text];
}

function wordList(products: Product[], { phrases }: Situation): string[] {
  return [phrases.list(products.slice(0, MAX_LISTED).map(pricedName), products.length > MAX_LISTED)];
}

function wordCheapest({ products, goods, phrases }: Situation): string[] {
  const among = goods.meant.length > 1 ? goods.meant : products;
  const best = cheapestOf(among);
  return best === undefined
    ? [phrases.nothingToSell()]
    : [phrases.cheapest(best.product.name, best.option.priceText), phrases.askToBuy()];
}

function wordMeant({ goods, phrases, said, req }: Situation): string[] {
  const [product] = goods.meant;
  if (product === undefined) return [];
  if (goods.meant.length > 1) {
    return [phrases.list(goods.meant.slice(0, MAX_LISTED).map(pricedName), false), phrases.askWhatTheyLike()];
  }
  if (product.options.every((option) => option.available <= 0)) return [phrases.soldOut(product.name)];
  const isShown = callsTo(req, "show_products").length > 0 && said.topics.has("show");
  const price = phrases.price(product.name, product.options);
  return [...(isShown ? [phrases.showing([product.name])] : []), price, phrases.askToBuy()];
}

function wordOpen({ goods, phrases }: Situation): string[] {
  const { openOption, openProducts } = goods;
  if (openOption !== undefined) {
    const { product, quantity } = openOption;
    if (product.options.every((option) => option.available <= 0)) return [phrases.soldOut(product.name)];
    return [phrases.whichOption(product.name, quantity, product.options)];
  }
  if (openProducts.length > 0)
    return [phrases.whichProduct(openProducts.slice(0, MAX_LISTED).map(pricedName))];
  return goods.wishes.length === 0 && goods.meant.length > 0 ? [phrases.askToBuy()] : [];
}

function wordMiss({ goods, products, phrases, said }: Situation): string[] {
  if (!goods.isMiss) {
    const isLost = goods.isBuying && goods.meant.length === 0;
    return isLost ? [phrases.whichProduct(products.slice(0, MAX_LISTED).map(pricedName))] : [];
  }
  const asksForGoods = ["price", "stock", "buy", "show", "cheapest"] as const;
  if (!asksForGoods.some((topic) => said.topics.has(topic))) return [];
  return [phrases.notFound(products.slice(0, MAX_LISTED).map(pricedName))];
}

function wordError(situation: Situation, call: ReturnType<typeof callsTo>[number]): string[] {
  const { phrases } = situation;
  const answer = answerOf(call);
  if (answer.error === undefined) return call.output === undefined ? [phrases.badQuantity()] : [];
  const name = nameOf(readVariantId(call.args), situation);
  if (answer.error !== "not_enough_stock" || name === undefined) return [phrases.badQuantity()];
  return [phrases.notEnough(name, answer.available ?? 0)];
}

function nameOf(variantId: unknown, { products, req }: Situation): string | undefined {
  for (const product of products) {
    const option = product.options.find((option) => option.variantId === variantId);
    if (option !== undefined) return label(product, option.name);
  }
  return req.conversation.cart.lines.find((line) => line.variantId === variantId)?.name;
}

function wordChangeQuestion({ req, said, phrases }: Situation): string[] {
  const text = said.parts.map((part) => part.text).join("\n");
  const fields = fieldsIn(text);
  if (fields.length > 0) return [phrases.askContact(fields)];
  const isMethod = /\bpay|ငွေ/iu.test(text) && said.quickReply === undefined;
  return [
    isMethod
      ? phrases.askMethod(req.shop.paymentMethods.map((method) => method.name))
      : phrases.whatToChange(),
  ];
}

function isBareChange({ said, goods, req }: Situation): boolean {
  const isHandled =
    goods.meant.length > 0 || said.methodId !== undefined || Object.keys(said.contact).length > 0;
  const hasCart = req.conversation.cart.lines.length > 0;
  return (
    said.topics.has("change") &&
    !said.policies.includes("returns") &&
    hasCart &&
    !isHandled &&
    callsTo(req, "set_cart_line").length === 0
  );
}

function isRemoval(args: unknown): boolean {
  return typeof args === "object" && args !== null && "quantity" in args && args.quantity === 0;
}

/** The block may already be without the line that was taken out, then it has no name any more. */
function wordRemoval({ req, cart, phrases }: Situation, call: ReturnType<typeof callsTo>[number]): string[] {
  const variantId = readVariantId(call.args);
  const { error } = answerOf(call);
  if (error !== undefined || !isRemoval(call.args) || cart.lines.some((line) => line.variantId === variantId))
    return [];
  const name = req.conversation.cart.lines.find((line) => line.variantId === variantId)?.name;
  return [phrases.removed(name)];
}

function label(product: Product, option: string): string {
  return product.options.length > 1 && option !== "" ? `${product.name} (${option})` : product.name;
}

function pricedName(product: Product): string {
  const prices = [...new Set(product.options.map((option) => option.priceText))];
  const isSoldOut = product.options.length > 0 && product.options.every((option) => option.available <= 0);
  const price = prices.length > 2 ? [prices[0], prices.at(-1)] : prices;
  return `${product.name}${price.length === 0 ? "" : ` – ${price.join(" / ")}`}${isSoldOut ? " ✖" : ""}`;
}
