import type { Cart } from "../prompt-blocks.ts";
import type { ModelRequest } from "../read-request.ts";
import { matchProducts, pickOption } from "./match-products.ts";
import { readQuantity } from "./quantities.ts";
import { callsTo, readVariantId, type Product } from "./tool-results.ts";
import type { Understanding } from "./understand.ts";
import { isQuestion, withoutTopicWords } from "./topics.ts";

/** Absolute quantities to set; 0 takes a line out. */
export interface Changes {
  lines: { variantId: string; quantity: number; name: string }[];
  /** The customer wants a line out or changed, but which one is open. */
  isOpen: boolean;
  /** The customer speaks of what is in the cart, so that nothing is bought anew. */
  isMeant: boolean;
}

const NO_CHANGES: Changes = { lines: [], isOpen: false, isMeant: false };
const DONE: Changes = { ...NO_CHANGES, isMeant: true };
const OPEN: Changes = { lines: [], isOpen: true, isMeant: true };
const ONLY = /\bonly\b|\bjust\b|(?:ထည်|ခု|လုံး|ဘူး|ဗူး|စုံ|ရံ|ထုပ်)(?:ပဲ|ဘဲ)/iu;
const ALL = /\b(?:all|everything|whole)\b|အကုန်|အားလုံး/iu;

/** Removals and changes of what is in the cart already, read from the cart block alone where that is enough. */
export function readChanges(req: ModelRequest, said: Understanding, products: Product[]): Changes {
  const { cart, openOrders } = req.conversation;
  if (cart.lines.length === 0) return NO_CHANGES;
  const touched = new Set(callsTo(req, "set_cart_line").map((call) => readVariantId(call.args)));
  const text = said.parts.map((part) => part.text).join("\n");
  if (said.topics.has("cancel") && openOrders.length === 0) return DONE;
  if (said.asked.isToEmpty && said.topics.has("yes")) return toRemovals(cart.lines);
  if (said.topics.has("remove")) {
    if (ALL.test(text)) return toRemovals(cart.lines);
    if (touched.size > 0) return DONE;
    const lines = matchLines(text, cart);
    return lines.length === 1 ? toRemovals(lines) : OPEN;
  }
  if (products.length === 0) return NO_CHANGES;
  const shelf = { cart, products, touched };
  // "Change to two blue shirts also" adds what the cart does not have.
  if (said.topics.has("change")) return isAddition(said, text, shelf) ? NO_CHANGES : readChange(text, shelf);
  return isLimit(said, text, cart) ? readChange(text, shelf) : NO_CHANGES;
}

function isAddition(said: Understanding, text: string, { cart, products }: Shelf): boolean {
  if (!said.topics.has("more")) return false;
  const named = matchProducts(withoutTopicWords(text), products);
  return (
    named.length > 0 &&
    !named.some((product) => product.options.some((option) => lineWith(cart, option.variantId) !== undefined))
  );
}

/** "I only want one red dress" is what shall be in the cart, no further wish. */
function isLimit(said: Understanding, text: string, cart: Cart): boolean {
  if (!ONLY.test(text) || isQuestion(text) || said.topics.has("more")) return false;
  if (readQuantity(text) === undefined) return false;
  const isAboutOther = said.asked.option !== undefined || said.asked.isToBuy;
  const isBare = cart.lines.length === 1 && !isAboutOther && !/\p{L}{3}/u.test(withoutNumbers(text));
  return isBare || namedLines(text, cart).length > 0;
}

function withoutNumbers(text: string): string {
  return withoutTopicWords(text)
    .split(" ")
    .filter((word) => readQuantity(word) === undefined)
    .join(" ");
}

function lineWith(cart: Cart, variantId: string): Cart["lines"][number] | undefined {
  return cart.lines.find((line) => line.variantId === variantId);
}

interface Shelf {
  cart: Cart;
  products: Product[];
  /** Variants that this turn has set already; the block may show the cart before or after that. */
  touched: Set<unknown>;
}

function readChange(text: string, { cart, products, touched }: Shelf): Changes {
  if (touched.size > 0) return finishMove(text, { cart, products, touched });
  const named = matchLines(text, cart);
  // "The small one instead" is about whatever comes in small.
  const fitting = named.filter((line) => picksOption(text, productOf(line.variantId, products)));
  const lines = fitting.length > 0 ? fitting : named;
  const [line] = lines;
  if (line === undefined || lines.length > 1) return lines.length > 1 ? OPEN : NO_CHANGES;
  const product = products.find((product) =>
    product.options.some((option) => option.variantId === line.variantId),
  );
  const option = product === undefined ? undefined : pickOption(text, product);
  const numbers = new Set((option?.name ?? "").match(/\d+/gu) ?? []);
  const quantity = readQuantity(text, numbers);
  if (product === undefined || option === undefined || option.variantId === line.variantId) {
    return quantity === undefined ? NO_CHANGES : { ...DONE, lines: [{ ...line, quantity }] };
  }
  const moved = { variantId: option.variantId, name: product.name, quantity: quantity ?? line.quantity };
  return { ...DONE, lines: [moved, { ...line, quantity: 0 }] };
}

function productOf(variantId: string, products: Product[]): Product | undefined {
  return products.find((product) => product.options.some((option) => option.variantId === variantId));
}

function picksOption(text: string, product: Product | undefined): boolean {
  return product !== undefined && product.options.length > 1 && pickOption(text, product) !== undefined;
}

/** The new size is in the cart; now the old one goes out. */
function finishMove(text: string, { cart, products, touched }: Shelf): Changes {
  const product = products.find((product) => product.options.some((option) => touched.has(option.variantId)));
  const picked = product === undefined ? undefined : pickOption(text, product);
  if (product === undefined || picked === undefined || !touched.has(picked.variantId)) return DONE;
  const others = cart.lines.filter(
    (line) =>
      !touched.has(line.variantId) && product.options.some((option) => option.variantId === line.variantId),
  );
  return others.length === 1 ? toRemovals(others) : DONE;
}

/** The lines that a text names; the only line needs no name. */
function matchLines(text: string, cart: Cart): Cart["lines"] {
  const named = namedLines(text, cart);
  return named.length > 0 ? named : cart.lines;
}

function namedLines(text: string, cart: Cart): Cart["lines"] {
  const asProducts = cart.lines.map((line) => ({
    productId: line.variantId,
    name: line.name,
    description: "",
    options: [],
  }));
  const matched = matchProducts(withoutTopicWords(text), asProducts).map((found) => found.productId);
  return cart.lines.filter((line) => matched.includes(line.variantId));
}

function toRemovals(lines: Cart["lines"]): Changes {
  return { ...DONE, lines: lines.map((line) => ({ ...line, quantity: 0 })) };
}
