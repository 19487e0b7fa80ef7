import { expect, test } from "vitest";
import { englishTexts } from "../../domain/conversation/texts-en.ts";
import { burmeseTexts } from "../../domain/conversation/texts-my.ts";
import type { PaymentState } from "../../domain/order/states.ts";
import { ModelShop, plain } from "./model-shop.ts";

const balance = { amountMinor: 110_500, currency: "MMK" as const };
const texts = { en: englishTexts, my: burmeseTexts };

/** A customer whose one order is in this state, in the product's own words. */
function customerWith(payment: PaymentState, language: "en" | "my" = "en"): ModelShop {
  const state = texts[language].orderStatus({ order: "placed", payment, fulfilment: "pending", balance });
  const amount = "110,500 MMK";
  const balanceText = payment === "paid" ? "0 MMK" : amount;
  const order = {
    orderNumber: "1042",
    state,
    totalText: amount,
    balanceText,
    canCancel: true,
    placedAt: "2026-11-01",
  };
  return new ModelShop({ language, products: [plain("Woven bag", 12_000)], orders: [order] });
}

test.each([
  ["en", "where is my order?", "still to pay", "checking your slip"],
  ["en", "did you get my money?", "still to pay", "checking your slip"],
  ["en", "have you received my transfer?", "still to pay", "checking your slip"],
  ["my", "ငွေရပြီလား", "ကျန်ငွေ", "ပြေစာကို စစ်နေပါတယ်"],
] as const)(
  "says in %s that the shop checks the slip, and asks for no money: %s",
  async (language, text, demand, checked) => {
    const answer = await customerWith("under_review", language).say(text);
    expect(answer).toContain(checked);
    expect(answer).not.toContain(demand);
  },
);

test("tells who asks for their money what the order's state is", async () => {
  expect(await customerWith("paid").say("did you get my money?")).toBe(
    "Order 1042: paid, not sent yet, total 110,500 MMK.",
  );
  expect(await customerWith("due").say("did you get my money?")).toContain(
    "please send a picture of the slip",
  );
});

test.each([
  ["en", "where do I send the money again?", "message above that has your order number"],
  ["my", "ငွေဘယ်ကိုလွှဲရမလဲ", "အော်ဒါနံပါတ်ပါတဲ့ စာထဲမှာ"],
] as const)(
  "points in %s to the account of an order that waits for a transfer: %s",
  async (language, text, words) => {
    expect(await customerWith("due", language).say(text)).toContain(words);
  },
);

test("tells the ways to pay when no order waits for a transfer", async () => {
  const shop = new ModelShop({ language: "en", products: [plain("Woven bag", 12_000)] });
  expect(await shop.say("where do I send the money?")).toContain("KBZPay, Wave Pay");
});
