import sharp from "sharp";
import { afterAll, beforeAll, expect, test } from "vitest";

import { openTestShop, postJson, startHouse } from "../support/house.ts";
import type { House, TestShop } from "../support/house.ts";
import { placeAnOrder, Customer, Owner } from "../support/people.ts";
import type { SeenMessage } from "../support/people.ts";
import { Outside, settled } from "../support/outside.ts";

let house: House;
let outside: Outside;
beforeAll(async () => {
  house = await startHouse();
  outside = new Outside(house);
});
afterAll(() => house.close());

type Colour = { r: number; g: number; b: number };
const red: Colour = { r: 200, g: 20, b: 20 };
const blue: Colour = { r: 20, g: 20, b: 200 };

async function putPicture(shop: TestShop, path: string, background: Colour): Promise<void> {
  const picture = sharp({ create: { width: 64, height: 64, channels: 3, background } });
  const signIn = await postJson(`${house.apiUrl}/v1/sessions`, shop.owner);
  const { token } = (await signIn.json()) as { token: string };
  const response = await fetch(house.apiUrl + path, {
    method: "PUT",
    headers: { authorization: `Bearer ${token}`, "content-type": "image/png" },
    body: new Uint8Array(await picture.png().toBuffer()),
  });
  expect(response.status).toBe(200);
}

/** The picture on the customer's phone, by its colour, which drawing it anew keeps. */
async function expectColour(url: string | null | undefined, { r, g, b }: Colour): Promise<void> {
  const response = await fetch(url ?? "");
  expect(response.status).toBe(200);
  const { channels } = await sharp(Buffer.from(await response.arrayBuffer())).stats();
  for (const [index, value] of [r, g, b].entries()) {
    expect(Math.abs((channels[index]?.mean ?? -99) - value)).toBeLessThan(12);
  }
}

/** What the Page says to the words, once all is sent. */
async function ask(shop: TestShop, customer: Customer, words: string): Promise<SeenMessage[]> {
  const before = (await customer.received()).length;
  await customer.say(words);
  await settled(house, shop.shopId);
  return (await customer.received()).slice(before);
}

const price = (amountMinor: number) => ({ amountMinor, currency: "MMK" });

test("M:ONAMI-05 a product is made with name, description, price and picture, published, changed and taken away", async () => {
  const shop = await openTestShop(house, { products: [] });
  const owner = new Owner(house, shop);
  const customer = new Customer(house, shop);
  const shown = async () => JSON.stringify(await ask(shop, customer, "What do you sell? Show me everything"));
  const change = async (body: object) => {
    expect((await owner.fetch("PATCH", path, { body })).status).toBe(200);
  };

  const created = await owner.post("/v1/products", {
    name: "Brass Lamp",
    description: "Made by hand in Mandalay",
    state: "draft",
    variants: [{ price: price(61_000), onHand: 3 }],
  });
  expect(created.status).toBe(201);
  const { id, variants } = (await created.json()) as { id: string; variants: { id: string }[] };
  const path = `/v1/products/${id}`;
  await putPicture(shop, `${path}/image`, red);
  expect(await owner.get(path)).toMatchObject({
    name: "Brass Lamp",
    description: "Made by hand in Mandalay",
    state: "draft",
    imageUrl: expect.stringContaining("/media/products/"),
    variants: [{ price: price(61_000) }],
  });
  expect(await shown()).not.toContain("Brass Lamp");

  await change({ state: "published" });
  const messages = await ask(shop, customer, "Show me the Brass Lamp");
  const card = messages.flatMap(({ cards = [] }) => cards)[0];
  expect(card).toMatchObject({ title: "Brass Lamp", subtitle: expect.stringContaining("61,000") });
  await expectColour(card?.imageUrl, red);
  const prompts = JSON.stringify(await outside.calls("model"));
  expect(prompts).toContain("Made by hand in Mandalay");

  await change({
    name: "Silver Lamp",
    description: "Polished",
    variants: [{ id: variants[0]?.id, price: price(72_500) }],
  });
  await putPicture(shop, `${path}/image`, blue);
  const changed = (await ask(shop, customer, "Show me the Silver Lamp")).flatMap(
    ({ cards = [] }) => cards,
  )[0];
  expect(changed).toMatchObject({ title: "Silver Lamp", subtitle: expect.stringContaining("72,500") });
  await expectColour(changed?.imageUrl, blue);

  await change({ state: "archived" });
  expect(await shown()).not.toMatch(/Silver Lamp|72,500/);
  const { data } = await owner.get<{ data: unknown[] }>("/v1/products?state=published");
  expect(data).toEqual([]);
});

test("M:ONAMI-06 customers get account and QR code of the payment methods that the owner chose, by the agent only", async () => {
  const shop = await openTestShop(house, { name: "Method Shop", methods: [] });
  const owner = new Owner(house, shop);
  const add = async (name: string, accountNumber: string, background: Colour) => {
    const details = { accountName: "Daw Thiri", accountNumber, bank: name };
    const answer = await owner.post("/v1/payment-methods", { kind: "transfer", name, details });
    const { id } = (await answer.json()) as { id: string };
    await putPicture(shop, `/v1/payment-methods/${id}/qr`, background);
    return id;
  };
  const show = async (id: string, isVisibleToCustomer: boolean) => {
    const answer = await owner.fetch("PATCH", `/v1/payment-methods/${id}`, { body: { isVisibleToCustomer } });
    expect(answer.status).toBe(200);
  };
  const [kbz, wave] = [
    await add("KBZPay", "09 777 000 123", red),
    await add("WavePay", "09 666 555 444", blue),
  ];

  const curious = new Customer(house, shop);
  const before = JSON.stringify(await ask(shop, curious, "How can I pay?"));
  expect(before).not.toMatch(/KBZPay|WavePay|777 000|666 555/);

  await show(kbz, true);
  const buyer = new Customer(house, shop);
  await placeAnOrder(buyer, { method: "KBZPay" });
  await buyer.hearsText("09 777 000 123");
  const picture = await buyer.hears("the QR code", ({ kind }) => kind === "image");
  await expectColour(picture.imageUrl, red);
  const seen = JSON.stringify([await outside.calls("graph"), await outside.modelCallsOf("Method Shop")]);
  expect(seen).not.toMatch(/WavePay|666 ?555 ?444/);

  await show(kbz, false);
  await show(wave, true);
  const next = new Customer(house, shop);
  await placeAnOrder(next, { method: "WavePay" });
  await next.hearsText("09 666 555 444");
  const other = await next.hears("the other QR code", ({ kind }) => kind === "image");
  await expectColour(other.imageUrl, blue);
  expect(JSON.stringify(await next.received())).not.toMatch(/KBZPay|777 000 123/);
  // Without a session of the shop nobody reads an account or a code.
  expect((await fetch(`${house.apiUrl}/v1/payment-methods`)).status).toBe(401);
  const { data } = await owner.get<{ data: { qrPicture: { url: string } }[] }>("/v1/payment-methods");
  for (const { qrPicture } of data) {
    expect((await fetch(new URL(qrPicture.url, house.apiUrl))).status).toBeGreaterThanOrEqual(400);
  }
});
