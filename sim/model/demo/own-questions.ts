import type { ContactField } from "../prompt-blocks.ts";
import type { HistoryMessage } from "../read-request.ts";

/** What our own last message asked: the wording of phrases-en.ts and phrases-my.ts is the only memory there is. */
export interface OwnQuestions {
  /** The whole last answer; empty before the first one. */
  text: string;
  contact: ContactField[];
  isMethod: boolean;
  isAnythingElse: boolean;
  isSummary: boolean;
  isToBuy: boolean;
  isToEmpty: boolean;
  isPersonOffered: boolean;
  /** "What would you like to change?" */
  isChange: boolean;
  /** "2 × Red dress: which one?" */
  option: Counted | undefined;
  /** "Shall I put 3 × Red dress (M) in your cart?" */
  offer: Counted | undefined;
}

interface Counted {
  quantity: number;
  name: string;
}

const CONTACT_LINE = /please send me your (.+)\.$|(.+?) (?:လေး )?(?:ပြန်)?ပို့ပေးပါ/iu;
const FIELD_WORDS: Record<ContactField, RegExp> = {
  name: /\bname\b|နာမည်/u,
  phone: /\bphone\b|ဖုန်း/u,
  township: /\btownship\b|မြို့နယ်/u,
  address: /\baddress\b|လိပ်စာ/u,
};
const FIELDS = ["name", "phone", "township", "address"] as const;

export function readOwnQuestions(history: HistoryMessage[]): OwnQuestions {
  const text = lastReply(history);
  return {
    text,
    contact: readContactQuestion(text),
    isMethod: /How would you like to pay|ဘယ်လိုပေးချေမလဲ/u.test(text),
    isAnythingElse: /Anything else\?|ထပ်ယူဦးမလား/u.test(text),
    isSummary: /Shall I prepare your order summary|အနှစ်ချုပ် ထုတ်ပေးရမလား/u.test(text),
    isToBuy: /Would you like it\?|ယူဖြစ်ရင်/u.test(text),
    isToEmpty: /Shall I empty your cart|အကုန် ဖယ်ပေးရမလား/u.test(text),
    isPersonOffered: /a person from the shop|ဆိုင်က လူကို/u.test(text),
    isChange: /what would you like to change|ဘာလေး ပြင်ချင်ပါသလဲ/u.test(text),
    option: readCounted(/^(\d+) × (.+?)(?:: which one| ဘယ်ဟာလေး ယူမလဲ)/mu, text),
    offer: readCounted(/(\d+) × ([^\n]+?)(?: in your cart\?| ထည့်ပေးရမလား)/u, text),
  };
}

/** The contact fields that a text speaks of. */
export function fieldsIn(text: string): ContactField[] {
  return FIELDS.filter((field) => FIELD_WORDS[field].test(text));
}

/** Everything that the shop said since the customer's message before, as one text: an answer may come in parts. */
function lastReply(history: HistoryMessage[]): string {
  const end = history.findLastIndex((message) => message.role === "user");
  return history
    .slice(end + 1)
    .map((message) => message.text)
    .join("\n");
}

function readContactQuestion(text: string): ContactField[] {
  const line = text.split("\n").findLast((line) => CONTACT_LINE.test(line.trim()));
  const asked = CONTACT_LINE.exec(line?.trim() ?? "");
  const words = asked?.[1] ?? asked?.[2] ?? "";
  return fieldsIn(words);
}

function readCounted(pattern: RegExp, text: string): Counted | undefined {
  const [, quantity, name] = pattern.exec(text) ?? [];
  return quantity === undefined || name === undefined ? undefined : { quantity: Number(quantity), name };
}
