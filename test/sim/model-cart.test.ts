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

test.each(["I only want one red silk dress", "just 1 red dress please", "ဂါဝန်အနီ တစ်ထည်ပဲ ယူမယ်"])(
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
