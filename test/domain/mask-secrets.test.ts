import { describe, expect, test } from "vitest";
import { toZawgyi } from "../../domain/text/burmese.ts";
import { maskAcross, maskSecrets } from "../../domain/text/mask-secrets.ts";
import { cpuMsOf } from "../support/cpu-time.ts";
import { fc, runs } from "../support/properties.ts";

const cards = {
  visa: "4111111111111111",
  oldVisa: "4222222222222",
  mastercard: "5555555555554444",
  mastercard2: "2223003122003222",
  amex: "378282246310005",
  diners: "30569309025904",
  jcb: "3530111333300000",
  unionPay: "6205500000000000004",
  discover: "6011000990139424",
  maestro: "6304000000000000",
};

function toMyanmar(digits: string): string {
  return digits.replace(/\d/g, (digit) => String.fromCharCode(0x1040 + Number(digit)));
}

function groupsOf(digits: string, size: number, glue: string): string {
  return (digits.match(new RegExp(`.{1,${size}}`, "g")) ?? []).join(glue);
}

function withLuhn(body: string): string {
  for (let last = 0; last < 10; last += 1) {
    const digits = `${body}${last}`;
    const sum = Array.from(digits)
      .toReversed()
      .reduce((total, digit, index) => {
        const value = index % 2 === 1 ? Number(digit) * 2 : Number(digit);
        return total + (value > 9 ? value - 9 : value);
      }, 0);
    if (sum % 10 === 0) return digits;
  }
  throw new Error("unreachable");
}

describe("card numbers", () => {
  test.each(Object.entries(cards))("%s is masked, whole and in groups", (_network, digits) => {
    for (const form of [
      digits,
      groupsOf(digits, 4, " "),
      groupsOf(digits, 4, "-"),
      groupsOf(digits, 4, "\n"),
    ]) {
      expect(maskSecrets(`my card ${form} thanks`)).toEqual({
        text: "my card [card number removed] thanks",
        masked: ["card"],
      });
    }
  });

  test.each([
    ["Myanmar digits", toMyanmar(cards.visa)],
    ["Myanmar digits in groups", toMyanmar("4111 1111 1111 1111")],
    ["the letter wa for zero", toMyanmar(cards.discover).replaceAll("၀", "ဝ")],
    ["full-width digits", "４１１１１１１１１１１１１１１１"],
    ["mixed digits", "4111၁၁၁၁1111၁၁၁၁"],
    ["Amex groups", "3782 822463 10005"],
    ["single digits", groupsOf(cards.visa, 1, " ")],
    ["pairs with dots", groupsOf(cards.visa, 2, ".")],
    ["slashes", groupsOf(cards.visa, 4, "/")],
    ["en dashes", groupsOf(cards.visa, 4, "–")],
    ["no-break spaces", groupsOf(cards.visa, 4, "\u00A0")],
    ["zero-width spaces", groupsOf(cards.visa, 4, "\u200B")],
    ["two spaces and a dash", groupsOf(cards.visa, 4, " - ")],
    ["commas by four", groupsOf(cards.visa, 4, ",")],
    ["odd groups", "41111 111111 11111"],
  ])("is masked with %s", (_form, card) => {
    expect(maskSecrets(`ကတ်နံပါတ် ${card}`).text).toBe("ကတ်နံပါတ် [card number removed]");
  });

  test("is masked beside words, expiry, amounts and a phone number, which stay", () => {
    expect(maskSecrets("Visa:4111111111111111,exp 12/27").text).toBe("Visa:[card number removed],exp 12/27");
    expect(maskSecrets("15,000 Ks 4111 1111 1111 1111 09771234567").text).toBe(
      "15,000 Ks [card number removed] 09771234567",
    );
    expect(maskSecrets("I want to order with card 4111111111111111").masked).toEqual(["card"]);
    expect(maskSecrets("Transaction ID: 4111111111111111").masked).toEqual(["card"]);
  });

  test("is masked twice in one message", () => {
    const { text, masked } = maskSecrets(`${cards.visa} or ${cards.amex}`);
    expect(text).toBe("[card number removed] or [card number removed]");
    expect(masked).toEqual(["card"]);
  });

  test("CVV is masked with it", () => {
    expect(maskSecrets("cvv 123").text).toBe("cvv [card number removed]");
    expect(maskSecrets("security code 1234").text).toBe("security code [card number removed]");
    expect(maskSecrets("CVC: ၁၂၃").text).toBe("CVC: [card number removed]");
  });

  test("of any length and beginning is masked, however it is broken into groups", () => {
    const beginning = fc.constantFrom("4", "51", "55", "2221", "2720", "6011", "62", "50", "9503");
    const sixteen = fc
      .tuple(beginning, fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 15, maxLength: 15 }))
      .map(([start, rest]) => withLuhn(`${start}${rest.join("")}`.slice(0, 15)))
      .filter((digits) => !digits.endsWith("00"));
    const glue = fc.array(fc.constantFrom("", "", " ", "-", ". ", "\n"), { minLength: 15, maxLength: 15 });
    fc.assert(
      fc.property(sixteen, glue, (digits, glues) => {
        const phoneLike = /09|959|95[ -]?0?9/;
        fc.pre(!phoneLike.test(digits));
        const written = Array.from(digits, (digit, index) => digit + (glues[index] ?? "")).join("");
        expect(maskSecrets(written).masked).toEqual(["card"]);
      }),
    );
  });
});

describe("one-time codes and PINs", () => {
  test.each([
    ["OTP 123456", "OTP [code removed]"],
    ["my otp is 4821", "my otp is [code removed]"],
    ["Your verification code is 123-456.", "Your verification code is [code removed]."],
    ["G-123456 is your Google verification code", "[code removed] is your Google verification code"],
    ["123456 is your OTP", "[code removed] is your OTP"],
    ["one time password: 998877", "one time password: [code removed]"],
    ["KBZPay PIN: 123456", "KBZPay PIN: [code removed]"],
    ["my pin is 1234", "my pin is [code removed]"],
    ["pin code 4321", "pin code [code removed]"],
    ["my pin1234", "my pin[code removed]"],
    ["otp445566", "otp[code removed]"],
    ["OTP က ၁၂၃၄၅၆ ပါ", "OTP က [code removed] ပါ"],
    ["OTP ကုဒ်က ၁၂၃၄၅၆", "OTP ကုဒ်က [code removed]"],
    ["အတည်ပြုကုဒ် ၁၂၃၄၅၆", "အတည်ပြုကုဒ် [code removed]"],
    ["အတည်ပြုကုဒ်က 123456 ပါ", "အတည်ပြုကုဒ်က [code removed] ပါ"],
    ["ပင်နံပါတ် ၁၂၃၄", "ပင်နံပါတ် [code removed]"],
    ["လျှို့ဝှက်နံပါတ်က ၁၂၃၄၅၆", "လျှို့ဝှက်နံပါတ်က [code removed]"],
    ["၁၂၃၄၅၆ က OTP ပါ", "[code removed] က OTP ပါ"],
    [`${toZawgyi("အတည်ပြုကုဒ်")} 123456`, `${toZawgyi("အတည်ပြုကုဒ်")} [code removed]`],
  ])("masks %s", (text, expected) => {
    expect(maskSecrets(text)).toEqual({ text: expected, masked: ["otp"] });
  });
});

describe("passwords", () => {
  test.each([
    ["password: hunter2", "password: [password removed]"],
    ["my password is sunshine", "my password is [password removed]"],
    ["Password Abc@1234", "Password [password removed]"],
    ["pw: abc123", "pw: [password removed]"],
    ["user: mgmg pass: kyaw9988", "user: mgmg pass: [password removed]"],
    ["passphrase=correct-horse", "passphrase=[password removed]"],
    ["စကားဝှက်က ရွှေမန်း123 ပါ", "စကားဝှက်က [password removed] ပါ"],
    ["စကားဝှက် - mgmg1999", "စကားဝှက် - [password removed]"],
    ["လျှို့ဝှက်စကားလုံး: mgmg1999", "လျှို့ဝှက်စကားလုံး: [password removed]"],
    ["password က aungaung", "password က [password removed]"],
    [`${toZawgyi("စကားဝှက်")} mgmg1999`, `${toZawgyi("စကားဝှက်")} [password removed]`],
  ])("masks %s", (text, expected) => {
    expect(maskSecrets(text)).toEqual({ text: expected, masked: ["password"] });
  });
});

describe("what a shop needs stays", () => {
  test.each([
    // Phone numbers.
    "09771234567",
    "+95 9 771 234 567, +95 9 781 234 567",
    "09771234567 09781234567",
    "၀၉၇၇၁၂၃၄၅၆၇ သို့မဟုတ် ၀၉ ၇၈၁ ၂၃၄ ၅၆၇",
    "9509771234567",
    "0095 9 771 234 567",
    "OTP မရဘူး ၀၉၇၇၁၂၃၄၅၆၇ ကို ဆက်ပေးပါ",
    "call +62 812-3456-7890",
    // Amounts.
    "15,000 Ks",
    "total 4,500,000 MMK + 2,000",
    "4500 5500 6500 7500",
    "15000 25000 35000 45000",
    "၁၅၀၀၀ ကျပ် ၂ ထည်",
    "45000 09771234567",
    "4.500.000 Rp",
    "hair pin 2500 ks",
    "pin 2 pcs 2500",
    // References, orders, dates.
    "01003922022345678901",
    "Transaction ID: 7000000000000005",
    "ငွေလွှဲ နံပါတ် 7000000000000005",
    "KBZPay transaction 01003922022345678901",
    "20261125145612345",
    "1790000000123",
    "order A-1042",
    "Order number 1042",
    "2026-11-25 14:56",
    "postal code 11041, No 12, 3rd floor",
    "product code 12345",
    "promo code SAVE2026",
    // Talk about secrets.
    "I forgot my password",
    "forgot password 09771234567",
    "otp 15000 ks",
    "my password is wrong",
    "password မေ့နေတယ်",
    "စကားဝှက် မေ့သွားလို့",
    "OTP မရဘူး",
    "do you need an OTP?",
    "ပင် ၂ ခု",
    "task-management-for-a-small-shop-please",
    "https://shop.example/products/sku-1234567890?ref=abc",
  ])("%s", (text) => {
    expect(maskSecrets(text)).toEqual({ text, masked: [] });
  });

  test("phone numbers of every form, alone and in pairs", () => {
    const number = fc
      .tuple(
        fc.constantFrom("09", "+959", "959", "+95 9 ", "09-", "၀၉"),
        fc.integer({ min: 5_000_000, max: 999_999_999 }),
      )
      .map(([prefix, rest]) => `${prefix}${rest}`);
    fc.assert(
      fc.property(number, number, fc.constantFrom(" ", ", ", " / ", "\n"), (first, second, glue) => {
        expect(maskSecrets(`${first}${glue}${second}`).masked).toEqual([]);
      }),
    );
  });

  test("numbers of a card's length without a card's check digit", () => {
    for (const text of ["4111111111111112", "4001 2345 6789 0123", "KBZ 5500 0000 0000 0005"]) {
      expect(maskSecrets(text).masked).toEqual([]);
    }
  });

  test("references that begin with a date, whatever their check digit", () => {
    for (const time of ["145612", "000000", "235959"]) {
      const text = withLuhn(`20261125${time}`);
      expect(maskSecrets(text)).toEqual({ text, masked: [] });
    }
  });

  test("lists of round prices", () => {
    const price = fc.integer({ min: 40, max: 69 }).map((hundreds) => String(hundreds * 100));
    fc.assert(
      fc.property(
        fc.array(price, { minLength: 2, maxLength: 6 }),
        fc.constantFrom(" ", ", ", "/"),
        (list, glue) => {
          expect(maskSecrets(list.join(glue)).masked).toEqual([]);
        },
      ),
    );
  });

  test("payment references of 20 digits, and named ones of no card network", () => {
    const digits = fc
      .array(fc.integer({ min: 0, max: 9 }), { minLength: 8, maxLength: 20 })
      .map((all) => (all.length < 13 || all.length > 19 ? "" : "7") + all.join("").slice(0, 19));
    const name = fc.constantFrom("Transaction ID: ", "ref ", "Reference No. ", "Txn#", "လုပ်ငန်းစဉ်အမှတ် ");
    fc.assert(
      fc.property(name, digits, (word, id) => {
        expect(maskSecrets(word + id).masked).toEqual([]);
      }),
    );
  });

  test("amounts with thousands between commas", () => {
    const amounts = fc.array(fc.integer({ min: 1_000, max: 99_999_999 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(amounts, (list) => {
        const text = list.map((amount) => amount.toLocaleString("en-US")).join(" ");
        expect(maskSecrets(text).masked).toEqual([]);
      }),
    );
  });
});

describe("over two messages", () => {
  test.each([
    ["4111 1111", "1111 1111", "[card number removed]", "[card number removed]"],
    ["my card is 41111111", "11111111 ok?", "my card is [card number removed]", "[card number removed] ok?"],
    ["၄၁၁၁ ၁၁၁၁", "၁၁၁၁ ၁၁၁၁", "[card number removed]", "[card number removed]"],
    [
      "first half 4111 1111 1111",
      "and the rest: 1111",
      "first half [card number removed]",
      "and the rest: [card number removed]",
    ],
    ["my OTP is", "123456", "my OTP is", "[code removed]"],
    ["စကားဝှက်က", "mgmg1999", "စကားဝှက်က", "[password removed]"],
  ])("%s | %s", (previous, text, expectedPrevious, expected) => {
    const across = maskAcross(previous, text);
    expect(across.text).toBe(expected);
    expect(across.previous).toBe(expectedPrevious);
    expect(across.masked).toHaveLength(1);
  });

  test.each([
    ["09771234567", "45000"],
    ["I want 2", "09771234567"],
    ["total 4500", "ok"],
    ["", "hello"],
    ["hello", ""],
  ])("nothing is masked in %s | %s", (previous, text) => {
    expect(maskAcross(previous, text)).toEqual({ text, previous, masked: [] });
  });

  test("a secret in the second message alone is masked as ever, one in the first alone is left to its own turn", () => {
    expect(maskAcross("hello", `card ${cards.visa}`)).toEqual({
      text: "card [card number removed]",
      previous: "hello",
      masked: ["card"],
    });
    expect(maskAcross(cards.visa, "hello")).toEqual({ text: "hello", previous: cards.visa, masked: [] });
  });
});

describe("laws", () => {
  const piece = fc.constantFrom(
    "4111",
    "1111",
    " ",
    "-",
    "password",
    ": ",
    "OTP ",
    "123456",
    "၀၉",
    "ဝ",
    "is ",
    "[",
    "key",
    "card",
    "က",
    "\n",
    "api_key=",
    "abcdefgh12345678",
    "15,000",
    "09771234567",
    "[password removed]",
    "[card number removed]",
  );
  const text = fc.oneof(fc.string({ unit: piece, maxLength: 30 }), fc.string({ unit: "binary" }));

  test("masking twice changes nothing", () => {
    fc.assert(
      fc.property(text, (original) => {
        const once = maskSecrets(original).text;
        expect(maskSecrets(once)).toEqual({ text: once, masked: [] });
      }),
      { numRuns: runs(500) },
    );
  });

  test("a secret that shows only beside the mark of another one is masked, too", () => {
    expect(maskSecrets("OTP 123456api_key=abcdefgh12345678")).toEqual({
      text: "OTP [code removed]api_key=[key removed]",
      masked: ["otp", "key"],
    });
  });

  test("a text without findings is unchanged to the last unit", () => {
    fc.assert(
      fc.property(text, (original) => {
        const { text: result, masked } = maskSecrets(original);
        if (masked.length === 0) expect(result).toBe(original);
      }),
    );
  });

  test.each([
    ["digits", "1 ".repeat(32_000)],
    ["one number", "1".repeat(64_000)],
    ["words", "password otp pin code is ".repeat(2_500)],
    ["Burmese", "စကားဝှက်က အတည်ပြုကုဒ်က ".repeat(2_500)],
    ["key letters", "sk-".repeat(20_000)],
    ["spaces", " ".repeat(64_000)],
    ["a key that does not end", `-----BEGIN PRIVATE KEY-----${"A".repeat(60_000)}`],
    ["equal signs", "token=".repeat(10_000)],
  ])("64,000 units of %s are masked in less than a second", (_name, long) => {
    expect(cpuMsOf(() => maskSecrets(long))).toBeLessThan(1_000);
  });
});
