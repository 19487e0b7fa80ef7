import type { Language } from "../prompt-blocks.ts";
import type { ModelRequest } from "../read-request.ts";
import { fieldsIn, readOwnQuestions, type OwnQuestions } from "./own-questions.ts";
import { KNOWN_TOWNSHIPS, zoneOfCity } from "./places.ts";
import { mentionedZone, readContact, type Contact } from "./read-contact.ts";
import { findMethod, isMethodNamed, withoutMethods } from "./read-method.ts";
import { readQuantity } from "./quantities.ts";
import { normalise, squeeze } from "./terms.ts";
import { answerOf } from "./tool-results.ts";
import { isQuestion, topicsOf, withoutTopicWords, type Topic } from "./topics.ts";

type Marker = "photo" | "voice" | "sticker" | "unsupported";
type PolicyTopic = "hours" | "delivery" | "returns" | "payment";

/** One sentence of the customer, without what was contact data in it. */
export interface Part {
  text: string;
  topics: Set<Topic>;
  /** What is left without the words of topics: perhaps the name of a product. */
  residue: string;
}

export interface Understanding {
  language: Language;
  parts: Part[];
  topics: Set<Topic>;
  /** The parts that speak about goods; empty when no look at the catalogue is needed. */
  productParts: Part[];
  contact: Contact;
  methodId: string | undefined;
  policies: PolicyTopic[];
  zone: string | undefined;
  quickReply: string | undefined;
  markers: Set<Marker>;
  asked: OwnQuestions;
}

const QUICK_REPLY = /\[quick reply: ([^\]]*)\]/u;
const MARKERS: Record<Marker, RegExp> = {
  photo: /\[image[^\]]*\]/u,
  voice: /\[voice message\]/u,
  sticker: /\[sticker\]/u,
  unsupported: /\[unsupported\]/u,
};
const MARKER_NAMES = ["photo", "voice", "sticker", "unsupported"] as const;
const PRODUCT_TOPICS: Topic[] = ["list", "cheapest", "show", "buy", "more", "price", "stock"];
const POLICY_TOPICS = ["hours", "delivery", "returns", "payment"] as const;
/** Sentences with one of these are no search for goods, whatever else stands in them. */
const OTHER_TOPICS: Topic[] = [
  "cancel",
  "status",
  "person",
  "angry",
  "machine",
  "paid",
  "remove",
  "checkout",
  "thanks",
  "cart",
  "discount",
];

export function understand(req: ModelRequest): Understanding {
  const asked = readOwnQuestions(req.history);
  const zones = req.shop.zones.map((zone) => zone.name);
  const whole = req.burst.join("\n");
  const quickReply = QUICK_REPLY.exec(whole)?.[1];
  const burst = req.burst.map((text) => stripMarkers(text)).filter((text) => text !== "");
  const known = req.history.filter((message) => message.role === "assistant").map((message) => message.text);
  const isTownshipNeeded = req.conversation.cart.missing.includes("township");
  const contacts = burst.map((text) =>
    readContact(text, {
      zones: [...zones, ...listedTownships(req), ...KNOWN_TOWNSHIPS],
      methods: req.shop.paymentMethods,
      asked: asked.contact,
      known: known.join("\n"),
      isTownshipNeeded,
      isChange: asked.isChange,
    }),
  );
  const parts = contacts.flatMap(({ rest }) => splitSentences(rest)).map(toPart);
  const methodId = findMethod(parts, req.shop.paymentMethods, asked.isMethod);
  const policies = POLICY_TOPICS.filter((topic) => parts.some((part) => asksPolicy(part, topic, req)));
  return {
    language: req.conversation.language ?? (/\p{Script=Myanmar}/u.test(whole) ? "my" : "en"),
    parts,
    topics: new Set(parts.flatMap((part) => [...part.topics])),
    productParts: parts.filter((part) => speaksOfGoods(part, { req, asked, zones })),
    contact: Object.assign({}, ...contacts.map(({ contact }) => contact)),
    methodId,
    policies,
    zone: mentionedZone(whole, zones) ?? zoneOfCity(whole, zones),
    quickReply,
    markers: new Set(MARKER_NAMES.filter((marker) => MARKERS[marker].test(whole))),
    asked,
  };
}

/** What a refused township was answered with in this turn. */
function listedTownships(req: ModelRequest): string[] {
  return req.calls.flatMap((call) => answerOf(call).townships ?? []);
}

function speaksOfGoods(
  part: Part,
  { req, asked, zones }: { req: ModelRequest; asked: OwnQuestions; zones: string[] },
): boolean {
  if (OTHER_TOPICS.some((topic) => part.topics.has(topic) && !isAlsoBuying(part, topic))) return false;
  const { paymentMethods } = req.shop;
  if (isMethodNamed(part.text, paymentMethods) && !part.topics.has("list")) {
    const beside = withoutZones(withoutTopicWords(withoutMethods(part.text, paymentMethods)), zones);
    return (part.topics.has("buy") || countsPieces(part)) && squeeze(beside).length > 2;
  }
  if (part.topics.has("change") && fieldsIn(part.text).length > 0) return false;
  const isPolicy = POLICY_TOPICS.some((topic) => part.topics.has(topic));
  const residue = withoutZones(part.residue, zones);
  if (isPolicy) return part.topics.has("buy") && squeeze(residue).length > 2;
  if (PRODUCT_TOPICS.some((topic) => part.topics.has(topic))) return true;
  if (part.topics.has("change") && req.conversation.cart.lines.length > 0) return residue !== "";
  if (part.topics.has("yes") && (asked.offer !== undefined || asked.isToBuy)) return true;
  // "One" is no word of its own elsewhere, but an answer to "how many".
  if (asked.isToBuy && countsPieces(part)) return true;
  return residue !== "" || (asked.option !== undefined && squeeze(part.text) !== "");
}

/** "Thanks, I'll take two" is an order. */
function isAlsoBuying(part: Part, topic: Topic): boolean {
  const isBuying = part.topics.has("buy") || countsPieces(part);
  // "A discount of 50" counts no pieces.
  if (topic === "discount") return isBuying && /\p{L}/u.test(part.residue);
  return ["thanks", "checkout", "cart"].includes(topic) && part.residue !== "" && isBuying;
}

function asksPolicy(part: Part, topic: PolicyTopic, req: ModelRequest): boolean {
  if (part.topics.has("cancel") || part.topics.has("angry")) return false;
  if (topic === "payment" && isQuestion(part.text) && isMethodNamed(part.text, req.shop.paymentMethods))
    return true;
  if (topic === "payment" && isMethodNamed(part.text, req.shop.paymentMethods)) return false;
  // "Cash on delivery" asks nothing about the delivery.
  if (topic === "delivery" && isMethodNamed(part.text, req.shop.paymentMethods)) return false;
  if (topic === "delivery" && part.topics.has("status")) return false;
  return part.topics.has(topic);
}

function toPart(text: string): Part {
  const topics = topicsOf(text);
  const residue = withoutTopicWords(text);
  if (topics.has("remove") || topics.has("cancel")) topics.delete("buy");
  // "Are you a real person?" asks about us, it does not call for one.
  if (topics.has("machine") && isQuestion(text)) topics.delete("person");
  // "No 5" or "okay but how long is it" are neither a no nor a yes.
  if (squeeze(residue).length > 3 || (residue !== "" && topics.size > 1)) topics.delete("no");
  if (squeeze(residue).length > 12) topics.delete("yes");
  if (topics.has("list") && residue !== "" && topics.size > 1) topics.delete("list");
  return { text, topics, residue };
}

function splitSentences(text: string): string[] {
  return text
    .split(/(?<=[?!？။])\s*|\n+/u)
    .map((part) => part.trim())
    .filter((part) => /[\p{L}\p{N}👍]/u.test(part));
}

function stripMarkers(text: string): string {
  return text
    .replace(
      /\[(?:quick reply: [^\]]*|image[^\]]*|voice message|sticker|unsupported|adversary: [^\]]*)\]/gu,
      "",
    )
    .trim();
}

function withoutZones(residue: string, zones: string[]): string {
  return zones
    .reduce((rest, zone) => rest.replaceAll(normalise(zone), " "), residue)
    .replace(/\s+/gu, " ")
    .trim();
}

/** Whether a sentence counts pieces, which says "I want that many" when nothing else is said. */
export function countsPieces(part: Part): boolean {
  return readQuantity(part.text) !== undefined && !isQuestion(part.text);
}
