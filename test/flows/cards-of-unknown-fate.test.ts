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
      deps: { outbox: { ...defaultOutboxSettings, leaseMs: 1_500, echoWaitMs: 300, askAgainMs: 300 } },
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

test("of two cards of unknown fate, one of which is there, neither is sent again, and the owner is told", async () => {
  const shop = await openTestShop(house);
  const customer = new Customer(house, shop);
  const unknown = async (count: number) =>
    (await states(shop)).filter(({ state }) => state === "unknown").length === count;
  await outside.arm({ to: "graph", match: `${shop.metaPageId}/conversations`, status: 500, times: null });
  await outside.arm({ to: "graph", match: cards, hang: true });
  await customer.say("Show me the Red Dress");
  await eventually("the first is of unknown fate", () => unknown(1), 60_000);
  await outside.arm({ to: "graph", match: cards, dropAfter: true });
  await outside.arm({ to: "webhook", match: cards, lose: true });
  await customer.say("Show me the Red Dress");
  await eventually("so is the second", () => unknown(2), 60_000);
  await outside.calm(); // from here on Messenger shows the one that is there
  const told = async () =>
    (
      await rowsOf(house, "select 1 from owner_notices where shop_id = $1 and kind = 'message_unknown'", [
        shop.shopId,
      ])
    ).length;
  await eventually("the owner is told of both", async () => (await told()) === 2, 60_000);
  expect((await customer.received()).filter(({ cards: shown = [] }) => shown.length > 0)).toHaveLength(1);
}, 200_000);
