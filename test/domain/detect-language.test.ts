import { expect, test } from "vitest";
import { detectLanguage } from "../../domain/text/detect-language.ts";

test.each(["မင်္ဂလာပါ", "size M ရှိလား", "ok ပါ", "ၵႃႈ"])("answers %s in Burmese", (text) => {
  expect(detectLanguage(text)).toBe("my");
  expect(detectLanguage(text, "en")).toBe("my");
});

test.each(["How much is this?", "apa kabar", "สวัสดี", "どうも", "I want two"])(
  "answers %s in English",
  (text) => {
    expect(detectLanguage(text)).toBe("en");
    expect(detectLanguage(text, "my")).toBe("en");
  },
);

test.each(["", "15000", "၁၅၀၀၀", "👍", "ok", "OK!", "A-1042", "09 771 234 567", "…"])(
  "stays with the language before when %s tells nothing",
  (text) => {
    expect(detectLanguage(text, "my")).toBe("my");
    expect(detectLanguage(text, "en")).toBe("en");
    expect(detectLanguage(text)).toBe("en");
  },
);
