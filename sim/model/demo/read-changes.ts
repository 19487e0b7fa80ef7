import type { Cart } from "../prompt-blocks.ts";
import type { ModelRequest } from "../read-request.ts";
import { matchProducts, pickOption } from "./match-products.ts";
import { readQuantity } from "./quantities.ts";
import type { Product } from "./tool-results.ts";
import type { Understanding } from "./understand.ts";
import { withoutTopicWords } from "./topics.ts";

/** Absolute quantities to set; 0 takes a line out. */
export interface Changes {
  lines: { variantId: string; quantity: number; name: string }[];
  /** The customer wants a line out or changed, but which one is open. */
  isOpen: boolean;
}

const NO_CHANGES: Changes = { lines: [], isOpen: false };
const ALL = /\b(?:all|everything|whole)\b|အကုန်|အားလုံး/iu;

/** Removals and changes of what is in the cart already, read from the cart block alone where that is enough. */
export function readChanges(req: ModelRequest, said: Understanding, products: Product[]): Changes {
  const { cart, openOrders } = req.conversation;
  if (cart.lines.length === 0) return NO_CHANGES;
  const text = said.parts.map((part) => part.text).join("\n");
  if (said.topics.has("cancel") && openOrders.length === 0) return toRemovals(cart.lines);
  if (said.topics.has("remove")) {
    if (ALL.test(text)) return toRemovals(cart.lines);
    const lines = matchLines(text, cart);
    return lines.length === 1 ? toRemovals(lines) : { lines: [], isOpen: true };
  }
  return said.topics.has("change") && products.length > 0 ? readChange(text, cart, products) : NO_CHANGES;
}

function readChange(text: string, cart: Cart, products: Product[]): Changes {
  const lines = matchLines(text, cart);
  const [line] = lines;
  if (line === undefined || lines.length > 1) return { lines: [], isOpen: lines.length > 1 };
  const product = products.find((product) => product.options.some((option) => option.variantId === line.variantId));
  const option = product === undefined ? undefined : pickOption(text, product);
  const numbers = new Set((option?.name ?? "").match(/\d+/gu) ?? []);
  const quantity = readQuantity(text, numbers);
  if (product === undefined || option === undefined || option.variantId === line.variantId) {
    return quantity === undefined ? NO_CHANGES : { lines: [{ ...line, quantity }], isOpen: false };
  }
  const moved = { variantId: option.variantId, name: product.name, quantity: quantity ?? line.quantity };
  return { lines: [moved, { ...line, quantity: 0 }], isOpen: false };
}

/** The lines that a text names; the only line needs no name. */
function matchLines(text: string, cart: Cart): Cart["lines"] {
  const asProducts = cart.lines.map((line) => ({
    productId: line.variantId,
    name: line.name,
    description: "",
    options: [],
  }));
  const matched = matchProducts(withoutTopicWords(text), asProducts).map((found) => found.productId);
  if (matched.length > 0) return cart.lines.filter((line) => matched.includes(line.variantId));
  return cart.lines;
}

function toRemovals(lines: Cart["lines"]): Changes {
  return { lines: lines.map((line) => ({ ...line, quantity: 0 })), isOpen: false };
}
