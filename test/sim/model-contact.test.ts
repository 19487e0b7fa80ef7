import { expect, test } from "vitest";
import { ModelShop, plain } from "./model-shop.ts";

/** A shop whose prompt names zones, not the townships in them. */
function yangonShop(): ModelShop {
  return new ModelShop({
    language: "en",
    products: [plain("Woven bag", 12_000), plain("Blue shirt", 9_000)],
    zones: [{ name: "Yangon", feeText: "2,500 Ks" }],
    townships: ["Hlaing", "Bahan", "Hlaing Tharyar"],
  });
}

async function askedForContact(): Promise<ModelShop> {
  const shop = yangonShop();
  await shop.say("1 woven bag");
  await shop.say("that's all");
  return shop;
}

test.each([
  [
    "my name is Ma Hnin Wai, phone 09 777 123 456, Hlaing township, No 12 Baho Road",
    { name: "Ma Hnin Wai", phone: "09 777 123 456", township: "Hlaing", address: "No 12 Baho Road" },
  ],
  [
    "Aye Aye 09 420 000 333 Bahan No 9 Kaba Aye Road",
    { name: "Aye Aye", phone: "09 420 000 333", township: "Bahan", address: "No 9 Kaba Aye Road" },
  ],
  [
    "Thida Hlaing, 09420000333, Bahan, No 9 Kaba Aye Road",
    { name: "Thida Hlaing", phone: "09420000333", township: "Bahan", address: "No 9 Kaba Aye Road" },
  ],
])("reads the township out of one line: %s", async (text, contact) => {
  const shop = await askedForContact();
  await shop.say(text);
  expect(shop.contact).toEqual(contact);
});

test("takes a township alone for no name, though the prompt does not list it", async () => {
  const shop = await askedForContact();
  await shop.say("Hlaing Tharyar");
  expect(shop.contact).toEqual({ township: "Hlaing Tharyar" });
});

test("takes the name of a payment method for no contact field", async () => {
  const shop = await askedForContact();
  expect(await shop.say("Aye Aye, 09420000333, No 9 Kaba Aye Road")).toContain("your township");
  await shop.say("KBZPay");
  expect(shop.callNames()).toEqual(["set_payment_method"]);
  expect(shop.contact["township"]).toBeUndefined();
  expect(shop.methodId).toBe("pm-kbz");
});

test.each([
  ["change my address to No 7 Pyay Road", { address: "No 7 Pyay Road", township: "Bahan" }],
  [
    "please change the address to No 7, Pyay Road, Hlaing",
    { address: "No 7, Pyay Road", township: "Hlaing" },
  ],
  ["my new address is No 7 Pyay Road", { address: "No 7 Pyay Road", township: "Bahan" }],
  ["change my township to Hlaing", { address: "No 9 Kaba Aye Road", township: "Hlaing" }],
  ["လိပ်စာကို အမှတ် ၇ ပြည်လမ်း ပြောင်းပေးပါ", { address: "အမှတ် ၇ ပြည်လမ်း", township: "Bahan" }],
])("sets what a change names, and shows a new summary: %s", async (text, contact) => {
  const shop = await askedForContact();
  await shop.say("Aye Aye, 09420000333, Bahan, No 9 Kaba Aye Road");
  await shop.say("cod");
  await shop.say(text);
  expect(shop.contact).toMatchObject(contact);
  expect(shop.callNames()).toEqual(["set_contact", "prepare_summary"]);
});

test.each([
  ["Su Su 09777123456 Hlaing Baho road no 12 kpay", "Baho road no 12", "pm-kbz"],
  ["Su Su, 09777123456, Hlaing, No 12 Baho Road cash on delivery", "No 12 Baho Road", "pm-cod"],
])("keeps the payment method out of the address that it ends: %s", async (text, address, methodId) => {
  const shop = await askedForContact();
  await shop.say(text);
  expect(shop.contact["address"]).toBe(address);
  expect(shop.methodId).toBe(methodId);
});
