import { findAmounts, readableNumbers } from "../payment/find-amounts.ts";
import type { FoundAmount } from "../payment/find-amounts.ts";
import { findClaims } from "./reply-claims.ts";
import { findHiddenNumbers, findHiddenWords, withoutLetterZeros } from "./reply-disguises.ts";
import {
  comparableLink,
  comparableNumber,
  disguisedLinkPattern,
  freeDeliveryPattern,
  idPattern,
  linkPattern,
  numberRunPattern,
} from "./reply-facts.ts";
import type { ReplyFacts } from "./reply-facts.ts";
import { findOffers, findSecretRequests } from "./reply-offers.ts";
import { maskSecrets } from "../text/mask-secrets.ts";

export type ReplyProblemKind =
  | "too_long"
  | "markup"
  | "link"
  | "id"
  | "order_number"
  | "amount"
  | "number"
  | "discount"
  | "claim"
  | "secret"
  | "hidden"
  | "prompt"
  | "cut";

/** `found` is the model's text: it may go back to the model for repair, never into a log. */
export type ReplyProblem = { kind: ReplyProblemKind; found: string };
export type ReplyCheck = { ok: true } | { ok: false; problems: ReplyProblem[] };

export const longestReply = 2_000;

type Reply = {
  text: string;
  facts: ReplyFacts;
  /** What the model was told to do; nothing of it may be repeated at length. */
  rules?: string;
};

/**
 * Whether a text of the model says only what this turn's records say: amounts, numbers of four digits and more, phones and
 * accounts, links, ids, order numbers, discounts and reached states. Numbers of one to three digits without a currency pass.
 * Letters of other scripts, words letter by letter and `rules` word for word pass as little as a request for a secret.
 */
export function checkReply({ text, facts, rules = "" }: Reply): ReplyCheck {
  if (text.length > longestReply) return { ok: false, problems: [{ kind: "too_long", found: "" }] };
  const readable = withoutLetterZeros(readableNumbers(text));
  const withoutLinks = readable.replace(linkPattern, blank).replace(idPattern, blank);
  const problems = [
    ...findMarkup(text),
    ...findHiddenWords(text, facts.letters).map((found): ReplyProblem => ({ kind: "hidden", found })),
    ...findRules(text, rules),
    ...findSecretRequests(readable).map((found): ReplyProblem => ({ kind: "secret", found })),
    // Whatever the records hold: a card number, a password or a key is no answer.
    ...maskSecrets(text).masked.map((found): ReplyProblem => ({ kind: "secret", found })),
    ...[linkPattern, disguisedLinkPattern].flatMap((pattern) =>
      unknown("link", readable, pattern, (link) =>
        facts.links.some((known) => comparableLink(known) === comparableLink(link)),
      ),
    ),
    ...unknown("id", readable.replace(linkPattern, blank), idPattern, (id) =>
      facts.ids.includes(id.toLowerCase()),
    ),
    ...checkOrderNumbers(withoutLinks, facts),
    ...checkNumbers(withoutOrderNumbers(withoutLinks), facts),
    ...checkWords(withoutLinks, facts),
    ...findClaims(readable)
      .filter(({ claim }) => !facts.claims.includes(claim))
      .map(({ found }): ReplyProblem => ({ kind: "claim", found })),
  ];
  return problems.length === 0 ? { ok: true } : { ok: false, problems };
}

/** So many letters in a row are no coincidence. */
const repeatedLetters = 40;

function findRules(text: string, rules: string): ReplyProblem[] {
  const [said, told] = [text, rules].map((words) => words.toLowerCase().replace(/\P{L}/gu, ""));
  if (said === undefined || told === undefined) return [];
  for (let at = 0; at + repeatedLetters <= said.length; at += 1) {
    const piece = said.slice(at, at + repeatedLetters);
    if (told.includes(piece)) return [{ kind: "prompt", found: piece }];
  }
  return [];
}

/**
 * Messenger shows markup as it is written; bidirectional signs can make a text read otherwise than it is checked; and no
 * shop speaks with the marks by which a prompt tells its speakers apart.
 */
const markup =
  /(?<![\p{L}\p{N}])(?:system|assistant|developer)\s*:|<[/!a-z][^>]*>|javascript:|```|\{\s*"|"\s*:\s*["{[]|\*\*|\]\(|^#{1,6}\s|&(?:#\w+|[a-z]+);|[\u202a-\u202e\u2066-\u2069]/gimu;

function findMarkup(text: string): ReplyProblem[] {
  return [...text.matchAll(markup)].map(([found]) => ({ kind: "markup", found }));
}

function unknown(
  kind: ReplyProblemKind,
  text: string,
  pattern: RegExp,
  isKnown: (found: string) => boolean,
): ReplyProblem[] {
  return [...text.matchAll(pattern)].filter(([found]) => !isKnown(found)).map(([found]) => ({ kind, found }));
}

const orderNumber =
  /(?:#\s?|(?:order|အော်ဒါ|မှာယူမှု)\s*(?:no\.?|number|id|နံပါတ်|အမှတ်)?\s*(?:is|က|-|:)?\s*#?\s?)(?<code>(?:[A-Za-z]{1,5}-?)?\d{3,}[A-Za-z0-9-]*)(?![A-Za-z0-9]|[.,]\d|\s*(?:ကျပ်|kyats?|ks|mmk))/giu;

function checkOrderNumbers(text: string, facts: ReplyFacts): ReplyProblem[] {
  const known = new Set(facts.orderNumbers.map(comparableCode));
  return [...text.matchAll(orderNumber)]
    .filter((match) => !known.has(comparableCode(match.groups?.["code"] ?? "")))
    .map(([found]) => ({ kind: "order_number", found }));
}

/** Whatever was judged as an order number is not judged again as an amount. */
function withoutOrderNumbers(text: string): string {
  return text.replace(orderNumber, blank);
}

function comparableCode(code: string): string {
  return readableNumbers(code)
    .toUpperCase()
    .replace(/[^A-Z0-9]/gu, "");
}

function checkNumbers(text: string, facts: ReplyFacts): ReplyProblem[] {
  const known = knownNumbers(facts);
  const problems: ReplyProblem[] = [];
  const rest = text.replace(numberRunPattern, (run) => {
    const isKnown = known.has(comparableNumber(run));
    if (isKnown) return isLong(run) ? blank(run) : run;
    if (!isWrittenInGroups(run)) return run;
    problems.push({ kind: "number", found: run });
    return blank(run);
  });
  const hidden = findHiddenNumbers(rest, facts.numbers).map((found): ReplyProblem => ({
    kind: "number",
    found,
  }));
  const amounts = findAmounts(rest, facts.currency).map((found) => judgeAmount(found, facts, known));
  return [...problems, ...hidden, ...amounts.filter((problem) => problem !== undefined)];
}

function knownNumbers({ numbers, orderNumbers }: ReplyFacts): ReadonlySet<string> {
  return new Set([
    ...numbers.filter((number) => !number.endsWith("%")).map(comparableNumber),
    ...orderNumbers.map(comparableNumber),
  ]);
}

/** One number in several groups: starts as phones do, or digit by digit, or far longer than a list of sizes. */
function isWrittenInGroups(run: string): boolean {
  const groups = run.split(/\D+/u).filter((group) => group !== "");
  const length = groups.join("").length;
  if (/^\D*0/u.test(run) || run.startsWith("+")) return length >= 7;
  if (groups.some((group) => group.length > 3)) return false;
  return groups.length >= 6 && groups.every((group) => group.length === 1) ? true : length >= 9;
}

/** A phone or an account; anything that could be an amount is judged as one as well. */
function isLong(run: string): boolean {
  return run.replace(/\D/gu, "").length >= 7 && /^0|\D/u.test(run);
}

function judgeAmount(
  found: FoundAmount,
  facts: ReplyFacts,
  known: ReadonlySet<string>,
): ReplyProblem | undefined {
  const isAmount =
    !found.isForeign && found.amountMinor !== null && facts.amountsMinor.includes(found.amountMinor);
  if (isAmount) return undefined;
  if (found.hasCurrency) return { kind: "amount", found: found.text };
  if (known.has(comparableNumber(found.text)) && !found.hasUnit) return undefined;
  if (found.hasUnit) return { kind: "amount", found: found.text };
  return found.text.replace(/\D/gu, "").length >= 4 ? { kind: "number", found: found.text } : undefined;
}

const spelledAmount =
  /\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\w+teen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred)[\s-]+(?:hundred|thousand|lakhs?|million|kyats?|ks|mmk|bahts?|dollars?)\b|(?:တစ်|တစ|နှစ်|သုံး|လေး|ငါး|ခြောက်|ခုနစ်|ခုနှစ်|ရှစ်|ကိုး|ဆယ်)\s*(?:ထောင်|သောင်း|သိန်း|သန်း|(?:ရာ|ဆယ်)?\s*ကျပ်(?!သား))/giu;
const discount =
  /(?<before>\d+)\s*%\s*(?:off|discount|cheaper|less|လျှော့|လျော့)|(?:discount|sale|save|လျှော့|လျော့)[^.!?။\n]{0,20}?(?<after>\d+)\s*%/giu;

/** Amounts in words are refused as such: they are hard to compare and the prompt asks for digits. */
function checkWords(text: string, facts: ReplyFacts): ReplyProblem[] {
  const free = facts.amountsMinor.includes(0) ? [] : [...text.matchAll(freeDeliveryPattern)];
  const discounts = [...text.matchAll(discount)].filter(({ groups }) => {
    const percent = groups?.["before"] ?? groups?.["after"] ?? "";
    return !facts.numbers.includes(`${percent}%`);
  });
  const isPaid = facts.claims.some((claim) => claim !== "placed" && claim !== "shipped");
  const offers = findOffers(text.replace(freeDeliveryPattern, blank), isPaid).filter(
    (offer) => !facts.offers.includes(offer),
  );
  return [
    ...[...text.matchAll(spelledAmount)].map(([found]): ReplyProblem => ({ kind: "amount", found })),
    ...[...free, ...discounts].map(([found]): ReplyProblem => ({ kind: "discount", found })),
    ...offers.map((found): ReplyProblem => ({ kind: "discount", found })),
  ];
}

function blank(text: string): string {
  return " ".repeat(text.length);
}
