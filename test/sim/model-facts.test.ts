import { expect, test } from "vitest";
import { ModelShop, plain } from "./model-shop.ts";

const fees = "Yangon: 2,500 Ks\nMandalay: 4,000 Ks\nOther towns: 5,000 Ks";
const zones = fees.split("\n").map((line) => {
  const [name = "", feeText = ""] = line.split(": ");
  return { name, feeText };
});

function shopIn(language: "en" | "my", policies: Record<string, string> = {}): ModelShop {
  const products = [plain("Woven bag", 12_000), plain("Blue shirt", 9_000)];
  return new ModelShop({ language, products, zones, policies: { delivery: fees, ...policies } });
}

test("closes an owner's own Burmese sentence on the hours with no second particle", async () => {
  const hours = "နေ့စဉ် ဖွင့်ပါတယ်။ အချိန်မရွေး ဖြေပေးပါတယ်။";
  expect(await shopIn("my", { hours }).say("ဆိုင်ဘယ်အချိန်ဖွင့်လဲ")).toBe(`ဆိုင်ဖွင့်ချိန်ကတော့ ${hours}`);
});

test.each(["ဘာတွေ ရောင်းလဲ", "ဘာတွေ ရှိ လဲ", "ဘာ ရောင်းလဲ"])("understands Burmese with spaces: %s", async (text) => {
  expect(await shopIn("my").say(text)).toContain("Woven bag – 12,000 Ks");
});

test.each([
  ["en", "How much is delivery to Hlaing township?", "Delivery to Yangon: 2,500 Ks."],
  ["en", "do you deliver to Mandalay?", "Delivery to Mandalay: 4,000 Ks."],
  ["my", "ဗဟန်းကို ပို့ခဘယ်လောက်လဲ", "Yangon အတွက် ပို့ဆောင်ခက 2,500 Ks ပါရှင့်။"],
] as const)("tells in %s one zone's fee: %s", async (language, text, fee) => {
  expect(await shopIn(language).say(text)).toBe(fee);
});

test("tells all fees for a township that may not belong to its city's zone", async () => {
  expect(await shopIn("en").say("how much is delivery to Hlaing Tharyar?")).toContain(
    "Other towns: 5,000 Ks",
  );
});
