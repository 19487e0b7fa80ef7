import type { ContactField } from "../prompt-blocks.ts";
import type { Phrases, PricedOption } from "./phrases.ts";

const FIELDS: Record<ContactField, string> = {
  name: "နာမည်",
  phone: "ဖုန်းနံပါတ်",
  township: "မြို့နယ်",
  address: "လိပ်စာအပြည့်အစုံ",
};

export const burmese: Phrases = {
  greet: () => "မင်္ဂလာပါရှင့်၊ ပြန်တွေ့ရလို့ ဝမ်းသာပါတယ် 😊",
  howCanIHelp: () => "ဘာများ ကူညီပေးရမလဲရှင့်။ ပစ္စည်းတွေ၊ ဈေးနှုန်းနဲ့ ပို့ဆောင်ခ မေးလို့ရပါတယ်နော်။",
  thanks: () => "ကျေးဇူးတင်ပါတယ်ရှင့် 🙏",
  bye: () => "ဟုတ်ကဲ့ရှင့်၊ နေ့လေးသာယာပါစေ 👋",
  machine: (shop, agent) =>
    `${agent === "" ? "ကျွန်မ" : `ကျွန်မ ${agent}`} က လူမဟုတ်ပါဘူးရှင့်၊ ${shop === "" ? "ဆိုင်" : shop} အတွက် ဖြေပေးနေတဲ့ သရုပ်ပြ စက်အကူလေးပါ။ လူနဲ့ပြောချင်ရင်လည်း ပြောပါနော်။`,
  handed: (isAngry) =>
    isAngry
      ? "အဆင်မပြေဖြစ်ရတာ တောင်းပန်ပါတယ်ရှင့်။ ဆိုင်က တာဝန်ရှိသူကို အကြောင်းကြားထားပါတယ်၊ ဒီမှာပဲ ပြန်ဖြေပေးပါလိမ့်မယ်။"
      : "ဟုတ်ကဲ့ပါရှင့်။ ဆိုင်က တာဝန်ရှိသူကို အကြောင်းကြားထားပါတယ်၊ ဒီမှာပဲ ပြန်ဖြေပေးပါလိမ့်မယ်။",
  list: (names, hasMore) =>
    `ဆိုင်မှာ ဒါလေးတွေ ရှိပါတယ်ရှင့်\n${bullets(names)}${hasMore ? "\nတခြားပစ္စည်းတွေလည်း ရှိပါသေးတယ်။ ဘာလေး ရှာနေလဲ ပြောပြပါနော်။" : ""}`,
  askWhatTheyLike: () => "ဘယ်ဟာလေး သဘောကျပါသလဲရှင့်။",
  price: (name, options) => describe(name, options),
  showing: (names) => `ဒီမှာ ကြည့်လို့ရပါတယ်ရှင့်၊ ${names.join("၊ ")} 👇`,
  soldOut: (name) => `${withParticle(name, "က")} လောလောဆယ် ကုန်နေပါတယ်ရှင့်၊ တောင်းပန်ပါတယ်။`,
  askToBuy: () => "ယူဖြစ်ရင် ဘယ်နှစ်ခု ယူမလဲ ပြောပေးပါနော်။",
  cheapest: (name, priceText) => `ဈေးအသက်သာဆုံးက ${withParticle(name, "ပါ")}၊ ${priceText} ပါရှင့်။`,
  notFound: (names) =>
    names.length === 0
      ? "တောင်းပန်ပါတယ်ရှင့်၊ ဒီပစ္စည်းတော့ ဆိုင်မှာ မတွေ့ပါဘူး။"
      : `တောင်းပန်ပါတယ်ရှင့်၊ ဒီပစ္စည်းတော့ ဆိုင်မှာ မတွေ့ပါဘူး။ ဒါလေးတွေတော့ ရှိပါတယ်\n${bullets(names)}`,
  nothingToSell: () => "လောလောဆယ် ပစ္စည်း မတင်ရသေးပါဘူးရှင့်။ နောက်မှ ပြန်လာကြည့်ပေးပါနော်။",
  whichProduct: (names) => `ဘယ်ဟာလေးကို ပြောတာပါလဲရှင့်။\n${bullets(names)}`,
  whichOption: (name, quantity, options) =>
    `${quantity} × ${name} ဘယ်ဟာလေး ယူမလဲရှင့်။\n${options.map(optionLine).join("\n")}`,
  added: (lines, subtotalText) => `ခြင်းတောင်းထဲ ထည့်ပြီးပါပြီရှင့် 🛒\n${bullets(lines)}\nစုစုပေါင်း ${subtotalText} ပါ။`,
  removed: (name) => `${withParticle(name ?? "အဲဒါ", "ကို")} ဖယ်ပေးလိုက်ပါပြီရှင့်။`,
  cartEmpty: () => "ခြင်းတောင်းထဲမှာ ဘာမှ မရှိသေးပါဘူးရှင့်။",
  cart: (lines, subtotalText) => `ခြင်းတောင်းထဲမှာ\n${bullets(lines)}\nစုစုပေါင်း ${subtotalText} ပါရှင့်။`,
  whichLine: (lines) => `ဘယ်ဟာလေးကို ပြောတာပါလဲရှင့်။\n${bullets(lines)}`,
  notEnough: (name, available) =>
    available > 0
      ? `တောင်းပန်ပါတယ်ရှင့်၊ အဲဒီလောက်တော့ မကျန်တော့ပါဘူး။ ${available} × ${name} ထည့်ပေးရမလားရှင့်။`
      : `${withParticle(name, "က")} လောလောဆယ် ကုန်နေပါတယ်ရှင့်၊ တောင်းပန်ပါတယ်။`,
  badQuantity: () => "ဒီအရေအတွက်နဲ့တော့ အဆင်မပြေပါဘူးရှင့်။ ဘယ်နှစ်ခု ယူမလဲ ပြန်ပြောပေးပါနော်။",
  anythingElse: () => "တခြား ထပ်ယူဦးမလားရှင့်။ ပြီးပြီဆိုရင် “ဒါပဲ” လို့ ပြောပေးပါနော်။",
  askSummary: () => "အော်ဒါ အနှစ်ချုပ် ထုတ်ပေးရမလားရှင့်။",
  saved: () => "ဟုတ်ကဲ့ရှင့်၊ မှတ်ထားပါပြီ။",
  phoneInvalid: () => "ဖုန်းနံပါတ် မှားနေတယ် ထင်ပါတယ်ရှင့်။ ဖုန်းနံပါတ်လေး ပြန်ပို့ပေးပါနော်။",
  townshipUnknown: (townships) =>
    `တောင်းပန်ပါတယ်ရှင့်၊ အဲဒီကို မပို့နိုင်သေးပါဘူး။ ပို့ပေးနိုင်တာက ${townships.join("၊ ")} ပါ။\nမြို့နယ်လေး ပြန်ပို့ပေးပါနော်။`,
  askContact: (fields) => `ပို့ဖို့အတွက် ${join(fields.map((field) => FIELDS[field]))}လေး ပို့ပေးပါနော်။`,
  methodChosen: (name) => `${withParticle(name, "နဲ့")} ပေးချေမယ်နော်၊ ဟုတ်ကဲ့ပါရှင့်။`,
  askMethod: (names) => `ငွေကို ဘယ်လိုပေးချေမလဲ ရွေးပေးပါနော်။ ${names.join(" / ")}`,
  summaryComes: () => "အော်ဒါ အနှစ်ချုပ်လေး အောက်မှာ စစ်ပေးပါရှင့်။ အားလုံးမှန်ရင် ခလုတ်လေး နှိပ်ပေးပါနော် 👇",
  tapConfirm: () => "အော်ဒါတင်ဖို့ အနှစ်ချုပ်အောက်က ခလုတ်လေး နှိပ်ပေးပါရှင့်။ ပြင်ချင်တာရှိရင်လည်း ပြောပါနော်။",
  outOfStock: () => "တောင်းပန်ပါတယ်ရှင့်၊ ခြင်းတောင်းထဲက ပစ္စည်းတစ်ခု ကုန်သွားပါပြီ။ ဘာလေး ပြောင်းယူမလဲရှင့်။",
  // A particle closes a bare "9:00–18:00"; the owner's own sentence is closed already.
  hours: (text) => `ဆိုင်ဖွင့်ချိန်ကတော့ ${text}${/[.!။]\s*$/u.test(text) ? "" : " ပါရှင့်။"}`,
  delivery: (text) => `ပို့ဆောင်ရေးကတော့ ${text}`,
  zoneFee: (zone, feeText) => `${withParticle(zone, "အတွက်")} ပို့ဆောင်ခက ${feeText} ပါရှင့်။`,
  returns: (text) => `ပြန်လဲတာနဲ့ပတ်သက်ရင် ${text}`,
  payment: (text) => `ငွေပေးချေနည်းကတော့ ${text}`,
  noAnswer: () => "အဲဒါကိုတော့ ကျွန်မ မသိသေးပါဘူးရှင့်။ ဆိုင်က လူကို မေးပေးလို့ရပါတယ်။",
  order: ({ orderNumber, state, totalText, balanceText }) =>
    `အော်ဒါ ${orderNumber}: ${state}${part("၊ စုစုပေါင်း ", totalText)}${part("၊ ကျန်ငွေ ", balanceText)}`,
  noOrders: () => "အော်ဒါ မတွေ့သေးပါဘူးရှင့်။",
  sendSlip: () => "ငွေလွှဲထားရင် ပြေစာပုံလေး ဒီမှာ ပို့ပေးပါနော်၊ ဆိုင်က စစ်ပေးပါလိမ့်မယ်။",
  slipIsChecked: () => "ဆိုင်က ပြေစာကို စစ်နေပါတယ်ရှင့်၊ ပြီးရင် ဒီမှာ ပြောပြပါမယ်။",
  accountIsAbove: () => "ငွေလွှဲရမယ့် အကောင့်က အပေါ်က အော်ဒါနံပါတ်ပါတဲ့ စာထဲမှာ ရှိပါတယ်ရှင့်။ အဲဒီအကောင့်ကိုပဲ လွှဲပြီး ပြေစာလေး ပို့ပေးပါနော်။",
  whichOrder: (numbers) => `ဘယ်အော်ဒါကို ပြောတာပါလဲရှင့်။ ${numbers.join("၊ ")}`,
  cannotCancel: () => "ဒီအော်ဒါကိုတော့ ဒီမှာ ဖျက်လို့ မရတော့ပါဘူးရှင့်။ ဆိုင်က လူကို မေးပေးရမလားရှင့်။",
  nothingPlaced: () => "အော်ဒါ မတင်ရသေးလို့ ဖျက်စရာ မရှိသေးပါဘူးရှင့်။ ခြင်းတောင်းထဲကဟာတွေ အကုန် ဖယ်ပေးရမလားရှင့်။",
  noDiscount: () => "လောလောဆယ် လျှော့ဈေးရှိတယ်လို့ ကျွန်မ မသိပါဘူးရှင့်။",
  whatToChange: () => "ဟုတ်ကဲ့ရှင့်၊ ဘာလေး ပြင်ချင်ပါသလဲ။ ပစ္စည်း၊ အရေအတွက်၊ လိပ်စာ ဒါမှမဟုတ် ငွေပေးချေနည်းလား။",
  noProblem: () => "ရပါတယ်ရှင့်။ လိုအပ်ရင် အချိန်မရွေး ပြောပါနော်။",
  photo: () => "ပုံလေးအတွက် ကျေးဇူးပါရှင့်။ ဘာပုံလဲ မသိနိုင်လို့ ပစ္စည်းနာမည်လေး ရေးပေးပါနော်။",
  voice: () => "တောင်းပန်ပါတယ်ရှင့်၊ အသံဖိုင် နားမထောင်နိုင်ပါဘူး။ စာလေး ရေးပေးပါနော်။",
  sticker: () => "😊",
  unsupported: () => "တောင်းပန်ပါတယ်ရှင့်၊ ဒါကို ဖွင့်လို့ မရပါဘူး။ စာလေး ရေးပေးပါနော်။",
  unknown: () =>
    "တောင်းပန်ပါတယ်ရှင့်၊ အဲဒါကိုတော့ ကျွန်မ မသိပါဘူး။ ပစ္စည်း၊ ဈေးနှုန်း၊ ပို့ဆောင်ရေးနဲ့ အော်ဒါအကြောင်း ဖြေပေးနိုင်ပါတယ်၊ ဆိုင်က လူကိုလည်း မေးပေးလို့ရပါတယ်။",
};

function describe(name: string, options: PricedOption[]): string {
  const [first] = options;
  const prices = new Set(options.map((option) => option.priceText));
  if (first === undefined) return name;
  if (options.length === 1)
    return `${withParticle(name, "က")} ${first.priceText} ပါရှင့်${left(first.available)}။`;
  if (prices.size > 1) return `${name}\n${options.map(optionLine).join("\n")}`;
  return `${withParticle(name, "က")} ${first.priceText} ပါရှင့်။
${bullets(options.map((option) => `${option.name}${left(option.available)}`))}`;
}

function optionLine(option: PricedOption): string {
  return `• ${option.name} – ${option.priceText}${left(option.available)}`;
}

function left(available: number): string {
  if (available <= 0) return " (ကုန်နေပါတယ်)";
  return available <= 3 ? ` (${available} ခုပဲ ကျန်ပါတော့တယ်)` : "";
}

/** Burmese particles stand right behind a Burmese word, and apart from a word in another script. */
function withParticle(word: string, particle: string): string {
  return /[\p{Script=Myanmar}\p{M}]$/u.test(word) ? `${word}${particle}` : `${word} ${particle}`;
}

function part(label: string, text: string): string {
  return text === "" ? "" : `${label}${text}`;
}

function bullets(lines: string[]): string {
  return lines.map((line) => `• ${line}`).join("\n");
}

function join(words: string[]): string {
  return words.length < 2
    ? words.join("")
    : `${withParticle(words.slice(0, -1).join("၊ "), "နဲ့")} ${words.at(-1)}`;
}
