import { expect, test } from "vitest";
import { ModelShop, plain } from "./model-shop.ts";

const products = [
  plain("အနီရောင် ဂါဝန်", 18_000, [
    ["S", 3],
    ["M", 3],
  ]),
  plain("သနပ်ခါး ဆပ်ပြာ", 2_500, [["", 40]], "သဘာဝ သနပ်ခါးနဲ့ လုပ်ထားတဲ့ ဆပ်ပြာ"),
  plain("ရှမ်း လက်ဖက်ခြောက်", 6_000, [["၅၀၀ ဂရမ်", 9]]),
];
const [dress, soap, tea] = ["var-အနီရောင်-ဂါဝန်-m", "var-သနပ်ခါး-ဆပ်ပြာ", "var-ရှမ်း-လက်ဖက်ခြောက်-၅၀၀ ဂရမ်"] as const;

test("sells in Burmese, from the greeting to the summary", async () => {
  const shop = new ModelShop({ language: "my", products });
  expect(await shop.say("မင်္ဂလာပါ")).toContain("ဘာများ ကူညီပေးရမလဲ");
  expect(await shop.say("ဘာတွေရောင်းလဲ")).toContain("သနပ်ခါး ဆပ်ပြာ – 2,500 Ks");
  expect(await shop.say("ဂါဝန်အနီ ဈေးဘယ်လောက်လဲ")).toContain("18,000 Ks");
  expect(await shop.say("၂ ထည်ယူမယ်")).toContain("2 × အနီရောင် ဂါဝန် ဘယ်ဟာလေး");
  await shop.say("M ဆိုဒ်");
  await shop.say("ဆပ်ပြာ သုံးခု ထည့်ပေးပါ");
  expect(Object.fromEntries(shop.cart)).toEqual({ [dress]: 2, [soap]: 3 });
  expect(await shop.say("ဒါပဲ")).toContain("နာမည်၊ ဖုန်းနံပါတ်၊ မြို့နယ်နဲ့ လိပ်စာအပြည့်အစုံလေး");
  await shop.say("အေးအေးမွန်\n၀၉၇၉၁၂၃၄၅၆၇\nလှိုင်မြို့နယ်\nအမှတ် ၁၂၊ ပြည်လမ်း");
  expect(shop.contact).toEqual({
    name: "အေးအေးမွန်",
    phone: "၀၉၇၉၁၂၃၄၅၆၇",
    township: "လှိုင်",
    address: "အမှတ် ၁၂၊ ပြည်လမ်း",
  });
  expect(await shop.say("ကေပေးနဲ့ပေးမယ်")).toContain("အနှစ်ချုပ်");
  expect(shop.summaryPending).toBe(true);
});

test("asks for missing contact fields one after the other in Burmese", async () => {
  const shop = new ModelShop({ language: "my", products });
  await shop.say("ဆပ်ပြာ ၂ ခု ယူမယ်");
  await shop.say("အော်ဒါတင်မယ်");
  expect(await shop.say("နာမည်က မေသူပါ ဖုန်းက 09791234567")).toContain("မြို့နယ်နဲ့ လိပ်စာ");
  expect(await shop.say("မန္တလေး")).toContain("လှိုင်သာယာ");
  expect(await shop.say("ဗဟန်း")).toContain("လိပ်စာအပြည့်အစုံ");
  expect(await shop.say("၁၂ လမ်း၊ ၃ လွှာ")).toContain("Cash on delivery");
  await shop.say("အိမ်ရောက်ငွေချေ");
  expect(shop.contact).toEqual({
    name: "မေသူ",
    phone: "09791234567",
    township: "ဗဟန်း",
    address: "၁၂ လမ်း၊ ၃ လွှာ",
  });
  expect(shop.summaryPending).toBe(true);
});

test("reads labelled contact data", async () => {
  const shop = new ModelShop({ language: "my", products });
  await shop.say("ဆပ်ပြာ ၂ ခု ယူမယ်");
  await shop.say("နာမည် - ဒေါ်အေး\nဖုန်း - ၀၉၇၉၁၂၃၄၅၆၇\nမြို့နယ် - လှိုင်သာယာ\nလိပ်စာ - အမှတ် ၅၊ ဈေးလမ်း");
  expect(shop.contact).toEqual({
    name: "ဒေါ်အေး",
    phone: "၀၉၇၉၁၂၃၄၅၆၇",
    township: "လှိုင်သာယာ",
    address: "အမှတ် ၅၊ ဈေးလမ်း",
  });
});

test("takes two things with their numbers, changes one and removes the other", async () => {
  const shop = new ModelShop({ language: "my", products });
  await shop.say("ဆပ်ပြာ ၅ ခုနဲ့ လက်ဖက်ခြောက် တစ်ထုပ် ယူမယ်");
  expect(Object.fromEntries(shop.cart)).toEqual({ [soap]: 5, [tea]: 1 });
  await shop.say("ဆပ်ပြာကို ၂ ခုပဲ ပြောင်းပေးပါ");
  expect(shop.quantityOf(soap)).toBe(2);
  await shop.say("လက်ဖက်ခြောက် ဖယ်ပေးပါ");
  expect(Object.fromEntries(shop.cart)).toEqual({ [soap]: 2 });
  await shop.say("ဆပ်ပြာ တစ်ခု ထပ်ယူမယ်");
  expect(shop.quantityOf(soap)).toBe(3);
});

test("answers a burst with hours and the delivery fee of a township", async () => {
  const shop = new ModelShop({ language: "my", products });
  const answer = await shop.say("မင်္ဂလာပါ", "ဆိုင်ဘယ်အချိန်ဖွင့်လဲ", "လှိုင်ကို ပို့ခဘယ်လောက်လဲ");
  expect(answer).toContain("9:00–18:00");
  expect(answer).toContain("2,500 Ks");
});

test("finds a Burmese product by an English word", async () => {
  expect(await new ModelShop({ language: "my", products }).say("red dress how much")).toContain("18,000 Ks");
});

test("says in Burmese that it is a demonstration, does not know, or hands over", async () => {
  const shop = new ModelShop({ language: "my", products });
  expect(await shop.say("လူလား စက်လား")).toContain("သရုပ်ပြ");
  expect(await shop.say("ရဟတ်ယာဉ် ရှိလား")).toContain("မတွေ့ပါဘူး");
  await shop.say("လူနဲ့ပြောချင်တယ်");
  expect(shop.callNames()).toEqual(["hand_to_person"]);
});

test("shows the only picture of what was asked for", async () => {
  const shop = new ModelShop({ language: "my", products });
  await shop.say("ဂါဝန်လေး ပြပါဦး");
  expect(shop.lastCall("show_products")).toEqual({ productIds: ["prd-အနီရောင်-ဂါဝန်"] });
});
