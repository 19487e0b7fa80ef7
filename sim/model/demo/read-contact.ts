import type { ContactField } from "../prompt-blocks.ts";
import { conceptsOf } from "./glossary.ts";
import { isMethodNamed, splitMethod, type PaymentMethod } from "./read-method.ts";
import { mentions, normalise, squeeze } from "./terms.ts";
import { isQuestion, topicsOf, withoutTopicWords, type Topic } from "./topics.ts";

export type Contact = Partial<Record<ContactField, string>>;

/** "Please change my address to …". */
const CHANGE_LEAD =
  "(?:(?:(?:please|can you|could you|i(?:'d| would)? (?:like|want) to|i need to) )*(?:change|update|correct|edit|set) )?";
const LABELS: Record<ContactField, RegExp> = {
  name: label(
    "(?:my |the |customer |receiver(?:'s)? )?(?:new )?name",
    "(?:ကျွန်တော့်|ကျွန်မ|ကျမ|လက်ခံသူ|လက်ခံမည့်သူ)?\\s*(?:နာမည်|အမည်)",
  ),
  phone: label(
    "(?:my |the )?(?:new )?(?:phone|ph|tel|telephone|mobile|contact)(?: ?(?:number|no))?",
    "(?:ကျွန်တော့်|ကျွန်မ)?\\s*ဖုန်း(?:နံပါတ်|နာပတ်|နံပတ်|နံပါတ်က)?",
  ),
  township: label("(?:my |the )?(?:new )?(?:township|tsp)", "မြို့နယ်"),
  address: label(
    "(?:my |the )?(?:(?:new|home|delivery|shipping|full) )*(?:address|addr)",
    "(?:အိမ်|နေရပ်|ပို့ရမည့်|ပို့ရမယ့်|ပို့ဆောင်ရမည့်)?\\s*လိပ်စာ(?:အပြည့်အစုံ)?",
  ),
};
const FIELDS = ["name", "phone", "township", "address"] as const;
/** "အမှတ် ၇၊ ပြည်လမ်း ပြောင်းပေးပါ": the verb behind the new value. */
const CHANGE_TAIL = /\s*(?:ကို|လို့|အဖြစ်)?\s*(?:ပြောင်း|ပြင်)(?:ပေး|ချင်|မယ်|လိုက်|ပါ|တယ်|နော်)*[။\s]*$/u;
const PHONE = /(?:\+?[9၉][5၅][\s-]?|[0၀ဝ])[9၉](?:[\s-]?[\d၀-၉ဝ]){6,9}(?![\d၀-၉])|\+\d(?:[\s-]?\d){7,13}/u;
/** Digits that are meant as a phone number, which the product then refuses with its own reason. */
const BROKEN_PHONE = /^\D{0,12}(?:[\d၀-၉][\s-]?){5,}$/u;
const ADDRESS_WORDS =
  /\b(?:no|st|street|road|rd|lane|avenue|ave|block|ward|room|floor|flat|apt|apartment|building|condo|tower|house|quarter|village)\b|#\d|လမ်း|အမှတ်|တိုက်|အခန်း|ရပ်ကွက်|အလွှာ|ထပ်|ကွန်ဒို|အိမ်|ရွာ|ကျေးရွာ|ဘလောက်/iu;
const TITLE =
  /^(?:daw|u|ma|ko|mg|maung|saw|nang|sai|mr|mrs|ms|dr)\b\.?\s+\p{L}|^(?:ဒေါ်|ဦး|မောင်|နန်း|စိုင်း|မစ္စ|ဒေါက်တာ)/iu;
const POLITE = /(?:\s*(?:ပါရှင့်|ပါခင်ဗျာ?|ပါတယ်ရှင့်|ပါတယ်|ပါရှင်|ရှင့်|ရှင်|ခင်ဗျာ?|ဗျာ?|နော်|ပါ|please|pls))+\s*[။.!]*$/iu;
const LEAD =
  /^(?:(?:and|please) )?(?:(?:i(?:'m| am)? )?(?:live|stay|staying|living)? ?(?:in|at)|(?:deliver|send|ship) (?:it )?to)(?:\s+|$)/iu;
const TOWNSHIP_TAIL = /\s*(?:မြို့နယ်|township|tsp\.?)/iu;
/** A message with one of these asks for something else than to be written down. */
const NOT_CONTACT: Topic[] = [
  "buy",
  "cancel",
  "person",
  "angry",
  "status",
  "remove",
  "machine",
  "paid",
  "checkout",
];

interface Options {
  /** Names of zones and townships; the shop decides which of them it delivers to. */
  zones: string[];
  methods: PaymentMethod[];
  /** What our last message asked for; an answer to it needs no label. */
  asked: ContactField[];
  /** What the shop wrote before: a loose word out of it is more likely a product than a name. */
  known: string;
  /** The order still lacks a township, so that the bare name of one is an answer. */
  isTownshipNeeded: boolean;
  /** We asked what to change: a phone, a township or an address is then an answer without a label. */
  isChange: boolean;
}

/** Takes what is contact data out of a message, verbatim (the product checks that the customer said it). */
export function readContact(text: string, options: Options): { contact: Contact; rest: string } {
  const pieces = toPieces(text, options);
  const contact: Contact = {};
  const rest: string[] = [];
  const loose: string[] = [];
  let open: ContactField | undefined;
  for (const piece of pieces) {
    const labelled = readLabel(piece);
    if (labelled !== undefined) {
      contact[labelled.field] = labelled.value;
      open = labelled.field === "address" ? "address" : undefined;
    } else if (PHONE.test(piece)) contact.phone = piece;
    else if (open === "address" && findZone(piece, options.zones) === undefined) {
      contact.address = joinVerbatim(text, contact.address, piece);
    } else loose.push(piece);
  }
  const isBareTownship = options.isTownshipNeeded && findZone(text, options.zones) !== undefined;
  const isContactBlock =
    Object.keys(contact).length > 0 || options.asked.length > 0 || isBareTownship || options.isChange;
  const isPlace = (piece: string) =>
    ADDRESS_WORDS.test(piece) || findZone(piece, options.zones) !== undefined;
  for (const piece of [...loose.filter(isPlace), ...loose.filter((piece) => !isPlace(piece))]) {
    const field = isContactBlock ? guessField(piece, contact, options, loose.length) : undefined;
    if (field === undefined) rest.push(piece);
    else if (field === "address") contact.address = joinVerbatim(text, contact.address, piece);
    else contact[field] = clean(piece, field);
  }
  const found = dropEmpty(contact);
  return { contact: found, rest: Object.keys(found).length === 0 ? text : rest.join("\n") };
}

function guessField(
  piece: string,
  contact: Contact,
  { zones, methods, asked, known }: Options,
  pieces: number,
): ContactField | undefined {
  if (isQuestion(piece)) return undefined;
  const topics = topicsOf(piece);
  const looksLikeAddress = ADDRESS_WORDS.test(piece);
  if (!looksLikeAddress && isMethodNamed(piece, methods)) return undefined;
  if (!looksLikeAddress && NOT_CONTACT.some((topic) => topics.has(topic))) return undefined;
  if (contact.township === undefined && findZone(piece, zones) !== undefined) return "township";
  if (asked.includes("phone") && contact.phone === undefined && BROKEN_PHONE.test(piece)) return "phone";
  if (looksLikeAddress && /[\p{L}\d]/u.test(piece)) return "address";
  if (topics.size > 0 || isFromCatalogue(piece, known)) return undefined;
  const [only] = asked;
  if (
    asked.length === 1 &&
    only !== undefined &&
    only !== "phone" &&
    contact[only] === undefined &&
    pieces <= 3
  ) {
    return only;
  }
  if (TITLE.test(piece) && contact.name === undefined) return "name";
  const isWords = !/[\d၀-၉]/u.test(piece) && squeeze(piece).length >= 2;
  if (asked.includes("name") && contact.name === undefined && isWords) return "name";
  if (contact.phone !== undefined && contact.name === undefined && isWords && asked.length === 0)
    return "name";
  if (asked.includes("township") && contact.township === undefined && isWords) return "township";
  return asked.includes("address") ? "address" : undefined;
}

function isFromCatalogue(piece: string, known: string): boolean {
  const words = withoutTopicWords(piece)
    .split(" ")
    .filter((word) => word.length > 2);
  return (
    conceptsOf(normalise(piece)).length > 0 ||
    (words.length > 0 && words.every((word) => mentions(known, word)))
  );
}

/** The zone that a piece names, alone or with "township" behind it. */
function findZone(piece: string, zones: string[]): string | undefined {
  const wanted = squeeze(clean(piece, "township"));
  return zones.find((zone) => squeeze(zone) === wanted || zoneNames(zone).includes(wanted));
}

/** "Hlaing (လှိုင်)" and "Hlaing / လှိုင်" have two names. */
function zoneNames(zone: string): string[] {
  return zone
    .split(/[()/,|]/u)
    .map(squeeze)
    .filter((name) => name !== "");
}

/** The township that a sentence speaks of: the longest zone name that stands in it. */
export function mentionedZone(text: string, zones: string[]): string | undefined {
  const squeezed = squeeze(text);
  const found = zones
    .flatMap((zone) => [squeeze(zone), ...zoneNames(zone)].map((name) => ({ zone, name })))
    .filter(({ name }) => name.length > 1 && squeezed.includes(name))
    .sort((a, b) => b.name.length - a.name.length);
  return found[0]?.zone;
}

/** Lines and comma parts; a phone or a township inside a part splits it once more. */
function toPieces(text: string, { zones, methods }: Options): string[] {
  const parts = text.split(/[\n,၊;|]+/u).flatMap((part) => splitAround(part, PHONE));
  // "Thida Hlaing, Bahan" holds one township: what stands for itself leaves other words alone.
  const isApart = parts.some((part) => findZone(part.trim(), zones) !== undefined);
  return parts
    .flatMap((part) => (isApart ? [part] : splitZone(part, zones)))
    .flatMap((part) => (ADDRESS_WORDS.test(part) ? splitMethod(part, methods) : [part]))
    .map((part) => part.replace(/^[\s.။:-]+|[\s။]+$/gu, "").replace(LEAD, ""))
    .filter((part) => part !== "");
}

function splitAround(part: string, pattern: RegExp): string[] {
  const found = pattern.exec(part);
  if (found === null) return [part];
  const before = part.slice(0, found.index);
  if (readLabel(`${before}x`)?.field === "phone" && readLabel(`${before}x`)?.value === "x") {
    return [part.slice(0, found.index + found[0].length), part.slice(found.index + found[0].length)];
  }
  const name = before.replace(
    new RegExp(`(?:\\b(?:phone|ph|tel)|ဖုန်း(?:နံပါတ်)?)(?:\\s*(?:is|က))?[\\s.:=-]*$`, "iu"),
    "",
  );
  return [name, found[0], part.slice(found.index + found[0].length)];
}

function splitZone(part: string, zones: string[]): string[] {
  if (readLabel(part) !== undefined && !ADDRESS_WORDS.test(part)) return [part];
  const normal = normalise(part);
  // Offsets in the normal form must be offsets in the text, else nothing is cut.
  if (normal.length !== part.length) return [part];
  const names = zones.flatMap((zone) => zone.split(/[()/,|]/u)).map((name) => normalise(name).trim());
  for (const name of names.filter((name) => name !== "").sort((a, b) => b.length - a.length)) {
    const at = normal.lastIndexOf(name);
    if (at === -1) continue;
    const after = part.slice(at + name.length);
    const tail = new RegExp(`^${TOWNSHIP_TAIL.source}`, "iu").exec(after)?.[0] ?? "";
    const isStreet = /^\s*(?:road|rd|street|st|lane|ave|လမ်း)/iu.test(after);
    const isWhole = /^$|^[\s.။)]/u.test(after) || tail !== "";
    const startsWhole = at === 0 || /[\s(]$/u.test(part.slice(0, at));
    if (isStreet || !isWhole || !startsWhole) continue;
    return [part.slice(0, at), part.slice(at, at + name.length + tail.length), after.slice(tail.length)];
  }
  return [part];
}

function readLabel(piece: string): { field: ContactField; value: string } | undefined {
  for (const field of FIELDS) {
    const value = LABELS[field].exec(piece)?.[1]?.trim();
    if (value !== undefined && value !== "" && !isQuestion(piece))
      return { field, value: clean(value, field) };
  }
  return undefined;
}

function label(english: string, burmese: string): RegExp {
  return new RegExp(
    `^\\s*(?:${CHANGE_LEAD}(?:${english})\\b\\s*(?:is\\b|(?:in)?to\\b|should be\\b|[:：=\\-–—.])\\s*|(?:${burmese})\\s*(?:ကတော့|က(?!ို)|ကို(?=.*(?:ပြောင်း|ပြင်))|မှာ|[:：=\\-–—။])?\\s*)(.+)$`,
    "iu",
  );
}

function clean(value: string, field: ContactField): string {
  const polite = value.replace(POLITE, "").replace(CHANGE_TAIL, "").trim();
  if (field === "phone") return /[+\d၀-၉ဝ][\d၀-၉ဝ\s-]{3,}[\d၀-၉]/u.exec(value)?.[0] ?? polite;
  return field === "township"
    ? polite.replace(new RegExp(`${TOWNSHIP_TAIL.source}$`, "iu"), "").trim()
    : polite;
}

/** Two parts that stand next to each other in the message are kept with what stands between them. */
function joinVerbatim(text: string, before: string | undefined, piece: string): string {
  if (before === undefined) return piece;
  const start = text.indexOf(before);
  const end = text.indexOf(piece, start + before.length);
  const between = start === -1 || end === -1 ? "" : text.slice(start + before.length, end);
  return /^[\s,၊;|.-]+$/u.test(between) ? `${before}${between}${piece}` : `${before}, ${piece}`;
}

function dropEmpty(contact: Contact): Contact {
  return Object.fromEntries(Object.entries(contact).filter(([, value]) => value.trim() !== ""));
}
