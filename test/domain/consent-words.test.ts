import { expect, test } from "vitest";

import { isStopOfPromotions, isWishForPromotions } from "../../domain/conversation/consent-words.ts";

test.each(["stop promotions", "Stop Promotions!", "UNSUBSCRIBE", "ပရိုမိုးရှင်း ရပ်ပါ။", "ကြော်ငြာ မပို့ပါနဲ့တော့"])(
  "%s ends promotions",
  (text) => {
    expect(isStopOfPromotions(text)).toBe(true);
    expect(isWishForPromotions(text)).toBe(false);
  },
);

test.each(["send me promotions", "Subscribe", "ပရိုမိုးရှင်း ပို့ပေးပါ"])("%s asks for promotions", (text) => {
  expect(isWishForPromotions(text)).toBe(true);
  expect(isStopOfPromotions(text)).toBe(false);
});

test.each([
  "",
  "stop",
  "stop promotions?",
  "stop promotions of shoes, I want dresses",
  "do you have promotions",
  "any offers today",
  "send me the photo",
  "ပရိုမိုးရှင်း ရှိလား",
])("%s is neither", (text) => {
  expect(isStopOfPromotions(text)).toBe(false);
  expect(isWishForPromotions(text)).toBe(false);
});
