import { afterAll, afterEach, beforeAll, expect, test } from "vitest";

import { openDatabase } from "../../db/connection.ts";
import type { Database } from "../../db/connection.ts";
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
/** The worker's next transaction is refused. */
let isAway = false;
let db: Database;

beforeAll(async () => {
  house = await startHouse();
  outside = new Outside(house);
  db = openDatabase({ url: house.database.urls.worker, maxConnections: 5, name: "test" });
  const withShop: Database["withShop"] = (shopId, work) => {
    if (!isAway) return db.withShop(shopId, work);
    isAway = false;
    return Promise.reject(new Error("the database was away"));
  };
  await house.restartWorker({
    core: { db: { ...db, withShop } },
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
afterAll(async () => {
  await house.stopWorker();
  await db.close();
  await house.close();
});

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
  await eventually(
    "a turn is stored",
    async () => (await turnsOf(house, shop.shopId))[0]?.state === "stored",
  );
  await settled(house, shop.shopId);
  expect(await place.customer.received()).toHaveLength(messagesOfPeople);
  const disclosed = "select 1 from conversations where shop_id = $1 and disclosed_at is not null";
  expect(await rowsOf(house, disclosed, [shop.shopId])).toEqual([]);
});

test("answers all the same when the holding message cannot be written", async () => {
  const shop = await openTestShop(house, {
    conversationTimings: { ...shortConversationTimings, holdingAfterMs: 1_500 },
  });
  const customer = new Customer(house, shop);
  await outside.arm({ to: "model", delayMs: 5_000 });
  await customer.say("How much is the Red Dress?");
  await eventually(
    "the customer sees typing, so that the next transaction is the holding message's",
    async () =>
      (await outside.calls("graph")).some(({ body }) => {
        const shown = JSON.stringify(body);
        return shown.includes(customer.psid) && shown.includes("typing_on");
      }),
  );
  isAway = true;
  await eventually("the holding message was refused", () => !isAway);
  await customer.hearsText("45,000");
  expect((await customer.received()).some(({ text }) => text?.includes("One moment please"))).toBe(false);
});
