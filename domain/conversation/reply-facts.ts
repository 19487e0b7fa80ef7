import type { Currency } from "../money.ts";
import type { DeliveryState, OrderState, PaymentState } from "../order/states.ts";
import { findAmounts, readableNumbers } from "../payment/find-amounts.ts";
import { leadingZerosOf, lettersOf } from "./reply-disguises.ts";
import { findOffers } from "./reply-offers.ts";

/** A state that a reply says to have been reached. */
export type ReplyClaim = "placed" | "paid" | "shipped" | "delivered" | "cancelled" | "refunded";

/** What this turn's records say, and therefore all that a reply may say. Never filled from the customer's words. */
export type ReplyFacts = {
  currency: Currency;
  /** 0 allows "free delivery". */
  amountsMinor: readonly number[];
  /** Digits of phones, accounts, stock, sizes, hours; percentages as `10%`; `001` and `09` also as written. */
  numbers: readonly string[];
  links: readonly string[];
  orderNumbers: readonly string[];
  /** TypeIDs and uuids. */
  ids: readonly string[];
  /** What the shop itself promises for less or for nothing, in its words. */
  offers: readonly string[];
  /** Letters of scripts other than Latin and Burmese that the shop itself writes. */
  letters: string;
  claims: readonly ReplyClaim[];
};

type Collected = {
  amountsMinor: Set<number>;
  numbers: Set<string>;
  links: Set<string>;
  orderNumbers: Set<string>;
  ids: Set<string>;
  offers: Set<string>;
  letters: Set<string>;
};

/**
 * Gathers the facts from the JSON that the model was given: the prompt's blocks and the tools' results.
 * `records` must hold nothing that only the customer said (the arguments of a call, a message).
 */
export function collectReplyFacts(input: {
  currency: Currency;
  records: readonly unknown[];
  claims: readonly ReplyClaim[];
}): ReplyFacts {
  const collected: Collected = {
    amountsMinor: new Set(),
    numbers: new Set(),
    links: new Set(),
    orderNumbers: new Set(),
    ids: new Set(),
    offers: new Set(),
    letters: new Set(),
  };
  for (const record of input.records) collect(record, "", input.currency, collected);
  return {
    currency: input.currency,
    amountsMinor: [...collected.amountsMinor],
    numbers: [...collected.numbers],
    links: [...collected.links],
    orderNumbers: [...collected.orderNumbers],
    ids: [...collected.ids],
    offers: [...collected.offers],
    letters: [...collected.letters].join(""),
    claims: input.claims,
  };
}

/** What may be said of orders in these states. */
export function claimsOfOrders(
  orders: readonly { order: OrderState; payment: PaymentState; fulfilment: DeliveryState }[],
): ReplyClaim[] {
  const claims = new Set<ReplyClaim>();
  for (const { order, payment, fulfilment } of orders) {
    if (order === "placed" || order === "completed") claims.add("placed");
    if (order === "cancelled") claims.add("cancelled");
    if (payment === "paid") claims.add("paid");
    if (payment === "refunded") claims.add("refunded");
    if (fulfilment === "shipped" || fulfilment === "delivered") claims.add("shipped");
    if (fulfilment === "delivered") claims.add("delivered");
  }
  return [...claims];
}

/** Links, bare domains and mail addresses, as written. */
export const linkPattern =
  /(?:[a-z][a-z0-9+.-]*:\/\/|www\.|mailto:|tel:)[^\s<>"”）)]+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+|(?<![\w@])(?:[\w-]+\.)+(?:com|net|org|me|io|co|mm|info|xyz|shop|store|app|link|ly|gl|biz|online|site|top|ru|cn|th|id|sg|my|page|dev|ai|example|click|live|pro|vip|club|cc|tk|icu|fun|win|bid|cash|money|bank|pay|asia|world|uk|de|jp|kr|vn|tv|ws|su|pw|ga|cf|ml)(?![\w-])(?:\/[^\s<>"”）)]*)?/giu;

/** What is no link until somebody reads it aloud, and names of any ending with a path behind them. */
export const disguisedLinkPattern =
  /\bhxxps?\S*|[\w-]+\s*(?:\[\.\]|\(\.\)|\[dot\]|\(dot\))\s*[\w-]+|\b[\w-]+\s+dot\s+[a-z]{2,}\b|(?<![\w@/.])[\w-]{2,}\.[a-z]{2,}\/[^\s<>"”）)]+/giu;

export const idPattern =
  /(?<![a-z0-9])(?:[a-z]{2,5}_[0-9a-hjkmnp-tv-z]{26}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?![a-z0-9])/giu;

/** Digits with what people write between the digits of one number: `09 791-234 567`, `+95 (9) 79…`. */
export const numberRunPattern = /(?<!\d[.,]?)\+?\(?\d(?:[\d \t().\-–]*\d)?/gu;

export const freeDeliveryPattern =
  /free\s+(?:delivery|shipping)|(?:delivery|shipping)(?:\s+fee)?\s+(?:is|are)\s+(?:\w+\s+)?free|ပို့(?:ဆောင်)?(?:ခ|ဆောင်မှု)[^။\n]{0,12}(?:အခမဲ့|မယူ|အလကား|ဖရီး)|(?:အခမဲ့|အလကား|ဖရီး)\s*ပို့/giu;

/** One form for comparing: lower case, no closing punctuation or slash. */
export function comparableLink(link: string): string {
  return link
    .toLowerCase()
    .replace(/[.,!?;:။၊]+$/u, "")
    .replace(/\/$/u, "");
}

/** Digits only; +95 9…, 09… and 9… are one phone. */
export function comparableNumber(text: string): string {
  return text.replace(/\D/gu, "").replace(/^(?:0*95(?=9\d{6})|0+(?=\d))/u, "");
}

function collect(value: unknown, key: string, currency: Currency, into: Collected): void {
  if (typeof value === "number") into.numbers.add(comparableNumber(String(Math.abs(value))));
  else if (typeof value === "string") collectText(value, key, currency, into);
  else if (Array.isArray(value)) for (const item of value) collect(item, key, currency, into);
  else if (typeof value === "object" && value !== null) {
    for (const [name, item] of Object.entries(value)) collect(item, name, currency, into);
  }
}

function collectText(value: string, key: string, currency: Currency, into: Collected): void {
  if (key === "orderNumber") into.orderNumbers.add(value);
  const text = readableNumbers(value);
  for (const offer of findOffers(text, false)) into.offers.add(offer);
  for (const run of lettersOf(value)) for (const letter of run) into.letters.add(letter);
  for (const pattern of [linkPattern, disguisedLinkPattern]) {
    for (const [link] of text.matchAll(pattern)) into.links.add(comparableLink(link));
  }
  for (const [id] of text.matchAll(idPattern)) into.ids.add(id.toLowerCase());
  const plain = text.replace(linkPattern, " ").replace(idPattern, " ");
  for (const found of findAmounts(plain, currency)) {
    if (found.hasCurrency && !found.isForeign && found.amountMinor !== null) {
      into.amountsMinor.add(found.amountMinor);
    } else into.numbers.add(comparableNumber(found.text));
  }
  for (const [run] of plain.matchAll(numberRunPattern)) into.numbers.add(comparableNumber(run));
  for (const written of leadingZerosOf(plain)) into.numbers.add(written);
  for (const [percent] of plain.matchAll(/(?<!\d)\d+(?=\s*%)/gu)) into.numbers.add(`${percent}%`);
  if (new RegExp(freeDeliveryPattern.source, "iu").test(plain)) into.amountsMinor.add(0);
  if (key === "feeText" && !/\d/u.test(plain)) into.amountsMinor.add(0);
}
