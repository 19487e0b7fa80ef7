import { afterAll, beforeAll, expect, test } from "vitest";

import { toTypeId } from "../../domain/id.ts";
import { openTestShop, startHouse } from "../support/house.ts";
import type { House, TestShop } from "../support/house.ts";
import { onlyCustomer, Outside, rowsOf, settled } from "../support/outside.ts";
import { Customer, Owner } from "../support/people.ts";

let house: House;
let outside: Outside;

beforeAll(async () => {
  house = await startHouse();
  outside = new Outside(house);
});
afterAll(() => house.close());

/** In either language. */
const warning = /I hid a part of your message|ဖျောက်လိုက်ပြီး မသိမ်းထားပါဘူး/u;
const digitsOf = (text: string) =>
  text.replace(/[၀-၉]/gu, (digit) => String((digit.codePointAt(0) ?? 0x1040) - 0x1040)).replace(/\D/gu, "");

/** Everything that is stored of the conversation, opened by who may read it. */
async function storedTexts(shop: TestShop): Promise<string> {
  const customerId = toTypeId("cus", await onlyCustomer(house, shop.shopId));
  const path = `/v1/conversations/${customerId}/messages?limit=100`;
  const { data } = await new Owner(house, shop).get<{ data: { direction: string; text: string | null }[] }>(
    path,
  );
  return data
    .filter(({ direction }) => direction === "in")
    .toReversed()
    .map(({ text }) => text)
    .join("\n");
}

/** Every text of every table, by the superuser. */
async function scanDatabase(needle: string): Promise<string[]> {
  const tables = await rowsOf<{ name: string }>(
    house,
    "select format('%I', table_name) as name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'",
  );
  const looks = tables.map(
    ({ name }) =>
      `select '${name}' as name where exists (select 1 from ${name} t where strpos(t::text, $1) > 0)`,
  );
  const found = await rowsOf<{ name: string }>(house, looks.join(" union all "), [needle]);
  return found.map(({ name }) => name);
}

const cards: [string, string[]][] = [
  ["13 digits", ["my card is 4222222222222 thanks"]],
  ["16 digits", ["4111111111111111"]],
  ["19 digits", ["card 6304000000000000000 please"]],
  ["spaces", ["4111 1111 1111 1111"]],
  ["dashes", ["4111-1111-1111-1111"]],
  ["Myanmar digits", ["ကတ်နံပါတ် ၄၁၁၁ ၁၁၁၁ ၁၁၁၁ ၁၁၁၁ ပါ"]],
  ["a name around it", ["U Aung 5555 5555 5555 4444 12/29 123"]],
  ["two messages", ["5105 1051", "0510 5100"]],
  ["two messages with words between", ["the first part is 5555 5555", "and the rest is 5555 4444"]],
];

test.each(cards)(
  "keeps a card number with %s from database and model, and warns the customer once",
  async (how, texts) => {
    const shop = await openTestShop(house, { name: `Card Shop ${how}` });
    const customer = new Customer(house, shop);
    for (const text of texts) await customer.say(text);
    await customer.hearsText(warning);
    await settled(house, shop.shopId);
    const number = digitsOf(texts.join(" ").replace(/ 12\/29 123/u, ""));
    const stored = await storedTexts(shop);
    expect(digitsOf(stored)).not.toContain(number);
    expect(digitsOf(stored)).not.toContain(number.slice(-8));
    const calls = await outside.modelCallsOf(`Card Shop ${how}`);
    expect(calls.length).toBeGreaterThan(0);
    for (const { body } of calls) {
      const { input } = body as { input: unknown };
      expect(digitsOf(JSON.stringify(input))).not.toContain(number.slice(-8));
    }
    for (const spelling of [...texts, number]) expect(await scanDatabase(spelling)).toEqual([]);
    const warned = (await customer.received()).filter(({ text = "" }) => warning.test(text));
    expect(warned).toHaveLength(1);
  },
);

test("finds the half of a card number that an earlier turn has read, and takes it out of both messages", async () => {
  const shop = await openTestShop(house, { name: "Late Shop" });
  const customer = new Customer(house, shop);
  await customer.say("my number begins with 4111 1111");
  await customer.hears("an answer", ({ text }) => (text ?? "") !== "");
  await settled(house, shop.shopId);
  await customer.say("and ends with 1111 1111");
  await customer.hearsText(warning);
  await settled(house, shop.shopId);
  expect(digitsOf(await storedTexts(shop))).toBe("");
});

test("finds a half that was answered days and messages ago, before the model sees both", async () => {
  const shop = await openTestShop(house, { name: "Patient Shop" });
  const customer = new Customer(house, shop);
  for (const text of ["my number begins with 5555 5555", "What do you sell?", "I want 2 of them"]) {
    await customer.say(text);
    await settled(house, shop.shopId);
  }
  await rowsOf(
    house,
    "update messages set occurred_at = occurred_at - interval '3 days' where shop_id = $1 and direction = 'in'",
    [shop.shopId],
  );
  await customer.say("and ends with 5555 4444");
  await customer.hearsText(warning);
  await settled(house, shop.shopId);
  expect(digitsOf(await storedTexts(shop))).toBe("2");
  const prompts = await outside.modelCallsOf("Patient Shop");
  expect(
    prompts.map(({ body }) => JSON.stringify(body)).filter((text) => text.includes("5555 4444")),
  ).toEqual([]);
  const last = JSON.stringify(prompts.at(-1)?.body);
  expect(last).toContain("and ends with [card number removed]");
  expect(last).not.toContain("5555");
});

test.each([
  ["an OTP", "my OTP is 482913", "482913"],
  ["a Burmese code", "OTP ကုဒ်က ၄၈၂၉၁၃ ပါ", "482913"],
  ["a password", "my password is Tr0ub4dor&3x", "Tr0ub4dor"],
  ["an API key", "sk-proj-abcdefghijklmnopqrstuvwxyz0123456789ABCD", "abcdefghijklmnopqrstuvwxyz0123"],
])("keeps %s from database and model, and warns the customer once", async (how, text, secret) => {
  const shop = await openTestShop(house, { name: `Secret Shop ${how}` });
  const customer = new Customer(house, shop);
  await customer.say(text);
  await customer.hearsText(warning);
  await settled(house, shop.shopId);
  const isIn = (where: string) => where.includes(secret) || digitsOf(where).includes(secret);
  expect(isIn(await storedTexts(shop))).toBe(false);
  for (const { body } of await outside.modelCallsOf(`Secret Shop ${how}`)) {
    expect(isIn(JSON.stringify((body as { input: unknown }).input))).toBe(false);
  }
  const warned = (await customer.received()).filter(({ text = "" }) => warning.test(text));
  expect(warned).toHaveLength(1);
});

test("warns at once, and once, also while a person has the conversation", async () => {
  const shop = await openTestShop(house);
  const customer = new Customer(house, shop);
  await customer.say("person");
  await customer.hearsText("someone will answer you");
  await customer.say("4111 1111 1111 1111");
  await customer.hearsText(warning);
  await customer.say("did you get it?");
  await settled(house, shop.shopId);
  const warned = (await customer.received()).filter(({ text = "" }) => warning.test(text));
  expect(warned).toHaveLength(1);
});

test("leaves phones, amounts and payment references alone, in one message and in two", async () => {
  const shop = await openTestShop(house);
  const customer = new Customer(house, shop);
  await customer.say("Phone 09791234567");
  await customer.say("transaction 01004230001987 and 45,000 Ks");
  await customer.hears("an answer", ({ text }) => (text ?? "") !== "");
  await settled(house, shop.shopId);
  expect(await storedTexts(shop)).toBe("Phone 09791234567\ntransaction 01004230001987 and 45,000 Ks");
  expect((await customer.received()).some(({ text = "" }) => warning.test(text))).toBe(false);
});
