import { expect, test } from "vitest";
import { findZone, listTownships } from "../../domain/shop/find-zone.ts";
import type { DeliveryZone } from "../../domain/shop/policies.ts";

const zone = (id: string, townships: string[]): DeliveryZone => ({
  id,
  name: id,
  townships,
  feeMinor: 3_000,
  acceptsCashOnDelivery: true,
});
const inner = zone("inner", ["Hlaing", "လှိုင်", "Tamwe", "တာမွေ"]);
const outer = zone("outer", ["Hlaingthaya", "လှိုင်သာယာ", "tamwe"]);
const country = zone("country", ["*"]);
const policies = { zones: [inner, outer, country] };

test.each([
  ["Hlaing", "inner"],
  ["  hLAING ", "inner"],
  ["Hlaing Township", "inner"],
  ["လှိုင်", "inner"],
  ["လှိုင်မြို့နယ်", "inner"],
  ["လှိုင်\u200bသာယာ", "outer"],
  ["Hlaing Thaya", "outer"],
  ["Tamwe, Yangon", "inner"],
  ["Pyin Oo Lwin", "country"],
])("%s is served by %s", (township, id) => {
  expect(findZone(policies, township)?.id).toBe(id);
});

test("marks in another order are the same township", () => {
  const shwe = zone("shwe", ["ကမ့်"]); // the two marks as NFC orders them
  expect(findZone({ zones: [shwe] }, "ကမ\u103a\u1037")?.id).toBe("shwe");
});

test("a township that no zone names is not served unless a zone is everywhere else", () => {
  expect(findZone({ zones: [inner, outer] }, "Bago")).toBeUndefined();
  expect(findZone(policies, " . ")).toBeUndefined();
  expect(findZone(policies, "Township")?.id).toBe("country");
});

test("lists each township once and never the star", () => {
  expect(listTownships(policies)).toEqual(["Hlaing", "လှိုင်", "Tamwe", "တာမွေ", "Hlaingthaya", "လှိုင်သာယာ"]);
});
