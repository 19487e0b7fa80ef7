import { expect, test } from "vitest";
import { ModelShop, plain } from "./model-shop.ts";

const fees = "Yangon: 2,500 Ks\nMandalay: 4,000 Ks\nOther towns: 5,000 Ks";
const zones = fees.split("\n").map((line) => {
  const [name = "", feeText = ""] = line.split(": ");
  return { name, feeText };
});

function shopIn(language: "en" | "my", policies: Record<string, string> = {}): ModelShop {
  const products = [plain("Woven bag", 12_000), plain("Blue shirt", 9_000)];
  return new ModelShop({ language, products, zones, policies: { delivery: fees, ...policies } });
}

test("closes an owner's own Burmese sentence on the hours with no second particle", async () => {
  const hours = "နေ့စဉ် ဖွင့်ပါတယ်။ အချိန်မရွေး ဖြေပေးပါတယ်။";
  expect(await shopIn("my", { hours }).say("ဆိုင်ဘယ်အချိန်ဖွင့်လဲ")).toBe(`ဆိုင်ဖွင့်ချိန်ကတော့ ${hours}`);
});

test.each(["ဘာတွေ ရောင်းလဲ", "ဘာတွေ ရှိ လဲ", "ဘာ ရောင်းလဲ"])("understands Burmese with spaces: %s", async (text) => {
  expect(await shopIn("my").say(text)).toContain("Woven bag – 12,000 Ks");
});

test.each([
  ["en", "How much is delivery to Hlaing township?", "Delivery to Yangon: 2,500 Ks."],
  ["en", "do you deliver to Mandalay?", "Delivery to Mandalay: 4,000 Ks."],
  ["my", "ဗဟန်းကို ပို့ခဘယ်လောက်လဲ", "Yangon အတွက် ပို့ဆောင်ခက 2,500 Ks ပါရှင့်။"],
] as const)("tells in %s one zone's fee: %s", async (language, text, fee) => {
  expect(await shopIn(language).say(text)).toBe(fee);
});

test("tells all fees for a township that may not belong to its city's zone", async () => {
  expect(await shopIn("en").say("how much is delivery to Hlaing Tharyar?")).toContain(
    "Other towns: 5,000 Ks",
  );
});

test.each(["Do you sell iPhones?", "do u sell cars?"])("says in words that it has none: %s", async (text) => {
  expect(await shopIn("en").say(text)).toContain("couldn't find that in our shop");
});

test.each(["how long does delivery take?", "how many days for delivery to Mandalay?"])(
  "lists no fees to who asks how long it takes: %s",
  async (text) => {
    expect(await shopIn("en").say(text)).toBe(
      "I have no information about that; someone from the shop can tell you.",
    );
    expect(await shopIn("en", { delivery: "1–3 days in Yangon" }).say(text)).toContain("1–3 days");
  },
);

test.each([
  ["en", "do you have discount?", "I know of no discount"],
  ["my", "လျှော့ဈေးရှိလား", "လျှော့ဈေးရှိတယ်လို့ ကျွန်မ မသိပါဘူး"],
] as const)("knows in %s of no discount: %s", async (language, text, words) => {
  expect(await shopIn(language).say(text)).toContain(words);
});

test.each([
  ["en", "please cancel my order", "not placed an order yet", "yes"],
  ["my", "အော်ဒါကို ဖျက်ပေးပါ", "အော်ဒါ မတင်ရသေးလို့", "ဟုတ်ကဲ့"],
] as const)(
  "asks in %s before it empties a cart that is no order: %s",
  async (language, text, words, yes) => {
    const shop = shopIn(language);
    await shop.say("1 woven bag");
    expect(await shop.say(text)).toContain(words);
    expect(shop.quantityOf("var-woven-bag")).toBe(1);
    await shop.say(yes);
    expect(shop.cart.size).toBe(0);
  },
);

test("hears no goods in a demand for a discount", async () => {
  expect(await shopIn("en").say("give me a discount of 50%")).toBe(
    "I know of no discount at the moment; our prices are as I tell them.",
  );
});

test("takes the length of goods for no question about the delivery", async () => {
  expect(await shopIn("en").say("how long is the blue shirt?")).toContain("Blue shirt is 9,000 Ks");
});

test.each([
  ["en", "hello", /^What are you looking for\?/u, /^Hello again!/u],
  ["my", "မင်္ဂလာပါ", /^ဘာများ ကူညီပေးရမလဲ/u, /^မင်္ဂလာပါရှင့်၊ ပြန်တွေ့ရလို့/u],
] as const)("bids in %s no second welcome behind the disclosure", async (language, text, first, again) => {
  const shop = shopIn(language);
  expect(await shop.say(text)).toMatch(first);
  expect(await shop.say(text)).toMatch(again);
});
