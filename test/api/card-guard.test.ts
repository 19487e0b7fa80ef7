import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";

import { toTypeId } from "../../domain/id.ts";
import { joinedDigits, recordSeals } from "../support/recorded-seals.ts";
import { echoItem, messageItem, newMid, newPsid } from "./api-world.ts";
import type { TestShop, WireItem } from "./api-world.ts";
import { openDoor } from "./door.ts";
import type { Door } from "./door.ts";
import { createOwnerWorld } from "./owner-world.ts";
import type { OwnerWorld } from "./owner-world.ts";

let world: OwnerWorld;
let door: Door;
const sealed: string[] = [];
beforeAll(async () => {
  world = await createOwnerWorld();
  door = openDoor(world);
  recordSeals(world.deps.sealer, sealed);
});
beforeEach(() => {
  sealed.length = 0;
});
afterAll(() => world.close());

const number = "4111111111111111";
const spellings = [number, "4111 1111 1111 1111", "4111-1111-1111-1111", "၄၁၁၁ ၁၁၁၁ ၁၁၁၁ ၁၁၁၁"];

/** Every table as text, by the superuser. */
async function openTables(): Promise<string> {
  const tables = await world.owner.query<{ name: string }>(
    "select tablename as name from pg_tables where schemaname = 'public'",
  );
  const texts: string[] = [];
  for (const { name } of tables.rows) {
    const { rows } = await world.owner.query<{ text: string }>(`select t::text as text from ${name} t`);
    texts.push(...rows.map(({ text }) => text));
  }
  return texts.join("\n");
}

async function expectNoCard(): Promise<void> {
  expect(sealed.map(joinedDigits).filter((text) => text.includes(number))).toEqual([]);
  expect(await openTables()).not.toContain(number);
}

type Intake = (shop: TestShop, psid: string, card: string) => WireItem;
const from = (shop: TestShop, psid: string) => ({
  sender: { id: psid },
  recipient: { id: shop.metaPageId },
  timestamp: Date.now(),
});
const attached = (attachment: object): Intake => {
  return (shop, psid, card) => {
    const json = JSON.stringify(attachment).replaceAll("CARD", card);
    return messageItem(shop, psid, { attachments: [JSON.parse(json)] });
  };
};

const intakes: [string, Intake][] = [
  ["a message", (shop, psid, card) => messageItem(shop, psid, { text: `my card ${card}` })],
  [
    "a quick reply's payload",
    (shop, psid, card) => messageItem(shop, psid, { text: "Yes", quick_reply: { payload: `pay:${card}` } }),
  ],
  [
    "a quick reply's title",
    (shop, psid, card) => messageItem(shop, psid, { text: card, quick_reply: { payload: "person" } }),
  ],
  [
    "a postback's payload",
    (shop, psid, card) => ({ ...from(shop, psid), postback: { mid: newMid(), title: "Buy", payload: card } }),
  ],
  [
    "a postback's title",
    (shop, psid, card) => ({ ...from(shop, psid), postback: { mid: newMid(), title: card, payload: "x" } }),
  ],
  [
    "an edited message",
    (shop, psid, card) => ({ ...from(shop, psid), message_edit: { mid: newMid(), text: card, num_edit: 1 } }),
  ],
  [
    "a file's name in its address",
    attached({ type: "file", payload: { url: "https://cdn.example/CARD.pdf" } }),
  ],
  [
    "a video's name in its address",
    attached({ type: "video", payload: { url: "https://cdn.example/CARD" } }),
  ],
  ["a shared link", attached({ type: "fallback", title: "Look", url: "https://x.example/?n=CARD" })],
  ["an attachment's title", attached({ type: "fallback", title: "card CARD" })],
  [
    "a picture's title",
    attached({ type: "image", title: "CARD.jpg", payload: { url: "https://x.example/1" } }),
  ],
  [
    "a reference of an m.me link",
    (shop, psid, card) => ({
      ...from(shop, psid),
      referral: { ref: card, source: "SHORTLINK", type: "OPEN_THREAD" },
    }),
  ],
  [
    "a reaction",
    (shop, psid, card) => ({
      ...from(shop, psid),
      reaction: { mid: newMid(), action: "react", emoji: card },
    }),
  ],
  [
    "a person's message from the Page's own inbox",
    (shop, psid, card) => echoItem(shop, psid, { text: card }),
  ],
  [
    "a file of the Page's own inbox",
    (shop, psid, card) =>
      echoItem(shop, psid, {
        attachments: [{ type: "image", payload: { url: `https://cdn.example/${card}.png` } }],
      }),
  ],
  [
    "what nobody understands",
    (shop, psid, card) => ({ ...from(shop, psid), message: { text: card, mid: 7.5 } }),
  ],
];

test.each(intakes)("the door keeps no card number out of %s", async (_, intake) => {
  const shop = await world.addShop();
  for (const card of spellings) await door.deliver(shop, intake(shop, newPsid(), card));
  const kept = (await door.count("intake", shop)) + (await door.count("dead_letters", shop));
  expect(kept).toBe(spellings.length);
  await expectNoCard();
});

test("the door keeps a button's own payload to the last letter, whatever its digits look like", async () => {
  const shop = await world.addShop();
  const payload = `confirm:ord_01h455vb4pex5vsknk084sn02q:${number}${number}`;
  await door.deliver(shop, messageItem(shop, newPsid(), { text: "Yes", quick_reply: { payload } }));
  expect(await door.bodiesOf(shop)).toMatchObject([{ quickReplyPayload: payload }]);
});

const price = { amountMinor: 1, currency: "MMK" };
const product = { name: "Dress", variants: [{ price }] };
const account = { accountName: "Daw Mya", accountNumber: "09 7777 1234", bank: "KBZ" };
const method = { kind: "transfer", name: "KBZPay", details: account };
const zone = { name: "Yangon", townships: ["*"], fee: price, acceptsCashOnDelivery: true };

const requests: [string, string, string, (card: string) => object][] = [
  ["an owner's message", "POST", "/v1/conversations/CUSTOMER/messages", (text) => ({ text })],
  ["a reason to refuse a payment", "POST", "/v1/orders/ORDER/refuse-payment", (reason) => ({ reason })],
  ["a reason to ask again", "POST", "/v1/orders/ORDER/request-evidence-again", (reason) => ({ reason })],
  ["a reason to cancel", "POST", "/v1/orders/ORDER/cancel", (reason) => ({ reason })],
  ["a corrected reference", "POST", "/v1/orders/ORDER/confirm-payment", (reference) => ({ reference })],
  ["a parcel's number", "POST", "/v1/orders/ORDER/ship", (tracking) => ({ tracking })],
  ["a product's name", "POST", "/v1/products", (name) => ({ ...product, name })],
  ["a product's description", "POST", "/v1/products", (description) => ({ ...product, description })],
  ["a variant's name", "POST", "/v1/products", (name) => ({ ...product, variants: [{ name, price }] })],
  ["a payment method's name", "POST", "/v1/payment-methods", (name) => ({ ...method, name })],
  [
    "a payment method's account",
    "POST",
    "/v1/payment-methods",
    (accountNumber) => ({ ...method, details: { ...account, accountNumber } }),
  ],
  ["the shop's name", "PATCH", "/v1/shop", (name) => ({ name })],
  ["the agent's name", "PATCH", "/v1/shop", (agentName) => ({ agentName })],
  ["the shop's words", "PATCH", "/v1/shop", (en) => ({ policies: { returns: { en, my: "" } } })],
  ["a zone's name", "PATCH", "/v1/shop", (name) => ({ policies: { zones: [{ ...zone, name }] } })],
  ["a zone's id", "PATCH", "/v1/shop", (id) => ({ policies: { zones: [{ ...zone, id }] } })],
  ["a township", "PATCH", "/v1/shop", (town) => ({ policies: { zones: [{ ...zone, townships: [town] }] } })],
];

test.each(requests)("the API refuses a card number in %s", async (_, verb, path, bodyOf) => {
  const tenant = await world.addTenant();
  const customer = await world.addCustomer(tenant);
  const { orderId } = await world.addOrder(customer);
  const url = path
    .replace("CUSTOMER", toTypeId("cus", customer.customerId))
    .replace("ORDER", toTypeId("ord", orderId));
  sealed.length = 0;
  for (const card of spellings) {
    const answer = await world.ask(verb, url, { token: tenant.owner, body: bodyOf(card) });
    expect(answer.status).toBe(422);
    expect(joinedDigits(JSON.stringify(answer.body))).not.toContain(number);
  }
  await expectNoCard();
});
