import { afterAll, beforeAll, expect, test } from "vitest";

import { defaultOutboxSettings } from "../../activities/deps.ts";
import { eventually } from "../support/eventually.ts";
import { openTestShop, startHouse } from "../support/house.ts";
import type { House, TestShop } from "../support/house.ts";
import { Outside, rowsOf } from "../support/outside.ts";
import { Customer } from "../support/people.ts";

let house: House;
let outside: Outside;

beforeAll(async () => {
  house = await startHouse({
    worker: {
      deps: { outbox: { ...defaultOutboxSettings, leaseMs: 1_500, echoWaitMs: 300, askAgainMs: 1_000 } },
    },
  });
  outside = new Outside(house);
});
afterAll(() => house.close());

/** Occurs in whatever carries cards, on both ways. */
const cards = "template";

/** Asks for cards, and waits until every part that was made for it is sent; how often the cards were seen. */
async function askForCards(shop: TestShop): Promise<number> {
  const customer = new Customer(house, shop);
  await customer.say("Show me the Red Dress");
  const seen = async () => (await customer.received()).filter(({ cards: shown = [] }) => shown.length > 0);
  await eventually("the cards are there", async () => (await seen()).length > 0, 60_000);
  await eventually(
    "their fate is known",
    async () => (await states(shop)).every(({ state }) => state === "sent"),
    60_000,
  );
  return (await seen()).length;
}

async function states({ shopId }: TestShop): Promise<{ state: string; is_resend: boolean }[]> {
  return rowsOf(house, "select state, is_resend from outbox where shop_id = $1", [shopId]);
}

test("product cards that never reached the customer are sent again, once", async () => {
  const shop = await openTestShop(house);
  await outside.arm({ to: "graph", match: cards, hang: true });
  expect(await askForCards(shop)).toBe(1);
  expect((await states(shop)).filter(({ is_resend: isResend }) => isResend)).toHaveLength(1);
}, 150_000);

test("product cards of which the answer and the echo were lost are found, and not sent again", async () => {
  const shop = await openTestShop(house);
  await outside.arm({ to: "graph", match: cards, dropAfter: true });
  await outside.arm({ to: "webhook", match: cards, lose: true });
  expect(await askForCards(shop)).toBe(1);
  expect((await states(shop)).filter(({ is_resend: isResend }) => isResend)).toEqual([]);
}, 150_000);
