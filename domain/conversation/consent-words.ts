import { comparable, comparableSet } from "./yes-words.ts";

/** Whole texts, as in `yes-words.ts`: "stop promotions of shoes, I want dresses" decides nothing. */
const stops = comparableSet([
  "stop promotion",
  "stop promotions",
  "stop promo",
  "stop promos",
  "stop offers",
  "stop ads",
  "stop marketing",
  "stop sending promotions",
  "stop sending me promotions",
  "stop sending offers",
  "please stop promotions",
  "please stop sending promotions",
  "no promotions",
  "no promotions please",
  "no more promotions",
  "no more offers",
  "no more ads",
  "unsubscribe",
  "ပရိုမိုးရှင်းရပ်",
  "ပရိုမိုးရှင်းရပ်ပါ",
  "ပရိုမိုးရှင်းရပ်ပေးပါ",
  "ပရိုမိုးရှင်းမပို့နဲ့",
  "ပရိုမိုးရှင်းမပို့ပါနဲ့",
  "ပရိုမိုးရှင်းတွေမပို့ပါနဲ့",
  "ပရိုမိုးရှင်းမပို့ပါနဲ့တော့",
  "ပရိုမိုးရှင်းမလိုချင်တော့ဘူး",
  "ကြော်ငြာရပ်ပါ",
  "ကြော်ငြာရပ်ပေးပါ",
  "ကြော်ငြာမပို့နဲ့",
  "ကြော်ငြာမပို့ပါနဲ့",
  "ကြော်ငြာတွေမပို့ပါနဲ့",
  "ကြော်ငြာမပို့ပါနဲ့တော့",
  "promotion ရပ်ပါ",
  "promotion ရပ်ပေးပါ",
  "promotion မပို့ပါနဲ့",
  "promotion မပို့ပါနဲ့တော့",
]);

const wishes = comparableSet([
  "start promotions",
  "get promotions",
  "get offers",
  "send promotions",
  "send me promotions",
  "send me offers",
  "subscribe",
  "i want promotions",
  "ပရိုမိုးရှင်းပို့ပေးပါ",
  "ပရိုမိုးရှင်းတွေပို့ပေးပါ",
  "ပရိုမိုးရှင်းလိုချင်တယ်",
  "ပရိုမိုးရှင်းလိုချင်ပါတယ်",
  "ပရိုမိုးရှင်းလက်ခံမယ်",
  "promotion ပို့ပေးပါ",
  "promotion လိုချင်ပါတယ်",
]);

/** Whether the whole text ends promotions, in any language. */
export function isStopOfPromotions(text: string): boolean {
  return stops.has(comparable(text));
}

/** Whether the whole text asks for promotions, in any language. It is no consent yet: the wording is shown first. */
export function isWishForPromotions(text: string): boolean {
  return wishes.has(comparable(text));
}
