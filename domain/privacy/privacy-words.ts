import { comparable } from "../conversation/yes-words.ts";
import { toZawgyi } from "../text/burmese.ts";
import type { ObjectionLimit, PrivacyKind } from "./privacy-request.ts";

/** What somebody says in the chat about their data; `withdraw` takes back what they asked for. */
export type PrivacyWish =
  | { wish: "ask"; kind: PrivacyKind; objectsTo: ObjectionLimit | null }
  | { wish: "withdraw" };

/** As the other lists that code owns: a text counts only as a whole, and its asker confirms it by a tap. */
const wishes: [PrivacyWish, string[]][] = [
  [
    ask("deletion"),
    [
      "delete my data",
      "delete my information",
      "delete my personal data",
      "delete all my data",
      "please delete my data",
      "please delete my information",
      "i want my data deleted",
      "erase my data",
      "erase my information",
      "remove my data",
      "remove my information",
      "delete everything about me",
      "forget me",
      "delete me",
      "i want to delete my data",
      "ဒေတာဖျက်",
      "ဒေတာဖျက်ပေးပါ",
      "ဒေတာတွေဖျက်ပေးပါ",
      "အချက်အလက်ဖျက်ပေးပါ",
      "အချက်အလက်တွေဖျက်ပေးပါ",
      ...mine("ဒေတာဖျက်ပေးပါ", "ဒေတာတွေဖျက်ပေးပါ", "အချက်အလက်ဖျက်ပေးပါ", "အချက်အလက်တွေဖျက်ပေးပါ"),
      "data ဖျက်ပေးပါ",
      "data တွေဖျက်ပေးပါ",
      "ကိုယ်ရေးအချက်အလက်တွေဖျက်ပေးပါ",
    ],
  ],
  [
    ask("access"),
    [
      "what data do you have",
      "what data do you have about me",
      "what do you know about me",
      "what information do you have about me",
      "show me my data",
      "show my data",
      "send me my data",
      "my data",
      "i want to see my data",
      "see my data",
      "ဘာဒေတာတွေသိမ်းထားလဲ",
      "ဘာအချက်အလက်တွေသိမ်းထားလဲ",
      "ဘာတွေသိမ်းထားလဲ",
      "ဒေတာပြပါ",
      "ဒေတာပြပေးပါ",
      ...mine("ဒေတာပြပေးပါ", "ဒေတာတွေပြပေးပါ", "အချက်အလက်ပြပေးပါ", "အချက်အလက်တွေပြပေးပါ"),
      ...mine("အကြောင်းဘာတွေသိမ်းထားလဲ", "အကြောင်းဘာတွေသိလဲ"),
    ],
  ],
  [
    ask("portability"),
    [
      "download my data",
      "export my data",
      "a copy of my data",
      "copy of my data",
      "i want a copy of my data",
      "send me a copy of my data",
      "give me a copy of my data",
      "ဒေတာမိတ္တူပေးပါ",
      "အချက်အလက်မိတ္တူပေးပါ",
      ...mine("ဒေတာမိတ္တူပေးပါ", "အချက်အလက်မိတ္တူပေးပါ", "ဒေတာတွေပို့ပေးပါ"),
    ],
  ],
  [
    ask("correction"),
    [
      "correct my data",
      "correct my information",
      "my data is wrong",
      "my information is wrong",
      "fix my data",
      "change my data",
      "update my information",
      "ဒေတာပြင်ပေးပါ",
      "အချက်အလက်ပြင်ပေးပါ",
      "အချက်အလက်မှားနေတယ်",
      "အချက်အလက်မှားနေပါတယ်",
      ...mine("ဒေတာပြင်ပေးပါ", "အချက်အလက်ပြင်ပေးပါ", "အချက်အလက်တွေပြင်ပေးပါ"),
    ],
  ],
  [
    ask("restriction"),
    [
      "stop using my data",
      "do not use my data",
      "dont use my data",
      "restrict my data",
      "stop processing my data",
      "stop using my information",
      "ဒေတာမသုံးပါနဲ့",
      "အချက်အလက်မသုံးပါနဲ့",
      "အချက်အလက်တွေမသုံးပါနဲ့",
      ...mine("ဒေတာမသုံးပါနဲ့", "အချက်အလက်မသုံးပါနဲ့", "အချက်အလက်တွေမသုံးပါနဲ့"),
    ],
  ],
  [
    ask("objection", "no_ai"),
    [
      "stop using ai",
      "stop ai",
      "no ai",
      "do not use ai",
      "dont use ai",
      "no ai please",
      "do not use ai on my messages",
      "dont use ai on my messages",
      "i do not want ai",
      "i dont want ai",
      "ai မသုံးပါနဲ့",
      "ai မသုံးနဲ့",
      "ai ရပ်ပါ",
      "ai မလိုချင်ဘူး",
      "ai မလိုပါဘူး",
      "အေအိုင်မသုံးပါနဲ့",
    ],
  ],
  [
    ask("objection", "no_analytics"),
    [
      "do not profile me",
      "dont profile me",
      "stop profiling me",
      "do not analyse my data",
      "dont analyse my data",
      "do not analyze my data",
      "dont analyze my data",
      ...mine("အချက်အလက်တွေမဆန်းစစ်ပါနဲ့", "အချက်အလက်မဆန်းစစ်ပါနဲ့"),
    ],
  ],
  [
    { wish: "withdraw" },
    [
      "keep my data",
      "do not delete my data",
      "dont delete my data",
      "cancel deletion",
      "cancel the deletion",
      "stop the deletion",
      "cancel my request",
      "cancel delete",
      "ဒေတာမဖျက်ပါနဲ့",
      "အချက်အလက်မဖျက်ပါနဲ့",
      "အချက်အလက်တွေမဖျက်ပါနဲ့",
      "မဖျက်ပါနဲ့",
      "မဖျက်ပါနဲ့တော့",
      ...mine("ဒေတာမဖျက်ပါနဲ့", "အချက်အလက်တွေမဖျက်ပါနဲ့"),
    ],
  ],
];

function ask(kind: PrivacyKind, objectsTo: ObjectionLimit | null = null): PrivacyWish {
  return { wish: "ask", kind, objectsTo };
}

/** As a man and as a woman says "my". */
function mine(...words: string[]): string[] {
  return words.flatMap((word) => [
    `ကျွန်တော့်${word}`,
    `ကျွန်တော့်ရဲ့${word}`,
    `ကျွန်မ${word}`,
    `ကျွန်မရဲ့${word}`,
    `ကျမ${word}`,
  ]);
}

/** Short Zawgyi words are not converted where they come in, so the lists know them as they are typed. */
const wishOf: ReadonlyMap<string, PrivacyWish> = new Map(
  wishes.flatMap(([wish, words]) =>
    words.flatMap((word) => [word, toZawgyi(word)].map((spelling) => [comparable(spelling), wish] as const)),
  ),
);

/** What the whole text asks for, in any language; undefined: nothing of this kind. A question mark does not matter here. */
export function privacyWish(text: string): PrivacyWish | undefined {
  return wishOf.get(comparable(text.replaceAll("?", "")));
}
