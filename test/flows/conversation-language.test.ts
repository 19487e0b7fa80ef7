import { afterAll, beforeAll, expect, test } from "vitest";

import { toZawgyi } from "../../domain/text/burmese.ts";
import { openTestShop, startHouse } from "../support/house.ts";
import type { House, TestShop } from "../support/house.ts";
import { Outside, rowsOf, settled } from "../support/outside.ts";
import { Customer, Owner } from "../support/people.ts";

let house: House;
let outside: Outside;

beforeAll(async () => {
  house = await startHouse();
  outside = new Outside(house);
});
afterAll(() => house.close());

const burmeseLetters = /[\u1000-\u109f]/u;

async function open(name = "Test Shop"): Promise<{ shop: TestShop; customer: Customer }> {
  const shop = await openTestShop(house, { name });
  return { shop, customer: new Customer(house, shop) };
}

test("M:ONAMI-52 tells at the first contact, once and first, that a machine answers and how to reach a person", async () => {
  const { shop, customer } = await open();
  await customer.say("How much is the Red Dress?");
  await customer.hearsText("45,000");
  await customer.say("What are your opening hours?");
  await customer.hearsText("9 to 19");
  await settled(house, shop.shopId);
  const heard = await customer.received();
  const disclosures = heard.filter(({ text = "" }) => text.includes("a machine, not a person"));
  expect(disclosures).toHaveLength(1);
  expect(heard[0]).toEqual(disclosures[0]);
  expect(disclosures[0]?.text).toContain("To talk to a person at any time");
  expect(disclosures[0]?.quickReplies?.map(({ payload }) => payload)).toEqual(["person"]);
});

test("M:ONAMI-52 gives the owner no setting that takes the disclosure away", async () => {
  const { shop, customer } = await open();
  const owner = new Owner(house, shop);
  const settings = Object.keys(await owner.get<object>("/v1/shop"));
  expect(settings.filter((name) => /disclos/i.test(name))).toEqual([]);
  const refused = await owner.fetch("PATCH", "/v1/shop", { body: { isDisclosureEnabled: false } });
  expect(refused.status).toBe(422);
  await customer.say("Hi");
  await customer.hearsText("a machine, not a person");
});

test("tells it also when the first thing that a customer sends is a payment slip", async () => {
  const { customer } = await open();
  const paidAt = new Date().toISOString();
  await customer.sendSlip({ amountMinor: 5_000, currency: "MMK", reference: "0100", paidAt, payee: "" });
  await customer.hearsText("could not find an order");
  await customer.hearsText("a machine, not a person");
});

test("answers Burmese in Burmese, from greeting to a placed order", async () => {
  const { customer } = await open();
  await customer.say("မင်္ဂလာပါ Red Dress ဘယ်လောက်လဲ");
  const priced = await customer.hearsText("45,000");
  expect(priced.text).toMatch(burmeseLetters);
  await customer.hearsText("အလိုအလျောက်ဖြေပေးတဲ့ စက်");
  await customer.say("Red Dress ၂ ထည် ယူမယ်");
  await customer.hearsText("90,000");
  await customer.say("နာမည် မလှ\nဖုန်း ၀၉၇၉၁၂၃၄၅၆၇\nမြို့နယ် စမ်းချောင်း\nလိပ်စာ အမှတ် ၁၂ ဗဟိုလမ်း");
  await customer.hearsText("ငွေကို ဘယ်လိုပေးချေမလဲ");
  await customer.say("KBZPay");
  await customer.offered("confirm:");
  await customer.say("ဟုတ်ကဲ့");
  const placed = await customer.hears("the order is placed", ({ text = "" }) =>
    text.includes("09 777 000 123"),
  );
  expect(placed.text).toMatch(burmeseLetters);
  expect(placed.text).toContain("92,500");
});

test("understands Burmese that was typed with a Zawgyi keyboard", async () => {
  const { customer } = await open("Zawgyi Shop");
  const unicode = "မင်္ဂလာပါ ဆိုင်ဖွင့်ချိန် သိချင်ပါတယ်";
  expect(toZawgyi(unicode)).not.toBe(unicode);
  await customer.say(toZawgyi(unicode));
  await customer.hearsText("နေ့စဉ် ၉ နာရီမှ ၁၉ နာရီ");
  const prompts = JSON.stringify(await outside.modelCallsOf("Zawgyi Shop"));
  expect(prompts).toContain("ဆိုင်ဖွင့်ချိန်");
  expect(prompts).not.toContain(toZawgyi("ဆိုင်ဖွင့်ချိန်"));
});

test.each([
  ["Thai", "สวัสดีค่ะ เปิดกี่โมงคะ"],
  ["Russian", "Здравствуйте, сколько стоит платье?"],
  ["Chinese", "你好,请问几点开门?"],
])("answers %s in English", async (language, text) => {
  const { shop, customer } = await open(`${language} Shop`);
  await customer.say(text);
  await customer.hearsText("a machine, not a person");
  await settled(house, shop.shopId);
  const heard = (await customer.received()).map((message) => message.text ?? "");
  expect(heard.length).toBeGreaterThan(1);
  for (const line of heard) expect(line).not.toMatch(burmeseLetters);
});

test("keeps the language when a text tells nothing of it, and follows when it changes", async () => {
  const { shop, customer } = await open();
  await customer.say("မင်္ဂလာပါ");
  await customer.hears("Burmese", ({ text = "" }) => burmeseLetters.test(text));
  await customer.say("ok");
  await settled(house, shop.shopId);
  for (const { text = "" } of await customer.received()) expect(text).toMatch(burmeseLetters);
  await customer.say("What are your opening hours?");
  await customer.hearsText("Every day 9 to 19");
});

test("answers in the shop's only language", async () => {
  const shop = await openTestShop(house, { languages: ["my"] });
  const customer = new Customer(house, shop);
  await customer.say("What are your opening hours?");
  await customer.hearsText("နေ့စဉ် ၉ နာရီမှ ၁၉ နာရီ");
  await settled(house, shop.shopId);
  for (const { text = "" } of await customer.received()) expect(text).toMatch(burmeseLetters);
});

test("M:ONAMI-16 knows a customer by the id that the Page gives, so that two Pages never share one", async () => {
  const [first, second] = [await openTestShop(house), await openTestShop(house)];
  const psid = "7299000011112222";
  for (const shop of [first, second]) {
    const customer = new Customer(house, shop, psid);
    await customer.say("What are your opening hours?");
    await customer.hearsText("9 to 19");
    await customer.say("How much is the Red Dress?");
    await customer.hearsText("45,000");
  }
  const rows = await rowsOf<{ shop_id: string }>(
    house,
    "select shop_id, psid from customers where shop_id in ($1, $2)",
    [first.shopId, second.shopId],
  );
  expect(rows.map((row) => row.shop_id).toSorted()).toEqual([first.shopId, second.shopId].toSorted());
  expect(JSON.stringify(rows)).not.toContain(psid);
});
