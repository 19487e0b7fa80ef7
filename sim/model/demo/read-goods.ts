import type { Cart } from "../prompt-blocks.ts";
import type { ModelRequest } from "../read-request.ts";
import { matchProducts, namedProducts, optionNumbers, pickOption } from "./match-products.ts";
import { readQuantity, splitWishes } from "./quantities.ts";
import { mentions, squeeze, syllables } from "./terms.ts";
import type { Product, ProductOption } from "./tool-results.ts";
import { isQuestion, withoutTopicWords } from "./topics.ts";
import { countsPieces, type Part, type Understanding } from "./understand.ts";

interface Wish {
  product: Product;
  option: ProductOption;
  quantity: number;
}

/** What the customer says about goods, once the catalogue is known. */
export interface Goods {
  /** The products spoken of, by name or by what was spoken of before. */
  meant: Product[];
  isBuying: boolean;
  wishes: Wish[];
  /** Bought, but which size or colour is open. */
  openOption: { product: Product; quantity: number } | undefined;
  /** Bought, but which product is open. */
  openProducts: Product[];
  /** Something was named that the catalogue does not have. */
  isMiss: boolean;
}

const NO_GOODS: Goods = {
  meant: [],
  isBuying: false,
  wishes: [],
  openOption: undefined,
  openProducts: [],
  isMiss: false,
};

export function readGoods(req: ModelRequest, said: Understanding, products: Product[]): Goods {
  if (said.productParts.length === 0 || products.length === 0) return NO_GOODS;
  const offered = readOffer(said, products);
  if (offered !== undefined) return offered;
  const byPayload = productsOfPayload(said.quickReply, products);
  const segments = toSegments(said.productParts, products);
  const readings = segments.map((text) => readSegment(text, { req, said, products, byPayload }));
  const meant = unique(readings.flatMap((reading) => reading.meant));
  const isBuying = decideBuying(
    said,
    readings.some((reading) => reading.hasOption),
  );
  const buying = isBuying ? readings.map((reading) => toPurchase(reading, { req, said, products })) : [];
  return {
    meant,
    isBuying,
    wishes: buying.flatMap((purchase) => purchase.wish ?? []),
    openOption: buying.find((purchase) => purchase.openOption !== undefined)?.openOption,
    openProducts: buying.find((purchase) => purchase.openProducts !== undefined)?.openProducts ?? [],
    isMiss: readings.some((reading) => reading.isMiss),
  };
}

interface Segment {
  text: string;
  meant: Product[];
  hasOption: boolean;
  isMiss: boolean;
}

interface Context {
  req: ModelRequest;
  said: Understanding;
  products: Product[];
}

function readSegment(text: string, context: Context & { byPayload: Product[] }): Segment {
  const { req, said, products, byPayload } = context;
  const matched = byPayload.length > 0 ? byPayload : matchProducts(withoutTopicWords(text), products);
  const before = spokenOfBefore(req, said, products);
  const isAbout = matched.length === 0 && !namesSomethingElse(text, before);
  // Of several that fit, the one we were just speaking of is meant: "the red one".
  const narrowed = matched.length > 1 ? matched.filter((product) => before.includes(product)) : matched;
  const meant = isAbout ? before : narrowed.length === 1 ? narrowed : matched;
  return {
    text,
    meant,
    hasOption: meant.length === 1 && meant.some((product) => pickOption(text, product) !== undefined),
    isMiss: meant.length === 0 && namesSomethingElse(text, before),
  };
}

function toPurchase(segment: Segment, { req, said, products }: Context) {
  const [product] = segment.meant;
  if (product === undefined) return {};
  if (segment.meant.length > 1) return { openProducts: segment.meant };
  const numbers = optionNumbers(said.asked.option === undefined ? segment.meant : products);
  const counted = readQuantity(segment.text, numbers);
  const option = pickOption(segment.text, product) ?? optionOfPayload(said.quickReply, product);
  const quantity = counted ?? askedQuantity(said, product) ?? 1;
  if (option === undefined) return { openOption: { product, quantity } };
  const inCart = lineOf(req.conversation.cart, option)?.quantity ?? 0;
  if (quantity === 0 && inCart === 0) return {};
  const isMore = said.topics.has("more");
  return { wish: { product, option, quantity: isMore ? inCart + quantity : quantity } };
}

/** "Yes" to "shall I put 3 × Red dress (M) in your cart?" */
function readOffer(said: Understanding, products: Product[]): Goods | undefined {
  const { offer } = said.asked;
  if (offer === undefined || !said.topics.has("yes")) return undefined;
  const product = namedProducts(offer.name, products)[0];
  const option = product === undefined ? undefined : pickOption(offer.name, product);
  if (product === undefined || option === undefined) return undefined;
  return {
    ...NO_GOODS,
    meant: [product],
    isBuying: true,
    wishes: [{ product, option, quantity: offer.quantity }],
  };
}

function decideBuying(said: Understanding, hasOption: boolean): boolean {
  if (said.productParts.some((part) => isBuyingPart(part))) return true;
  if (said.quickReply !== undefined && /buy|order|add|cart/iu.test(said.quickReply)) return true;
  if (said.asked.option !== undefined && hasOption) return true;
  return said.asked.isToBuy && said.topics.has("yes");
}

function isBuyingPart(part: Part): boolean {
  const asks = isQuestion(part.text) || part.topics.has("price") || part.topics.has("list");
  if (part.topics.has("buy"))
    return !part.topics.has("price") && !part.topics.has("list") && !part.topics.has("show");
  if (asks || part.topics.has("show") || part.topics.has("stock")) return false;
  return countsPieces(part) || part.topics.has("more");
}

/** The products of the last answer that named any, else of the customer's own last words that did. */
function spokenOfBefore(req: ModelRequest, said: Understanding, products: Product[]): Product[] {
  const { option } = said.asked;
  if (option !== undefined) return namedProducts(option.name, products).slice(0, 1);
  const recent = [said.asked.text, ...req.history.toReversed().map((message) => message.text)].slice(0, 7);
  const position = readPosition(said.productParts.map((part) => part.text).join(" "));
  for (const text of recent) {
    const named = namedProducts(text, products);
    const picked = position === undefined ? undefined : named[position];
    if (picked !== undefined) return [picked];
    if (named.length > 0) return named;
  }
  return [];
}

const POSITIONS = [/\bfirst\b|ပထမ/iu, /\bsecond\b|ဒုတိယ/iu, /\bthird\b|တတိယ/iu];

function readPosition(text: string): number | undefined {
  const position = POSITIONS.findIndex((pattern) => pattern.test(text));
  return position === -1 ? undefined : position;
}

/** Whether words are left that neither count, nor pick an option of what we were speaking of. */
function namesSomethingElse(text: string, before: Product[]): boolean {
  const residue = withoutTopicWords(text);
  if (before.some((product) => pickOptionByWords(residue, product))) return false;
  const words = (residue.match(/[\p{L}\p{M}]+/gu) ?? []).filter(
    (word) => readQuantity(word) === undefined && !POSITIONS.some((pattern) => pattern.test(word)),
  );
  const counted = readQuantity(text) !== undefined && before.length > 0;
  return words.some((word) =>
    /\p{Script=Myanmar}/u.test(word) ? syllables(word).length >= (counted ? 5 : 3) : word.length >= 3,
  );
}

function pickOptionByWords(text: string, product: Product): boolean {
  return product.options.some((option) => option.name !== "" && mentions(text, option.name));
}

function askedQuantity(said: Understanding, product: Product): number | undefined {
  const { option } = said.asked;
  return option !== undefined && squeeze(option.name) === squeeze(product.name) ? option.quantity : undefined;
}

/** Several wishes only where several parts name different products; a name may itself contain an "and". */
function toSegments(parts: Part[], products: Product[]): string[] {
  return parts.flatMap((part) => {
    const pieces = splitWishes(part.text);
    const firsts = pieces.map((piece) => matchProducts(withoutTopicWords(piece), products)[0]?.productId);
    const named = new Set(firsts.filter((id) => id !== undefined));
    if (named.size < 2) return [part.text];
    return pieces.filter((_, at) => firsts[at] !== undefined);
  });
}

function productsOfPayload(payload: string | undefined, products: Product[]): Product[] {
  if (payload === undefined) return [];
  return products.filter(
    (product) => payload.includes(product.productId) || optionOfPayload(payload, product) !== undefined,
  );
}

function optionOfPayload(payload: string | undefined, product: Product): ProductOption | undefined {
  return product.options.find((option) => payload?.includes(option.variantId));
}

export function lineOf(cart: Cart, option: ProductOption): Cart["lines"][number] | undefined {
  return cart.lines.find((line) => line.variantId === option.variantId);
}

function unique(products: Product[]): Product[] {
  return [...new Set(products)];
}
