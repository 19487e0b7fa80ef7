import type { Cart } from "../prompt-blocks.ts";
import type { ModelRequest } from "../read-request.ts";
import { phrasesIn, type Phrases } from "./phrases.ts";
import { readChanges, type Changes } from "./read-changes.ts";
import { readGoods, type Goods } from "./read-goods.ts";
import { answerOf, callsTo, currentCart, foundProducts, lastAnswer, type Product } from "./tool-results.ts";
import { understand, type Understanding } from "./understand.ts";

/** What is understood so far in this turn; planning the next call and wording the answer both read it. */
export interface Situation {
  req: ModelRequest;
  said: Understanding;
  products: Product[];
  goods: Goods;
  changes: Changes;
  cart: Cart;
  isCheckout: boolean;
  wantsPerson: "asked" | "complaint" | undefined;
  /** A look at all goods: asked for, or the only answer to "I want to order". */
  wantsList: boolean;
  phrases: Phrases;
}

export function assess(req: ModelRequest): Situation {
  const heard = understand(req);
  const isCheckout = readCheckout(req, heard);
  // "Order" with a full cart is no wish for yet another thing.
  const said = isCheckout
    ? { ...heard, productParts: heard.productParts.filter((part) => part.residue !== "") }
    : heard;
  const products = foundProducts(req);
  const changes = readChanges(req, said, products);
  const goods = withSearchResult(req, readGoods(req, said, products));
  return {
    req,
    said,
    products,
    goods: changes.isMeant ? { ...goods, wishes: [], openOption: undefined, openProducts: [] } : goods,
    changes,
    cart: currentCart(req),
    isCheckout,
    wantsPerson: readPersonWish(said),
    wantsList: !isCheckout && (hasNoOrderYet(req) || readListWish(said, goods)),
    phrases: phrasesIn(said.language),
  };
}

function readCheckout(req: ModelRequest, said: Understanding): boolean {
  if (said.topics.has("cancel")) return false;
  // "That's all" may end the very message that fills the cart.
  if (said.topics.has("checkout") && currentCart(req).lines.length > 0) return true;
  if (req.conversation.cart.lines.length === 0) return false;
  const isBare = said.parts.every((part) => part.residue === "");
  if (!isBare || said.parts.length === 0) return false;
  const isNewWish = said.asked.isToBuy || said.asked.option !== undefined;
  if (said.topics.has("buy") && !isNewWish) return true;
  if (said.asked.isSummary) return said.topics.has("yes");
  return said.asked.isAnythingElse && said.topics.has("no");
}

/** Contact data came before any goods: the product keeps none, and the answer shows what there is to order. */
export function hasNoOrderYet(req: ModelRequest): boolean {
  return lastAnswer(req, "set_contact")?.error === "no_order_yet";
}

function readPersonWish(said: Understanding): Situation["wantsPerson"] {
  if (said.topics.has("angry")) return "complaint";
  if (said.topics.has("person") || said.quickReply === "person") return "asked";
  return said.asked.isPersonOffered && said.topics.has("yes") && said.productParts.length === 0
    ? "asked"
    : undefined;
}

function readListWish(said: Understanding, goods: Goods): boolean {
  if (said.topics.has("list")) return true;
  const asksAtAll = said.productParts.some((part) => part.residue === "");
  return asksAtAll && goods.meant.length === 0 && !goods.isMiss;
}

/** A second search by the customer's words finds what is not among the first twenty. */
function withSearchResult(req: ModelRequest, goods: Goods): Goods {
  const [, second] = callsTo(req, "search_products");
  if (second === undefined || goods.meant.length > 0) return goods;
  const found = answerOf(second).products ?? [];
  return found.length === 0 ? goods : { ...goods, meant: found.slice(0, 5), isMiss: false };
}
