import type { Language } from "../shop/policies.ts";

/**
 * The code-owned lists that decide instead of the model. A text counts only as a whole: "ok but blue" is no yes,
 * nor is "ok?". People who write Burmese mix in the short English words, so those are on both lists.
 */
const shortYes = [
  "yes",
  "yes please",
  "ok",
  "okay",
  "okey",
  "confirm",
  "confirmed",
  "sure",
  "👍",
  "👌",
  "✅",
  "🆗",
];

const yesWords: Record<Language, ReadonlySet<string>> = {
  en: comparableSet([
    ...shortYes,
    "y",
    "yeah",
    "yep",
    "yup",
    "yes ok",
    "ok yes",
    "yes confirm",
    "yes i confirm",
    "i confirm",
    "ok confirm",
    "confirm order",
    "confirm the order",
    "confirm my order",
    "please confirm",
    "please confirm my order",
    "yes correct",
    "correct",
    "all correct",
    "thats correct",
    "thats right",
    "go ahead",
    "yes go ahead",
    "place order",
    "place the order",
    "place my order",
    "i agree",
    "agreed",
    "deal",
  ]),
  my: comparableSet([
    ...shortYes,
    "ဟုတ်",
    "ဟုတ်ကဲ့",
    "ဟုတ်ကဲ့ပါ",
    "ဟုတ်ကဲ့ရှင့်",
    "ဟုတ်ကဲ့ရှင်",
    "ဟုတ်ကဲ့ခင်ဗျာ",
    "ဟုတ်ကဲ့ဗျ",
    "ဟုတ်ပါတယ်",
    "ဟုတ်ပါတယ်ရှင့်",
    "ဟုတ်ပါတယ်ခင်ဗျာ",
    "ဟုတ်တယ်",
    "ဟုတ်ပါပြီ",
    "ဟုတ်ပြီ",
    "အိုကေ",
    "အိုကေပါ",
    "အိုကေရှင့်",
    "အိုကေခင်ဗျာ",
    "အတည်ပြု",
    "အတည်ပြုပါ",
    "အတည်ပြုမယ်",
    "အတည်ပြုပါမယ်",
    "အတည်ပြုတယ်",
    "အတည်ပြုပါတယ်",
    "အတည်ပြုပေးပါ",
    "ဟုတ်ကဲ့ အတည်ပြုပါတယ်",
    "ဟုတ်ကဲ့ အတည်ပြုပေးပါ",
    "ကွန်ဖမ်း",
    "ကွန်ဖမ်းပါ",
    "ကွန်ဖမ်းပါတယ်",
    "confirm ပါ",
    "confirm ပါတယ်",
    "confirm လုပ်ပါတယ်",
    "ok ပါ",
    "ok ပါတယ်",
    "မှာမယ်",
    "မှာပါမယ်",
    "မှာယူမယ်",
    "မှာယူပါမယ်",
    "ဟုတ်ကဲ့ မှာမယ်",
    "ဟုတ်ကဲ့ မှာပါမယ်",
    "ယူမယ်",
    "ယူပါမယ်",
    "ဟုတ်ကဲ့ ယူမယ်",
    "ဟုတ်ကဲ့ ယူပါမယ်",
    "မှန်တယ်",
    "မှန်ပါတယ်",
    "အားလုံးမှန်ပါတယ်",
    "ကောင်းပါပြီ",
    "သဘောတူပါတယ်",
  ]),
};

const personWords = comparableSet([
  "person",
  "human",
  "real person",
  "a person",
  "a human",
  "talk to a person",
  "talk to person",
  "talk to a human",
  "talk to human",
  "speak to a person",
  "speak to a human",
  "i want to talk to a person",
  "i want to talk to a human",
  "i want a human",
  "can i talk to a person",
  "can i talk to a human",
  "staff",
  "admin",
  "owner",
  "talk to admin",
  "talk to staff",
  "talk to the owner",
  "customer service",
  "လူ",
  "လူနဲ့",
  "လူနဲ့ပြောမယ်",
  "လူနဲ့ပြောပါမယ်",
  "လူနဲ့ပြောချင်တယ်",
  "လူနဲ့ပြောချင်ပါတယ်",
  "လူနဲ့စကားပြောချင်တယ်",
  "လူနဲ့စကားပြောချင်ပါတယ်",
  "လူအစစ်နဲ့ပြောချင်တယ်",
  "လူအစစ်နဲ့ပြောချင်ပါတယ်",
  "လူကိုယ်တိုင်ဖြေပေးပါ",
  "ဝန်ထမ်း",
  "ဝန်ထမ်းနဲ့ပြောမယ်",
  "ဝန်ထမ်းနဲ့ပြောချင်တယ်",
  "ဝန်ထမ်းနဲ့ပြောချင်ပါတယ်",
  "ဆိုင်ရှင်",
  "ဆိုင်ရှင်နဲ့ပြောချင်တယ်",
  "ဆိုင်ရှင်နဲ့ပြောချင်ပါတယ်",
  "အက်ဒမင်",
  "အက်မင်",
  "အက်ဒမင်နဲ့ပြောချင်တယ်",
  "အက်ဒမင်နဲ့ပြောချင်ပါတယ်",
  "admin နဲ့ပြောမယ်",
  "admin နဲ့ပြောချင်တယ်",
  "admin နဲ့ပြောချင်ပါတယ်",
]);

const agentWords = comparableSet([
  "bot",
  "chatbot",
  "assistant",
  "ai",
  "back to bot",
  "back to the bot",
  "back to assistant",
  "back to the assistant",
  "talk to the bot",
  "talk to the assistant",
  "ဘော့",
  "စက်",
  "စက်ရုပ်",
  "အေးဂျင့်",
  "အေးဂျင့်နဲ့ပြောမယ်",
  "အေးဂျင့်နဲ့ပြောပါမယ်",
  "စက်နဲ့ပြောမယ်",
  "စက်နဲ့ပြန်ပြောမယ်",
  "စက်ရုပ်နဲ့ပြောမယ်",
  "ဘော့နဲ့ပြောမယ်",
  "bot နဲ့ပြောမယ်",
  "ai နဲ့ပြောမယ်",
  "အလိုအလျောက်ဖြေပေးပါ",
]);

/** Whether the whole text says yes in the language of the conversation. */
export function isYes(text: string, language: Language): boolean {
  return yesWords[language].has(comparable(text));
}

/** Whether the whole text asks for a person, in any language. */
export function isPersonRequest(text: string): boolean {
  return personWords.has(comparable(text));
}

/** Whether the whole text gives the conversation back to the agent, in any language. */
export function isAgentRequest(text: string): boolean {
  return agentWords.has(comparable(text));
}

/** Of texts that count as a whole; each is looked up in its `comparable` form. */
export function comparableSet(words: readonly string[]): ReadonlySet<string> {
  return new Set(words.map(comparable));
}

/** Case, spaces, skin tones, invisible signs and closing punctuation do not matter; a question mark does. */
export function comparable(text: string): string {
  return text
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[\p{Cf}\p{Z}\s\p{Variation_Selector}\p{Emoji_Modifier}]/gu, "")
    .replace(/[.,!'’"“”()။၊~-]/gu, "")
    .replace(/^(👍|👌|✅)\1+$/u, "$1");
}
