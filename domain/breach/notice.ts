import type { Language } from "../shop/policies.ts";

/** The three parts that a notice must have, in one language. Source: promise MIK-70; GDPR Art. 34(2). */
export type BreachWords = {
  whatHappened: string;
  likelyEffects: string;
  whatWasDone: string;
};

/** In each language that a person may have. */
export type BreachNotice = Record<Language, BreachWords>;

export const maxBreachWords = 600;

const headings: Record<Language, { title: string; parts: [string, string, string]; help: string }> = {
  en: {
    title: "Notice about your data",
    parts: ["What happened", "What it may mean for you", "What we have done"],
    help: "Answer here if you have a question; a person reads it.",
  },
  my: {
    title: "သင့်အချက်အလက်နဲ့ ပတ်သက်တဲ့ အသိပေးချက်",
    parts: ["ဘာဖြစ်ခဲ့သလဲ", "သင့်အတွက် ဘယ်လိုသက်ရောက်နိုင်သလဲ", "ကျွန်တော်တို့ ဘာလုပ်ပြီးပြီလဲ"],
    help: "မေးစရာရှိရင် ဒီမှာ ပြန်ရေးပါ။ လူတစ်ယောက်က ဖတ်ပါမယ်။",
  },
};

export function breachTitle(language: Language): string {
  return headings[language].title;
}

/** The notice as one person reads it, in a chat or in a mail. */
export function breachText(
  notice: BreachNotice,
  language: Language,
  { shopName }: { shopName?: string },
): string {
  const { title, parts, help } = headings[language];
  const { whatHappened, likelyEffects, whatWasDone } = notice[language];
  const [first, second, third] = parts;
  const heading = shopName === undefined ? title : `${title} (${shopName})`;
  return [
    heading,
    `${first}: ${whatHappened}`,
    `${second}: ${likelyEffects}`,
    `${third}: ${whatWasDone}`,
    ...(shopName === undefined ? [] : [help]),
  ].join("\n\n");
}
