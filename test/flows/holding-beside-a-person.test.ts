import { afterAll, afterEach, beforeAll, expect, test } from "vitest";

import { toTypeId } from "../../domain/id.ts";
import { eventually } from "../support/eventually.ts";
import { openTestShop, startHouse } from "../support/house.ts";
import type { House, TestShop } from "../support/house.ts";
import { onlyCustomer, Outside, rowsOf, settled, turnsOf } from "../support/outside.ts";
import { Customer, Owner } from "../support/people.ts";
import { shortConversationTimings } from "../support/short-timings.ts";

let house: House;
let outside: Outside;
/** What happens once when a turn is claimed, before it holds the customer. */
let whenClaimed: (() => Promise<unknown>) | undefined;

beforeAll(async () => {
  house = await startHouse();
  outside = new Outside(house);
  await house.restartWorker({
    deps: {
      atStep: async (step) => {
        if (step !== "turn.claimed") return;
        const act = whenClaimed;
        whenClaimed = undefined;
        await act?.();
      },
    },
  });
});
afterEach(() => outside.calm());
afterAll(() => house.close());

type Place = { shop: TestShop; customer: Customer };

async function isSilenced({ shop }: Place): Promise<void> {
  await eventually("somebody else has the conversation", async () => {
    const rows = await rowsOf(house, "select 1 from conversations where shop_id = $1 and mode_version > 0", [
      shop.shopId,
    ]);
    return rows.length > 0;
  });
}

async function takeByApp(place: Place): Promise<void> {
  const control = { previous_owner_app_id: house.config.META_APP_ID, new_owner_app_id: "263902037430900" };
  await place.customer.send({ raw: { take_thread_control: control } });
  await isSilenced(place);
}

async function takeByOwner(place: Place): Promise<void> {
  const customerId = toTypeId("cus", await onlyCustomer(house, place.shop.shopId));
  const answer = await new Owner(house, place.shop).post(`/v1/conversations/${customerId}/take-over`);
  expect(answer.status).toBe(200);
}

async function writeInBusinessSuite(place: Place): Promise<void> {
  await outside.humanWrites(place.shop, place.customer, "Let me answer this myself");
  await isSilenced(place);
}

test.each([
  ["another app takes the thread", takeByApp, 0],
  ["the owner takes over", takeByOwner, 0],
  ["a person writes in Business Suite", writeInBusinessSuite, 1],
])("holds nobody once %s while the turn is made", async (_how, take, messagesOfPeople) => {
  const conversationTimings = { ...shortConversationTimings, holdingAfterMs: 300 };
  const shop = await openTestShop(house, { conversationTimings });
  const place = { shop, customer: new Customer(house, shop) };
  whenClaimed = () => take(place);
  await outside.arm({ to: "model", delayMs: 1_500 });
  await place.customer.say("How much is the Red Dress?");
  await eventually("a turn is stored", async () => (await turnsOf(house, shop.shopId))[0]?.outcome);
  await settled(house, shop.shopId);
  expect(await place.customer.received()).toHaveLength(messagesOfPeople);
  const disclosed = "select 1 from conversations where shop_id = $1 and disclosed_at is not null";
  expect(await rowsOf(house, disclosed, [shop.shopId])).toEqual([]);
});
