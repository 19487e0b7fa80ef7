type Searchable = { name: string; description: string; options: readonly { name: string }[] };

/** Beyond this a model reads no more of a catalogue. */
export const mostFound = 20;

/**
 * Products whose name, options or description share words with the query, best first; all of them, in their order,
 * when there is no query. Burmese has no spaces: there, runs of letters are compared by overlapping pieces.
 */
export function searchProducts<Product extends Searchable>(
  products: readonly Product[],
  query: string | null,
): Product[] {
  const wanted = pieces(query ?? "");
  if (wanted.length === 0) return products.slice(0, mostFound);
  return products
    .map((product) => ({ product, score: scoreOf(product, wanted) }))
    .filter(({ score }) => score > 0)
    .toSorted((a, b) => b.score - a.score)
    .slice(0, mostFound)
    .map(({ product }) => product);
}

function scoreOf(product: Searchable, wanted: readonly string[]): number {
  const title = comparable([product.name, ...product.options.map(({ name }) => name)].join(" "));
  const text = comparable(product.description);
  const hits = wanted.map((piece) => (title.includes(piece) ? 3 : 0) + (text.includes(piece) ? 1 : 0));
  const matched = hits.filter((hit) => hit > 0).length;
  // A third of the pieces may miss: endings, particles, spelling.
  return matched * 3 < wanted.length ? 0 : hits.reduce<number>((sum, hit) => sum + hit, 0);
}

const burmese = /[\u1000-\u109f]/u;
const pieceLength = 3;

function pieces(query: string): string[] {
  return comparable(query)
    .split(" ")
    .flatMap((word) => (burmese.test(word) ? overlapping(word) : singular(word)))
    .filter((piece) => piece.length > 1);
}

function overlapping(word: string): string[] {
  const clusters = word.match(/\p{L}\p{M}*|\p{N}+/gu) ?? [];
  if (clusters.length <= pieceLength) return [clusters.join("")];
  return clusters
    .slice(0, clusters.length - pieceLength + 1)
    .map((_, start) => clusters.slice(start, start + pieceLength).join(""));
}

function singular(word: string): string[] {
  if (word.length < 2) return [];
  return [word.length > 3 && word.endsWith("s") ? word.slice(0, -1) : word];
}

function comparable(text: string): string {
  return text
    .normalize("NFC")
    .toLowerCase()
    .replace(/\p{Cf}/gu, "")
    .replace(/[^\p{L}\p{M}\p{N}]+/gu, " ")
    .trim();
}
