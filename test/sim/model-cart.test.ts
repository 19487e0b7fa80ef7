import { expect, test } from "vitest";
import { ModelShop, plain } from "./model-shop.ts";

const products = [
  plain("Red Silk Dress · ပိုးသားဂါဝန်အနီ", 45_000, [
    ["S", 3],
    ["M", 5],
  ]),
  plain("Blue Cotton Shirt · ချည်ရှပ်အင်္ကျီအပြာ", 18_000, [
    ["M", 10],
    ["L", 8],
  ]),
  plain("Woven Bag · ရက်ကန်းအိတ်", 15_000),
];
const redM = "var-red-silk-dress-·-ပိုးသားဂါဝန်အနီ-m";
const blueL = "var-blue-cotton-shirt-·-ချည်ရှပ်အင်္ကျီအပြာ-l";
const bag = "var-woven-bag-·-ရက်ကန်းအိတ်";

function house(): ModelShop {
  return new ModelShop({ language: "en", products });
}

test("adds what a change names beside what the cart has", async () => {
  const shop = house();
  await shop.say("1 red silk dress M");
  await shop.say("change to 2 blue shirts L also");
  expect(Object.fromEntries(shop.cart)).toEqual({ [redM]: 1, [blueL]: 2 });
});

test.each(["I only want one red silk dress", "just 1 red dress please", "no, only 1", "ဂါဝန်အနီ တစ်ထည်ပဲ ယူမယ်"])(
  "sets the number to what is only wanted: %s",
  async (text) => {
    const shop = house();
    await shop.say("2 red silk dress M");
    await shop.say(text);
    expect(Object.fromEntries(shop.cart)).toEqual({ [redM]: 1 });
  },
);

test.each([
  ["the woven bag"],
  ["do you have a woven bag?"],
  ["show me the woven bag"],
  ["is the blue shirt nice?", "what about the woven bag?"],
])("takes a bare number after the question how many: %s", async (...texts) => {
  const shop = house();
  await shop.say("2 red silk dress M");
  for (const text of texts) await shop.say(text);
  await shop.say("1");
  expect(shop.quantityOf(bag)).toBe(1);
});

test.each([
  [["I want one woven bag", "and one blue shirt L", "that's all"]],
  [["1 woven bag and 1 blue shirt L, that's all"]],
])("asks for the contact when a burst of wishes says that it is all: %s", async (burst) => {
  const shop = house();
  expect(await shop.say(...burst)).toContain("your name, phone number");
  expect(Object.fromEntries(shop.cart)).toEqual({ [bag]: 1, [blueL]: 1 });
  await shop.say("Ma Hnin Wai");
  expect(shop.contact).toEqual({ name: "Ma Hnin Wai" });
});

test.each(["I want woven bag cash on delivery", "1 woven bag, cod", "woven bag 1 ခု ယူမယ် အိမ်ရောက်ငွေချေ"])(
  "takes the goods and the payment method of one sentence: %s",
  async (text) => {
    const shop = house();
    await shop.say(text);
    expect(shop.quantityOf(bag)).toBe(1);
    expect(shop.methodId).toBe("pm-cod");
  },
);

test.each([
  "I want to pay with KBZPay",
  "I'll take cash on delivery",
  "I want to transfer to your kbz account",
])("hears no goods in the choice of a payment method: %s", async (text) => {
  const shop = house();
  await shop.say("1 woven bag");
  await shop.say(text);
  expect(shop.callNames()).toEqual(["set_payment_method"]);
  expect(Object.fromEntries(shop.cart)).toEqual({ [bag]: 1 });
});

test("shows what there is when contact data comes with an empty cart", async () => {
  const shop = house();
  const answer = await shop.say("Aye Aye, 09420000333, Bahan, No 9 Kaba Aye Road");
  expect(answer).toContain("Your cart is empty");
  expect(answer).toContain("Woven Bag · ရက်ကန်းအိတ် – 15,000 Ks");
  expect(shop.callNames()).toContain("show_products");
});

test.each(["no, only 1", "only one please", "one"])(
  "takes a number with only after the question how many: %s",
  async (text) => {
    const shop = house();
    await shop.say("2 red silk dress M");
    await shop.say("do you have a woven bag?");
    await shop.say(text);
    expect(Object.fromEntries(shop.cart)).toEqual({ [redM]: 2, [bag]: 1 });
  },
);
