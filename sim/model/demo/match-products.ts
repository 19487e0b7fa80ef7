import type { Product, ProductOption } from "./tool-results.ts";
import { mentions, normalise, termsOf } from "./terms.ts";

const NAME_WEIGHT = 3;
const OPTION_WEIGHT = 2;
const DESCRIPTION_WEIGHT = 1;
/** How close to the best a product must score to be meant as well. */
const CLOSE_ENOUGH = 0.7;

interface Indexed {
  product: Product;
  name: Set<string>;
  options: Set<string>;
  description: Set<string>;
}

/** The products that a text speaks about, best first; empty when it speaks about none of them. */
export function matchProducts(text: string, products: Product[]): Product[] {
  const index = products.map(indexProduct);
  const asked = termsOf(text);
  const scored = index
    .map((entry) => ({ product: entry.product, score: score(entry, asked, index, text) }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score);
  const best = scored[0]?.score ?? 0;
  return scored.filter(({ score }) => score >= best * CLOSE_ENOUGH).map(({ product }) => product);
}

/** Products whose full name stands in a text, in the order in which it names them. */
export function namedProducts(text: string, products: Product[]): Product[] {
  const normal = normalise(text);
  return products
    .filter((product) => mentions(text, product.name))
    .filter((product, _, all) => !all.some((other) => isLongerName(other, product, text)))
    .sort((a, b) => normal.indexOf(normalise(a.name)) - normal.indexOf(normalise(b.name)));
}

/** The one option that a text picks, or the only one that there is; undefined leaves the question open. */
export function pickOption(text: string, product: Product): ProductOption | undefined {
  const only = product.options[0];
  if (product.options.length === 1) return only;
  const scored = product.options
    .map((option) => ({ option, score: optionScore(text, option, product) }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score);
  const [best, second] = scored;
  if (best === undefined || best.score === second?.score) return undefined;
  return best.option;
}

/** Numbers that are part of option names ("size 39", "500 g"), which are therefore no quantities. */
export function optionNumbers(products: Product[]): Set<string> {
  const names = products.flatMap((product) => [
    product.name,
    ...product.options.map((option) => option.name),
  ]);
  return new Set(names.flatMap((name) => normalise(name).match(/\d+/gu) ?? []));
}

/** The cheapest thing in stock. Amounts are read for comparing only; what is said is always the text itself. */
export function cheapestOf(products: Product[]): { product: Product; option: ProductOption } | undefined {
  return products
    .flatMap((product) => product.options.map((option) => ({ product, option })))
    .filter(({ option }) => option.available > 0)
    .sort((a, b) => amountOf(a.option.priceText) - amountOf(b.option.priceText))[0];
}

function amountOf(priceText: string): number {
  return Number(normalise(priceText).replace(/[^\d.]/gu, "")) || 0;
}

function indexProduct(product: Product): Indexed {
  return {
    product,
    name: termsOf(product.name),
    options: termsOf(product.options.map((option) => option.name).join(" ")),
    description: termsOf(product.description),
  };
}

function score(entry: Indexed, asked: Set<string>, index: Indexed[], text: string): number {
  let sum = 0;
  let hasStrongTerm = false;
  let weakTerms = 0;
  for (const term of asked) {
    const weight = weightOf(term, entry);
    if (weight === 0) continue;
    if (weight > DESCRIPTION_WEIGHT || term.startsWith("#")) hasStrongTerm = true;
    else weakTerms += 1;
    sum += weight * rarity(term, index);
  }
  const covered = [...entry.name].filter((term) => asked.has(term)).length / Math.max(entry.name.size, 1);
  if (mentions(text, entry.product.name)) return sum * 2;
  return hasStrongTerm || weakTerms >= 2 ? sum * (0.7 + 0.3 * covered) : 0;
}

function weightOf(term: string, entry: Indexed): number {
  if (entry.name.has(term)) return NAME_WEIGHT;
  // A size or a number alone chooses an option of a product that is already known, it does not find one.
  if (entry.options.has(term) && term.length > 2 && !/^\d+$/u.test(term)) return OPTION_WEIGHT;
  return entry.description.has(term) && term.length > 2 ? DESCRIPTION_WEIGHT : 0;
}

function rarity(term: string, index: Indexed[]): number {
  const holders = index.filter((entry) => weightOf(term, entry) > 0).length;
  return Math.log(1 + index.length / Math.max(holders, 1));
}

function isLongerName(other: Product, product: Product, text: string): boolean {
  const isLonger = other.name.length > product.name.length && mentions(other.name, product.name);
  return isLonger && mentions(text, other.name) && !mentions(text.replaceAll(other.name, " "), product.name);
}

function optionScore(text: string, option: ProductOption, product: Product): number {
  if (mentions(text, option.name)) return 10 + option.name.length;
  const asked = termsOf(text.replaceAll(product.name, " "));
  const parts = [...termsOf(spellSizes(option.name))];
  return parts.filter((part) => asked.has(part)).length;
}

/** "S" and "small" are one size. */
function spellSizes(name: string): string {
  return name.replace(/\bS\b/gu, "S small").replace(/\bM\b/gu, "M medium").replace(/\bL\b/gu, "L large");
}
