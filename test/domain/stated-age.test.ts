import { describe, expect, test } from "vitest";

import { saysToBeMinor } from "../../domain/privacy/stated-age.ts";
import { toZawgyi } from "../../domain/text/burmese.ts";
import { fc } from "../support/properties.ts";

const sayings: ((age: string) => string)[] = [
  (age) => `I am ${age}`,
  (age) => `Hello! I'm ${age}.`,
  (age) => `im ${age} years old`,
  (age) => `i’m only ${age}, can I order?`,
  (age) => `I am a ${age}-year-old girl`,
  (age) => `My age is ${age}`,
  (age) => `I'm ${age} y/o`,
  (age) => `ကျွန်တော် ${age} နှစ်`,
  (age) => `ကျွန်မက ${age}နှစ်ပါ`,
  (age) => `ကျွန်တော့်အသက် ${age} နှစ်ပဲ ရှိသေးတယ်`,
];

const inMyanmarDigits = (age: number) =>
  String(age).replace(/\d/gu, (digit) => String.fromCharCode(0x1040 + Number(digit)));

const anySaying = fc.constantFrom(...sayings);
const anyDigits = fc.constantFrom<(age: number) => string>(String, inMyanmarDigits);

describe("who says how old they are", () => {
  test("is a minor from 6 to 17, in whichever words and digits", () => {
    fc.assert(
      fc.property(anySaying, anyDigits, fc.integer({ min: 6, max: 17 }), (say, write, age) => {
        expect({ text: say(write(age)), isMinor: saysToBeMinor(say(write(age))) }).toMatchObject({
          isMinor: true,
        });
      }),
    );
  });

  test("is none from 18 on", () => {
    fc.assert(
      fc.property(anySaying, anyDigits, fc.integer({ min: 18, max: 99 }), (say, write, age) => {
        expect({ text: say(write(age)), isMinor: saysToBeMinor(say(write(age))) }).toMatchObject({
          isMinor: false,
        });
      }),
    );
  });

  test.each([
    "I am fifteen years old",
    "i'm sixteen",
    "I am under 18",
    "I'm a minor, is that ok?",
    "I'm underage",
    "I want the red dress. I am 15 and my mother pays",
    "ကျွန်တော် ၁၈ နှစ်မပြည့်သေးဘူး",
    "ကျွန်မ ဆယ့်ငါးနှစ်ပါ",
    "ကျမ ၁၅ နှစ်သမီး",
    toZawgyi("ကျွန်တော် ၁၅ နှစ်ပါ"),
  ])("%s is of a minor", (text) => {
    expect(saysToBeMinor(text)).toBe(true);
  });
});

test.each([
  "",
  "15",
  "15 items",
  "I want 15 items",
  "I need 15",
  "15 years warranty",
  "it has a 15 years warranty, I am happy",
  "for my 5 year old",
  "my son is 12 years old",
  "my daughter is 15",
  "dress for a 10 year old girl",
  "I am 15 minutes away",
  "I'm 10 km from Yangon",
  "I am 15% sure",
  "I am 15th in the line",
  "I'm 15,000 short",
  "I am 16.5 in shoes",
  "I'm 12 weeks pregnant",
  "I am size 12",
  "I'm 12, which size fits?",
  "I am a 14 in UK sizes",
  "I was 15 when I opened my shop",
  "if I am 15, may I order?",
  "when I'm 17 I will come back",
  "I am not 15",
  "I am 15 years with this shop",
  "I'm 0912345678",
  "I am 4",
  "ကျွန်တော် ၁၅ ခု ယူမယ်",
  "ကျွန်တော် ၁၅ နှစ်အာမခံ လိုချင်တယ်",
  "ကျွန်တော် ၁၀ နှစ်ကြာ သုံးခဲ့တယ်",
  "သမီး ၁၄ နှစ် အတွက် ဂါဝန်",
  "ကျွန်တော့်သား ၅ နှစ်ပါ",
  "၁၅ နှစ် အာမခံ ပါလား",
  "အသက် ၁၅ နှစ် ကလေးအတွက်",
])("%s is no word of a minor about themselves", (text) => {
  expect(saysToBeMinor(text)).toBe(false);
});

test("no text of any length takes long", () => {
  const long = "i am 15 ".repeat(2_000) + "i'm ".repeat(2_000) + "ကျွန်တော် ".repeat(2_000);
  expect(typeof saysToBeMinor(long)).toBe("boolean");
});
