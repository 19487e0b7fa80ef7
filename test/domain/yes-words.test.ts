import { expect, test } from "vitest";
import { isAgentRequest, isPersonRequest, isYes } from "../../domain/conversation/yes-words.ts";

test.each([
  "yes",
  "Yes!",
  " OK. ",
  "Yes, please",
  "That's right",
  "confirm my order",
  "👍",
  "👍🏽",
  "👍👍",
  "✅",
])("%s is yes in English", (text) => {
  expect(isYes(text, "en")).toBe(true);
});

test.each([
  "ဟုတ်ကဲ့",
  "ဟုတ်ကဲ့။",
  "ဟုတ်ကဲ့ရှင့်",
  "ဟုတ်\u200bကဲ့",
  "ဟုတ်ကဲ့ မှာပါမယ်",
  "အတည်ပြုပါတယ်",
  "အိုကေ",
  "ok",
  "Confirm ပါတယ်",
  "👍",
])("%s is yes in Burmese", (text) => {
  expect(isYes(text, "my")).toBe(true);
});

test.each([
  "",
  "no",
  "ok?",
  "yes?",
  "ok but blue",
  "yes, and one more hat",
  "not ok",
  "I said yes to my mother",
  "yesterday",
  "ဟုတ်လား",
  "မဟုတ်ဘူး",
  "ဟုတ်ကဲ့ ဒါပေမယ့် အပြာ",
  "ရပါတယ်",
  "မမှာတော့ဘူး",
  "👎",
  "🙂",
  "[quick reply: yes] no",
])("%s is no yes in any language", (text) => {
  expect(isYes(text, "en")).toBe(false);
  expect(isYes(text, "my")).toBe(false);
});

test("a Burmese yes is not on the English list", () => {
  expect(isYes("ဟုတ်ကဲ့", "en")).toBe(false);
});

test.each(["Human", "talk to a person", "Admin!", "လူ", "လူနဲ့ ပြောချင်ပါတယ်", "admin နဲ့ပြောချင်တယ်"])(
  "%s asks for a person",
  (text) => {
    expect(isPersonRequest(text)).toBe(true);
  },
);

test.each(["person size shirt", "လူကြီးဝတ် ရှိလား", "are you human?", "bot"])(
  "%s does not ask for a person",
  (text) => {
    expect(isPersonRequest(text)).toBe(false);
  },
);

test.each(["bot", "Back to the assistant", "အေးဂျင့်နဲ့ ပြောမယ်"])("%s gives back to the agent", (text) => {
  expect(isAgentRequest(text)).toBe(true);
});

test("nothing is at once a yes, a call for a person and a way back", () => {
  for (const text of ["yes", "ဟုတ်ကဲ့", "human", "လူ", "bot", "စက်"]) {
    const answers = [isYes(text, "my"), isPersonRequest(text), isAgentRequest(text)];
    expect(answers.filter(Boolean)).toHaveLength(1);
  }
});
