import { expect, test } from "vitest";

import { longestTitle } from "../../domain/conversation/text-parts.ts";
import { isAgentRequest, isPersonRequest, isYes } from "../../domain/conversation/yes-words.ts";
import { privacyTexts } from "../../domain/privacy/customer-texts.ts";
import { privacyDenials, privacyKinds } from "../../domain/privacy/privacy-request.ts";
import { privacyWish } from "../../domain/privacy/privacy-words.ts";
import { codeOfRequest, hashRequestCode, readRequestCode } from "../../domain/privacy/request-code.ts";
import { toUnicode, toZawgyi } from "../../domain/text/burmese.ts";

test.each([
  ["Delete my data", { wish: "ask", kind: "deletion", objectsTo: null }],
  ["please delete my information!", { wish: "ask", kind: "deletion", objectsTo: null }],
  ["ကျွန်မ ဒေတာတွေ ဖျက်ပေးပါ။", { wish: "ask", kind: "deletion", objectsTo: null }],
  [toZawgyi("ကျွန်တော့် အချက်အလက်တွေ ဖျက်ပေးပါ"), { wish: "ask", kind: "deletion", objectsTo: null }],
  [toZawgyi("ဒေတာဖျက်ပေးပါ"), { wish: "ask", kind: "deletion", objectsTo: null }],
  ["What data do you have?", { wish: "ask", kind: "access", objectsTo: null }],
  ["ဘာအချက်အလက်တွေ သိမ်းထားလဲ", { wish: "ask", kind: "access", objectsTo: null }],
  ["export my data", { wish: "ask", kind: "portability", objectsTo: null }],
  ["My information is wrong", { wish: "ask", kind: "correction", objectsTo: null }],
  ["stop using my data", { wish: "ask", kind: "restriction", objectsTo: null }],
  ["Stop using AI", { wish: "ask", kind: "objection", objectsTo: "no_ai" }],
  ["AI မသုံးပါနဲ့", { wish: "ask", kind: "objection", objectsTo: "no_ai" }],
  ["don't profile me", { wish: "ask", kind: "objection", objectsTo: "no_analytics" }],
  ["keep my data", { wish: "withdraw" }],
  ["မဖျက်ပါနဲ့", { wish: "withdraw" }],
])("%s is understood by code, as it is typed and as it is converted at the door", (text, wish) => {
  expect(privacyWish(text)).toEqual(wish);
  expect(privacyWish(toUnicode(text).text)).toEqual(wish);
});

test.each([
  "delete my order",
  "do you delete my data after I buy",
  "data",
  "I have AI",
  "yes",
  "person",
  "bot",
  "ဖျက်ပေးပါ",
])("%s asks for nothing of this kind", (text) => {
  expect(privacyWish(text)).toBeUndefined();
});

test("no word of it says yes, or calls a person or the agent", () => {
  for (const text of ["delete my data", "stop using ai", "keep my data", "ဒေတာဖျက်ပေးပါ", "ai မသုံးပါနဲ့"]) {
    const others = [isYes(text, "en"), isYes(text, "my"), isPersonRequest(text), isAgentRequest(text)];
    expect(others, text).toEqual([false, false, false, false]);
  }
});

test.each(["en", "my"] as const)("there is a text for every kind and every denial, in %s", (language) => {
  const say = privacyTexts(language);
  const statusUrl = "https://shop.test/privacy/requests/AAAA-BBBB-CCCC-DDDD";
  const texts = privacyKinds.flatMap((kind) => [
    say.confirm({ kind }),
    say.received({ kind, statusUrl, windowHours: 24, isForJudgement: false }),
    say.done({ kind, statusUrl }),
    ...privacyDenials.map((denial) => say.denied({ kind, statusUrl, denial, reason: null })),
  ]);
  for (const text of texts) expect(text).toMatch(language === "my" ? /[\u1000-\u109f]/ : /^[A-Z][ -~–“”]+$/);
  expect(new Set(texts).size).toBe(texts.length);
  for (const title of Object.values(say.titles)) expect(title.length).toBeLessThanOrEqual(longestTitle);
});

test("a code is 80 bits that belong to one request, is read however it is typed, and only its hash is kept", async () => {
  const indexer = { index: async (_scope: unknown, _field: string, value: string) => hashRequestCode(value) };
  const [one, other] = [await codeOfRequest(indexer, "a"), await codeOfRequest(indexer, "b")];
  expect(one).toMatch(/^(?:[0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}$/);
  expect(one).toBe(await codeOfRequest(indexer, "a"));
  expect(one).not.toBe(other);
  const typed = one.toLowerCase().replaceAll("-", " ").replaceAll("0", "o").replaceAll("1", "l");
  expect(readRequestCode(` ${typed} `)).toBe(one);
  expect(readRequestCode(one.slice(0, -1))).toBeUndefined();
  expect(hashRequestCode(one).toString("utf8")).not.toContain(one);
});
