import { afterAll, beforeAll, expect, test } from "vitest";

import { liftProcessingLimit, setProcessingLimit } from "../../db/processing-limits.ts";
import { openDatabase } from "../../db/connection.ts";
import type { Database } from "../../db/connection.ts";
import { toTypeId } from "../../domain/id.ts";
import type { ProcessingLimit } from "../../domain/privacy/processing-limit.ts";
import { eventually } from "../support/eventually.ts";
import { openTestShop, startHouse } from "../support/house.ts";
import type { House, TestShop } from "../support/house.ts";
import { askForSummary, listOrders } from "../support/order-story.ts";
import { Outside, onlyCustomer, rowsOf, settled } from "../support/outside.ts";
import { reconcileNow } from "../support/reconcile-now.ts";
import { Customer, Owner } from "../support/people.ts";

let house: House;
let outside: Outside;
let worker: Database;
/** At which step of whose next turn something happens. */
let at: { step: string; act: () => Promise<void> } | undefined;

beforeAll(async () => {
  house = await startHouse();
  await house.restartWorker({
    deps: {
      atStep: async (step) => {
        if (at?.step !== step) return;
        const { act } = at;
        at = undefined;
        await act();
      },
    },
  });
  outside = new Outside(house);
  worker = openDatabase({ url: house.database.urls.worker, maxConnections: 2, name: "test" });
});
afterAll(async () => {
  await worker.close();
  await house.close();
});

type Place = { name: string; shop: TestShop; customer: Customer; owner: Owner };

/** A customer whom the agent has greeted. */
async function inTalk(name: string): Promise<Place> {
  const shop = await openTestShop(house, { name });
  const place = { name, shop, customer: new Customer(house, shop), owner: new Owner(house, shop) };
  await place.customer.say("What are your opening hours?");
  await place.customer.hearsText("9 to 19");
  await settled(house, shop.shopId);
  return place;
}

async function change(
  { shop: { shopId } }: Place,
  limit: ProcessingLimit,
  verb: typeof setProcessingLimit,
): Promise<void> {
  const ref = { shopId, subjectId: await onlyCustomer(house, shopId), limit, requestId: null };
  expect(await worker.withShop(shopId, (trx) => verb(trx, { ...ref, now: new Date() }))).toBe(true);
}

const set = (place: Place, limit: ProcessingLimit) => change(place, limit, setProcessingLimit);
const lift = (place: Place, limit: ProcessingLimit) => change(place, limit, liftProcessingLimit);

function asked({ name }: Place): Promise<number> {
  return outside.modelCallsOf(name).then(({ length }) => length);
}

async function queueOf({ shop, owner }: Place) {
  const path = `/v1/conversations/${toTypeId("cus", await onlyCustomer(house, shop.shopId))}`;
  return owner.get<{ unreadCount: number; isWaitingForPerson: boolean }>(path);
}

const newestTurn = "select outcome, model from turns where shop_id = $1 order by seq desc limit 1";

function noticesOf({ shop }: Place): Promise<{ kind: string }[]> {
  return rowsOf(house, "select kind from owner_notices where shop_id = $1", [shop.shopId]);
}

test("leaves to a person who wants no machine a person, from the next message on, and to code its orders", async () => {
  const place = await inTalk("Human Shop");
  const confirm = await askForSummary(place.customer);
  await settled(house, place.shop.shopId);
  const before = await asked(place);
  await set(place, "no_ai");
  await place.customer.say("How much is the Red Dress?");
  await eventually("the owner is told", async () =>
    (await noticesOf(place)).some(({ kind }) => kind === "person_asked"),
  );
  await settled(house, place.shop.shopId);
  expect(await queueOf(place)).toMatchObject({ unreadCount: 1, isWaitingForPerson: true });
  expect(await rowsOf(house, newestTurn, [place.shop.shopId])).toEqual([{ outcome: "nothing", model: null }]);
  await place.customer.tap(confirm);
  const orders = await eventually("the order is placed", async () => {
    const listed = await listOrders(place.owner);
    return listed.length > 0 && listed;
  });
  expect(orders).toHaveLength(1);
  expect(await asked(place)).toBe(before);

  await lift(place, "no_ai");
  await place.customer.say("And what are your opening hours?");
  await eventually("the model is asked again", async () => (await asked(place)) > before);
});

test("asks the model nothing more, and sends nothing of it, once the limit is set in the middle of a turn", async () => {
  const place = await inTalk("Late Limit Shop");
  const heard = (await place.customer.received()).length;
  for (const step of ["turn.fetched", "turn.stored"]) {
    const before = await asked(place);
    at = { step, act: () => set(place, "no_ai") };
    await place.customer.say("How much is the Red Dress?");
    await eventually("the limit is set", () => Promise.resolve(at === undefined));
    await settled(house, place.shop.shopId);
    expect((await asked(place)) > before).toBe(step === "turn.stored");
    expect(await place.customer.received()).toHaveLength(heard);
    await lift(place, "no_ai");
  }
});

test("stores what a restricted person writes, sealed, and uses it only when that is lifted", async () => {
  const place = await inTalk("Frozen Shop");
  const before = await asked(place);
  await set(place, "restricted");
  await place.customer.say("How much is the Red Dress?");
  const { shopId } = place.shop;
  const stored =
    "select body from intake where shop_id = $1 and body is not null union all select body from messages where shop_id = $1 and direction = 'in' and answered_at is null";
  const [row] = await eventually("it is stored", async () => {
    const rows = await rowsOf<{ body: Buffer }>(house, stored, [shopId]);
    return rows.length > 0 && rows;
  });
  expect(row?.body.includes("Red Dress")).toBe(false);
  await reconcileNow(house, { waitedMs: 0, lateMs: 60_000 }); // nobody rang
  await settled(house, shopId);
  expect(await asked(place)).toBe(before);
  await lift(place, "restricted");
  await place.customer.hearsText("45,000");
});

function consentsOf({ shop }: Place) {
  const sql = "select decision, door, channel from consents where shop_id = $1 order by seq";
  return rowsOf<{ decision: string; door: string; channel: string }>(house, sql, [shop.shopId]);
}

test("writes down a yes to promotions only under its wording, and a no at once, whoever speaks", async () => {
  const place = await inTalk("Promoting Shop");
  const { customer, owner, shop } = place;
  await customer.say("Send me promotions");
  await customer.hearsText("May this shop send you its offers");
  const agree = await customer.offered("promotions:");
  await customer.tap("promotions:2020-01"); // of a wording that nobody shows any more
  await settled(house, shop.shopId);
  expect(await consentsOf(place)).toEqual([]);
  await customer.tap(agree);
  await customer.hearsText("may send you its offers here");
  const path = `/v1/conversations/${toTypeId("cus", await onlyCustomer(house, shop.shopId))}/take-over`;
  expect((await owner.fetch("POST", path)).status).toBe(200);
  await customer.say("stop promotions");
  await eventually("it is taken back", async () => (await consentsOf(place)).length === 2);
  expect(await consentsOf(place)).toEqual([
    { decision: "given", door: "chat", channel: "messenger" },
    { decision: "withdrawn", door: "chat", channel: "messenger" },
  ]);
});

test("M:ONAMI-53 refuses what its owner rests on nothing: no machine answers, and no order is placed", async () => {
  const place = await inTalk("Baseless Shop");
  const { customer, owner, shop } = place;
  const rest = async (purpose: string, basis: string | null) => {
    const answer = await owner.fetch("PUT", "/v1/shop/purposes", { body: { purpose, basis } });
    expect(answer.status).toBe(200);
  };
  const confirm = await askForSummary(customer);
  await settled(house, shop.shopId);
  await rest("payment", null);
  await customer.tap(confirm);
  await customer.hearsText("takes no orders here");
  expect(await listOrders(owner)).toEqual([]);
  await rest("payment", "contract");

  const before = await asked(place);
  await rest("conversation", null);
  await customer.say("How much is the Red Dress?");
  await eventually("the owner is told", async () =>
    (await noticesOf(place)).some(({ kind }) => kind === "person_asked"),
  );
  await settled(house, shop.shopId);
  expect(await queueOf(place)).toMatchObject({ isWaitingForPerson: true });
  expect(await rowsOf(house, newestTurn, [shop.shopId])).toEqual([{ outcome: "nothing", model: null }]);
  await rest("conversation", "contract");
  at = { step: "turn.fetched", act: () => rest("conversation", null) };
  await customer.say("And the Blue Dress?");
  await eventually("it is taken away in the middle of the turn", () => Promise.resolve(at === undefined));
  await settled(house, shop.shopId);
  expect(await asked(place)).toBe(before);
  await rest("conversation", "contract");
  await customer.say("How much is the Red Dress?");
  await customer.hearsText("45,000");
});

test("stops for good, before any model is asked, when a customer says to be below 18", async () => {
  const place = await inTalk("Minor Shop");
  const { customer, owner, shop } = place;
  const confirm = await askForSummary(customer);
  await settled(house, shop.shopId);
  const before = (await outside.calls("model")).length;
  await customer.sendSlip({
    amountMinor: 5_000,
    currency: "MMK",
    reference: "0100",
    paidAt: new Date().toISOString(),
    payee: "",
  });
  await customer.say("I'm 15, is that ok?");
  await customer.hearsText("only for people of 18 years and older");
  await customer.tap(confirm);
  await customer.say("Hello? How much is the Red Dress?");
  await reconcileNow(house, { waitedMs: 0, lateMs: 60_000 });
  await settled(house, shop.shopId);
  expect((await outside.calls("model")).length).toBe(before);
  expect(await listOrders(owner)).toEqual([]);
  expect((await noticesOf(place)).map(({ kind }) => kind)).toContain("age_report");
  const sql = `select r.id, r.state, extract(epoch from r.erase_by - r.reported_at) / 3600 as hours, s.state as subject
    from age_reports r join subjects s on s.id = r.subject_id where r.shop_id = $1`;
  const [report, ...others] = await rowsOf<{ id: string }>(house, sql, [shop.shopId]);
  expect(report).toMatchObject({ state: "open", hours: "24.0000000000000000", subject: "frozen" });
  expect(others).toEqual([]);
});
