import { afterAll, afterEach, beforeAll, expect, test } from "vitest";

import { toTypeId } from "../../domain/id.ts";
import { eventually } from "../support/eventually.ts";
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
afterEach(() => outside.calm());
afterAll(() => house.close());

const contact = "Name: Ma Hla\nPhone: 09 791 234 567\nTownship: Sanchaung\nAddress: No 12 Baho Road";

/** A customer who looks at the summary; answers the payload of its button. */
async function atSummary(customer: Customer): Promise<string> {
  await customer.say("I want to buy 2 Red Dress");
  await customer.hearsText(/cart/i);
  await customer.say(contact);
  await customer.hearsText(/pay/i);
  await customer.say("KBZPay");
  return customer.offered("confirm:");
}

async function placedOrders(shop: TestShop): Promise<number> {
  const rows = await rowsOf(house, "select id from orders where shop_id = $1 and order_state <> 'draft'", [
    shop.shopId,
  ]);
  return rows.length;
}

async function reserved(shop: TestShop): Promise<number> {
  const [row] = await rowsOf<{ reserved: number }>(
    house,
    "select sum(reserved)::int as reserved from variants where shop_id = $1",
    [shop.shopId],
  );
  return row?.reserved ?? 0;
}

async function expectNothingPlaced(shop: TestShop): Promise<void> {
  await settled(house, shop.shopId);
  expect(await placedOrders(shop)).toBe(0);
  expect(await reserved(shop)).toBe(0);
}

test("places the order that was confirmed, once, however often the button is tapped", async () => {
  const shop = await openTestShop(house);
  const customer = new Customer(house, shop);
  const confirm = await atSummary(customer);
  await customer.tap(confirm);
  await customer.hearsText(/order #\S+ is placed/);
  await customer.tap(confirm);
  await customer.hearsText("already placed");
  await settled(house, shop.shopId);
  expect(await placedOrders(shop)).toBe(1);
  expect(await reserved(shop)).toBe(2);
});

test("places nothing for a hash that was made up", async () => {
  const shop = await openTestShop(house);
  const customer = new Customer(house, shop);
  const confirm = await atSummary(customer);
  await customer.tap(`${confirm.slice(0, -32)}${"0".repeat(32)}`);
  await customer.hearsText("nothing was placed");
  await expectNothingPlaced(shop);
});

test("places nothing for another customer's order, and tells nothing of it", async () => {
  const shop = await openTestShop(house);
  const victim = new Customer(house, shop);
  const confirm = await atSummary(victim);
  const thief = new Customer(house, shop);
  await thief.tap(confirm);
  await thief.hearsText("nothing was placed");
  await expectNothingPlaced(shop);
  expect(JSON.stringify(await thief.received())).not.toMatch(/Ma Hla|Baho|Red Dress/);
});

test("places nothing for the order of another shop's customer", async () => {
  const [shop, foreign] = [await openTestShop(house), await openTestShop(house)];
  const confirm = await atSummary(new Customer(house, shop));
  const thief = new Customer(house, foreign);
  await thief.tap(confirm);
  await thief.hearsText("nothing was placed");
  await expectNothingPlaced(shop);
  await expectNothingPlaced(foreign);
});

test("takes a yes that answers the summary directly", async () => {
  const shop = await openTestShop(house);
  const customer = new Customer(house, shop);
  await atSummary(customer);
  await settled(house, shop.shopId);
  await customer.say("Yes");
  await customer.hearsText(/order #\S+ is placed/);
});

test("takes no yes after anything else was said, nor one with other words in the same breath", async () => {
  const shop = await openTestShop(house);
  const customer = new Customer(house, shop);
  await atSummary(customer);
  await settled(house, shop.shopId);
  await customer.say("Is the dress warm?");
  await customer.say("yes");
  await settledAfter(shop, customer, "What are your opening hours?", "9 to 19");
  await customer.say("yes");
  await expectNothingPlaced(shop);
});

test("takes no yes that answers a person who wrote after the summary", async () => {
  const shop = await openTestShop(house);
  const customer = new Customer(house, shop);
  await atSummary(customer);
  await settled(house, shop.shopId);
  await outside.humanWrites(shop, customer, "Shall I show you a blue one first?");
  await eventually("the person's words are stored", async () => {
    const rows = await rowsOf(house, "select id from messages where shop_id = $1 and author = 'page_inbox'", [
      shop.shopId,
    ]);
    return rows.length === 1;
  });
  await customer.say("yes");
  await eventually("the yes is claimed", async () => {
    const rows = await rowsOf(
      house,
      "select id from turns where shop_id = $1 and outcome in ('silent', 'decision')",
      [shop.shopId],
    );
    return rows.length > 0;
  });
  await expectNothingPlaced(shop);
});

test("takes no yes to a summary that never reached the customer", async () => {
  const shop = await openTestShop(house);
  const customer = new Customer(house, shop);
  await customer.say("I want to buy 2 Red Dress");
  await customer.hearsText(/cart/i);
  await customer.say(contact);
  await customer.hearsText(/pay/i);
  await outside.arm({ to: "graph", match: "confirm:", hang: true });
  await customer.say("KBZPay");
  await eventually("the summary is on its way", async () => {
    const rows = await rowsOf(
      house,
      "select id from outbox where shop_id = $1 and business_key like 'summary:%' and state = 'sending'",
      [shop.shopId],
    );
    return rows.length === 1;
  });
  await customer.say("ok");
  await outside.calm();
  await expectNothingPlaced(shop);
});

test("shows a new summary, and places nothing, when a price changed before the confirmation", async () => {
  const shop = await openTestShop(house);
  const customer = new Customer(house, shop);
  const confirm = await atSummary(customer);
  await rowsOf(house, "update variants set price_minor = 50000 where shop_id = $1", [shop.shopId]);
  await customer.tap(confirm);
  await customer.hearsText("a price has changed");
  const next = await eventually("there is a new summary", async () => {
    const offered = await customer.offered("confirm:");
    return offered !== confirm && offered;
  });
  await customer.hearsText("102,500");
  await expectNothingPlaced(shop);
  await customer.tap(next);
  await customer.hearsText(/order #\S+ is placed/);
});

test("places nothing when the stock went before the confirmation", async () => {
  const shop = await openTestShop(house);
  const customer = new Customer(house, shop);
  const confirm = await atSummary(customer);
  const path = `/v1/variants/${toTypeId("var", shop.products[0]?.variantIds[0] ?? "")}/adjust-stock`;
  const answer = await new Owner(house, shop).post(path, { delta: -4 });
  expect(answer.status).toBeLessThan(300);
  await customer.tap(confirm);
  await customer.hearsText("not enough in stock");
  await expectNothingPlaced(shop);
});

test("places nothing from a summary after the cart changed", async () => {
  const shop = await openTestShop(house);
  const customer = new Customer(house, shop);
  const old = await atSummary(customer);
  await customer.say("Make it 3 Red Dress");
  await eventually("there is a new summary", async () => (await customer.offered("confirm:")) !== old);
  await settled(house, shop.shopId);
  await customer.tap(old);
  await customer.hearsText("no longer valid");
  await expectNothingPlaced(shop);
});

/** Something else is asked and answered, and everything is at rest. */
async function settledAfter(shop: TestShop, customer: Customer, text: string, answer: string): Promise<void> {
  await customer.say(text);
  await customer.hearsText(answer);
  await settled(house, shop.shopId);
}
