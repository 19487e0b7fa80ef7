import { normalise, syllables } from "./terms.ts";

export type Topic = keyof typeof PATTERNS;

/** English by whole words, Burmese anywhere and with or without spaces: each writer sets them otherwise. */
const PATTERNS = {
  greet: p("hi|hello|hey|good (?:morning|afternoon|evening)|mingalar?ba(?:r)?", [
    "မင်္ဂလာပါ",
    "မဂ်လာပါ",
    "ဟိုင်း",
    "ဟယ်လို",
    "ဟလို",
    "မင်္ဂလာ",
  ]),
  thanks: p("thanks?|thank you|thx|tysm|cheers", ["ကျေးဇူး", "ကျေးကျေး"]),
  bye: p("bye|bye bye|goodbye|good night|see you|see ya", ["တာ့တာ", "ဘိုင်", "နောက်မှတွေ့", "သွားတော့မယ်"]),
  list: p(
    "(?:what|which) (?:do|are|else do|products do|things do|kind of things do) (?:you|u) (?:sell|have|selling|offer)|what(?:'s| is) (?:for sale|available)|catalog(?:ue)?|products?|items?|menu|show me (?:everything|all|more)|what else|what do you have|recommend|suggest(?:ion|ions)?",
    [
      "ဘာတွေရောင်း",
      "ဘာရောင်း",
      "ဘာတွေရ",
      "ဘာတွေရှိ",
      "ဘာရှိ",
      "ဘာပစ္စည်း",
      "ဘယ်ပစ္စည်း",
      "ပစ္စည်းတွေ",
      "ပစ္စည်းစာရင်း",
      "ကုန်ပစ္စည်း",
      "ဘယ်လိုပစ္စည်း",
      "အကြံပေး",
      "ညွှန်းပေး",
      "ဘာကောင်းလဲ",
    ],
  ),
  price: p("how much|prices?|costs?|how many (?:ks|kyats?)", [
    "ဘယ်လောက်",
    "ဘယ့်လောက်",
    "ဈေး",
    "စျေး",
    "ဘယ်ဈေး",
    "တန်ဖိုး",
  ]),
  cheapest: p("cheap(?:est|er)?|lowest price|budget", [
    "ဈေးအသက်သာ",
    "စျေးအသက်သာ",
    "အသက်သာဆုံး",
    "ဈေးသက်သာ",
    "ဈေးချို",
    "အချိုဆုံး",
  ]),
  stock: p(
    "do (?:you|u) (?:have|sell)|have (?:you|u) got|is there|are there|any|in stock|available|left|looking for",
    ["ရှိလား", "ရှိသေးလား", "ရှိပါသလား", "ရှိပါသေးလား", "ရလား", "ရနိုင်လား", "ရှိသလား", "ရှာနေ", "ကျန်သေးလား"],
  ),
  show: p("show|see|look at|photos?|pictures?|pics?|tell me (?:about|more)|details?|describe", [
    "ပုံပြ",
    "ပြပေး",
    "ပြပါ",
    "ပြပြ",
    "ဓာတ်ပုံ",
    "ကြည့်ချင်",
    "ကြည့်မယ်",
    "ပုံလေး",
    "အကြောင်း",
    "အသေးစိတ်",
  ]),
  buy: p(
    "i(?:'d| would) like|i(?:'ll| will) (?:take|have|buy|get)|i (?:want|need|take)|want|add|buy|purchase|give me|get me|i(?:'m| am) taking|take (?:it|this|that|one|two|three)|order (?:it|this|that|one|two|three|the|a|some|\\d+)|order",
    [
      "ယူမယ်",
      "ယူမည်",
      "ယူပါမယ်",
      "ယူချင်",
      "ယူမှာ",
      "ဝယ်",
      "မှာမယ်",
      "မှာပါမယ်",
      "မှာချင်",
      "မှာယူ",
      "မှာလိုက်",
      "လိုချင်",
      "ထည့်ပေး",
      "ထည့်မယ်",
      "ပေးပါဦး",
      "အော်ဒါတင်",
      "အော်ဒါမှာ",
      "ယူလိုက်",
    ],
  ),
  more: p("more|another|extra|one more|additional|also|as well", ["ထပ်", "နောက်တစ်", "နောက်ထပ်"]),
  remove: p(
    "remove|delete|take out|take (?:it |that |this |them )?off|drop|don'?t want|do not want|without",
    ["ဖယ်", "ဖျက်", "ဖြုတ်", "မယူတော့", "မဝယ်တော့", "မလိုချင်တော့", "မထည့်တော့", "ထုတ်ပေး", "ထုတ်လိုက်"],
  ),
  change: p("change|instead|make it|make that|make the|make my|switch|swap|replace|update", [
    "ပြောင်း",
    "အစား",
    "ပြင်ချင်",
    "ပြင်ပေး",
  ]),
  cart: p("cart|basket|my list|what did i (?:order|choose|pick|add)|what have i|total", [
    "ခြင်း",
    "စုစုပေါင်း",
    "ဘာတွေမှာထား",
    "ဘာတွေယူထား",
    "ရွေးထား",
  ]),
  checkout: p(
    "check ?out|that'?s (?:all|it)|that is (?:all|it)|that will be all|nothing else|place (?:the |my |an )?order|order now|summary|proceed|i'?m done|done|finish(?:ed)?|ready to order",
    ["ဒါပဲ", "ဒါပါပဲ", "ဒါဘဲ", "ဒါပါဘဲ", "ဒီလောက်ပဲ", "ဒီလောက်ပါပဲ", "အကုန်ပဲ", "အနှစ်ချုပ်", "အော်ဒါတင်မယ်", "စာရင်းချုပ်"],
  ),
  status: p(
    "order status|status|track(?:ing)?|where(?:'s| is) (?:my|the) (?:order|parcel|package|stuff|delivery)|my orders?|my parcel|has it (?:shipped|arrived)|when will (?:it|my order) (?:arrive|come)|did you (?:ship|send)",
    [
      "အော်ဒါဘယ်",
      "အော်ဒါ ဘယ်",
      "အော်ဒါအခြေအနေ",
      "အော်ဒါ အခြေအနေ",
      "ဘယ်ရောက်နေ",
      "ဘယ်ရောက်ပြီ",
      "ရောက်ပြီလား",
      "ပို့ပြီးပြီလား",
      "ပို့ပြီလား",
      "ဘယ်တော့ရောက်",
      "ဘယ်တော့ရမလဲ",
      "မှာထားတာ",
      "ကျွန်တော့်အော်ဒါ",
      "ကျွန်မအော်ဒါ",
    ],
  ),
  cancel: p("cancel(?:led|ling)?|call off", [
    "ပယ်ဖျက်",
    "ကင်ဆယ်",
    "ကန်ဆယ်",
    "အော်ဒါဖျက်",
    "အော်ဒါကိုဖျက်",
    "အော်ဒါ ဖျက်",
    "အော်ဒါကို ဖျက်",
    "မမှာတော့",
  ]),
  paid: p(
    "i(?:'ve| have)? (?:already )?(?:paid|transferred|sent the money)|payment (?:is )?(?:done|sent)|(?:did|have) (?:you|u|the shop|they) (?:got|get|gotten|receive|received|see|seen|check|checked) (?:my|the) (?:money|payment|transfer|slip)",
    ["လွှဲပြီး", "လွှဲထား", "လွှဲလိုက်", "ငွေပေးပြီး", "ငွေရပြီလား", "ငွေရောက်ပြီလား"],
  ),
  hours: p(
    "opening hours?|hours|(?:when|what time|are you) (?:do you |are you )?(?:open|close|closed)|open (?:today|now|tomorrow|on)|closing time",
    [
      "ဘယ်အချိန်ဖွင့်",
      "ဆိုင်ဖွင့်",
      "ဖွင့်ချိန်",
      "ဆိုင်ပိတ်",
      "ပိတ်ချိန်",
      "ဘယ်နှစ်နာရီ",
      "ဘယ်နှနာရီ",
      "ဘယ်အချိန်ပိတ်",
      "ဖွင့်လား",
      "ဖွင့်သလား",
      "ဖွင့်ရက်",
    ],
  ),
  delivery: p("deliver(?:y|ies|ed|ing)?|deli|shipping|ship to|send (?:it )?to|delivery fees?", [
    "ပို့ခ",
    "ပို့ဆောင်ခ",
    "ပို့ပေးလား",
    "ပို့လား",
    "ပို့ပေးနိုင်",
    "ပို့ပေးသလား",
    "ပို့ပါသလား",
    "ပို့နိုင်လား",
    "ဒလီ",
    "ဒီလီ",
    "ဒယ်လီ",
    "ပို့ဆောင်",
    "ဘယ်ကိုပို့",
  ]),
  discount: p("discounts?|promotions?|promos?|coupons?|vouchers?|special offers?|bargain", [
    "လျှော့",
    "လျော့ဈေး",
    "ပရိုမိုးရှင်း",
    "ဒစ်စကောင့်",
    "ကူပွန်",
  ]),
  duration: p(
    "how (?:long|soon|fast|quick(?:ly)?|many days)|when (?:will|can|do) (?:it|i|you) (?:\\w+ )?(?:arrive|get|deliver)|delivery time",
    ["ဘယ်လောက်ကြာ", "ဘယ်နှစ်ရက်", "ဘယ်နှရက်", "ဘယ်နရက်", "ရက်ဘယ်လောက်", "ဘယ်တော့ရောက်"],
  ),
  returns: p("returns?|refunds?|exchanges?|warranty|guarantee", [
    "ပြန်လဲ",
    "ပြန်အပ်",
    "ပြန်ပေးလို့",
    "လဲလို့ရ",
    "လဲပေး",
    "အာမခံ",
    "ငွေပြန်",
  ]),
  payment: p(
    "how (?:do|can|should|to) (?:i |we )?pay|payment (?:methods?|options?|ways?)|do you (?:accept|take)|can i pay|pay(?:ing)? (?:by|with|via)|where (?:do|should|can|must|shall) (?:i|we) (?:pay|transfer|send (?:the |my )?(?:money|payment))|(?:which|what|your) account(?: number)?|account number",
    [
      "ဘယ်လိုပေး",
      "ဘယ်လိုချေ",
      "ငွေဘယ်လို",
      "ငွေပေးချေ",
      "ပေးချေပုံ",
      "ပေးချေနည်း",
      "ဘယ်လိုလွှဲ",
      "ဘယ်ကိုလွှဲ",
      "အကောင့်နံပါတ်",
      "ပေးလို့ရလား",
      "လက်ခံလား",
    ],
  ),
  person: p(
    "(?:a|real|live|actual) (?:human|person)|human|real people|(?:speak|talk|chat) (?:to|with) (?:a |an |the |some)?(?:\\w+ )?(?:human|person|someone|owner|staff|admin|manager|agent|operator)|admin|shop owner|customer service|call me",
    ["လူနဲ့", "လူနှင့်", "လူကြီးနဲ့", "လူအစစ်", "ဆိုင်ရှင်", "အက်မင်", "အဒ်မင်", "ဝန်ထမ်း", "တာဝန်ခံ", "လူတစ်ယောက်နဲ့"],
  ),
  angry: p(
    "angry|terrible|horrible|worst|useless|stupid|idiots?|scam(?:mers?)?|liars?|cheat(?:ed|ers?|ing)?|ridiculous|unacceptable|complain(?:t|ts)?|disappointed|fraud|fed up|wtf|damn",
    ["စိတ်တို", "စိတ်ဆိုး", "စိတ်ပျက်", "အသုံးမကျ", "လိမ်", "မကျေနပ်", "တိုင်မယ်", "တိုင်ချင်", "ညံ့", "ဒေါသ", "အရမ်းဆိုး"],
  ),
  machine: p(
    "are you (?:a |an )?(?:real|human|bot|robot|machine|ai|person)(?: \\w+)?|(?:bot|robot|chatbot|chat ?gpt|ai|artificial intelligence|demo|demonstration)|who are you|what are you|what(?:'s| is) your name",
    ["စက်ရုပ်", "စက်လား", "လူလား", "ရိုဘော့", "ဘော့", "အေအိုင်", "နာမည်ဘယ်လို", "မင်းဘယ်သူ", "ဘယ်သူလဲ", "လူအစစ်လား", "သရုပ်ပြ"],
  ),
  yes: p("yes|yeah|yep|yup|ok|okay|sure|of course|alright|right|correct|go ahead|please do|fine|good", [
    "ဟုတ်ကဲ့",
    "ဟုတ်ပါတယ်",
    "ဟုတ်",
    "အိုကေ",
    "ရပါတယ်",
    "ရတယ်",
    "ကောင်းပြီ",
    "ကောင်းပါပြီ",
    "အင်း",
    "မှန်တယ်",
    "မှန်ပါတယ်",
    "အတည်ပြု",
    "👍",
  ]),
  no: p("no|nope|nah|not now|no thanks|never mind|nothing", [
    "မဟုတ်",
    "မယူသေး",
    "မလိုတော့",
    "မရှိတော့",
    "မရှိပါဘူး",
    "မထည့်တော့",
    "ရပြီ",
  ]),
} as const;

const NAMES = Object.keys(PATTERNS) as Topic[];

export function topicsOf(text: string): Set<Topic> {
  const normal = normalise(text);
  return new Set(NAMES.filter((topic) => PATTERNS[topic].test(normal)));
}

/** Whether a text asks something, so that it is no answer to our own question. */
export function isQuestion(text: string): boolean {
  return /[?？]\s*$/u.test(text) || /(?:လား|လဲ|သလဲ|သလား)(?:ရှင့်?|ခင်ဗျာ?|ဗျာ?|[။\s])*$/u.test(text);
}

/** A text without the words that carry a topic or nothing at all; what is left may name a product. */
export function withoutTopicWords(text: string): string {
  const normal = normalise(text);
  const stripped = NAMES.reduce(
    (rest, topic) => rest.replace(new RegExp(PATTERNS[topic], "gu"), " "),
    normal,
  );
  return stripped
    .replace(FILLERS, " ")
    .replace(/[^\p{L}\p{M}\p{N}]+/gu, " ")
    .trim();
}

function p(english: string, burmese: string[]): RegExp {
  return new RegExp(
    `(?<![\\p{L}\\p{N}'])(?:${english})(?![\\p{L}\\p{N}])|${burmese.map(spaced).join("|")}`,
    "u",
  );
}

function spaced(phrase: string): string {
  return syllables(phrase)
    .map((part) => part.trim())
    .join("\\s*");
}

const FILLERS = new RegExp(
  p(
    "i|i'm|me|my|we|us|you|your|u|the|a|an|this|that|these|those|it|its|it's|one|ones|is|are|am|was|do|does|did|can|could|will|would|should|please|pls|plz|to|for|of|in|on|at|and|or|with|from|by|so|just|only|also|too|then|there|here|what|which|what's|who|them|they|him|her|its|actually|maybe|hmm|well|oh|um|other|when|how|have|has|got|some|let|let's|get|take|like|want|need|think|know|size|sizes|colou?r|colou?rs|pcs?|pieces?|pairs?|shop|sell|sir|sis|bro|dear|x",
    [
      "ပါရှင့်",
      "ရှင့်",
      "ခင်ဗျာ",
      "ခင်ဗျ",
      "ပါတယ်",
      "ပါသလား",
      "ပါသလဲ",
      "ချင်လို့",
      "ချင်တယ်",
      "ကျေးဇူးပြု",
      "လေးပါ",
      "ပါနော်",
      "နော်",
      "အတွက်",
      "ဆိုဒ်",
      "ဆိုက်",
      "ပေးပါ",
      "အဲဒါ",
      "အဲ့ဒါ",
      "ဒါလေး",
      "အကုန်လုံး",
      "တယ်",
      "မယ်",
      "လား",
      "လဲ",
      "ပါ",
    ],
  ),
  "gu",
);
