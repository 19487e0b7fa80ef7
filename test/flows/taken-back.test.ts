import { readdir } from "node:fs/promises";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";

import { createObjectStore } from "../../clients/object-store.ts";
import { toTypeId } from "../../domain/id.ts";
import type { WorkerOverrides } from "../../runtime/worker.ts";
import { eventually } from "../support/eventually.ts";
import { openTestShop, startHouse } from "../support/house.ts";
import type { House, TestShop } from "../support/house.ts";
import { openStory, place, slip, underReview } from "../support/order-story.ts";
import type { EvidenceView } from "../support/order-story.ts";
import { Outside, onlyCustomer, rowsOf, settled, turnsOf } from "../support/outside.ts";
import { Customer, Owner } from "../support/people.ts";
import { shortConversationTimings } from "../support/short-timings.ts";

let house: House;
let outside: Outside;
/** What happens once when the worker comes to a step. */
let atStep: { step: string; act(): Promise<void> } | undefined;
let isStoreAway = false;
let refused = 0;

beforeAll(async () => {
  house = await startHouse();
  outside = new Outside(house);
  await house.restartWorker(underWatch());
});
afterEach(() => {
  atStep = undefined;
  isStoreAway = false;
});
afterAll(() => house.close());

function underWatch(): WorkerOverrides {
  const objects = createObjectStore({ folder: join(house.home, "objects") });
  return {
    deps: {
      atStep: async (step) => {
        if (atStep?.step !== step) return;
        const { act } = atStep;
        atStep = undefined;
        await act();
      },
      objects: {
        ...objects,
        remove: (id) => {
          if (!isStoreAway) return objects.remove(id);
          refused += 1;
          return Promise.reject(new Error("the store is away"));
        },
      },
    },
  };
}

const question = "How much is the Red Dress?";

async function open(name: string, timings = {}): Promise<{ shop: TestShop; customer: Customer }> {
  const shop = await openTestShop(house, {
    name,
    conversationTimings: { ...shortConversationTimings, ...timings },
  });
  return { shop, customer: new Customer(house, shop) };
}

/** A customer whom the agent has greeted. */
async function inTalk(name: string, timings = {}): Promise<{ shop: TestShop; customer: Customer }> {
  const opened = await open(name, timings);
  await opened.customer.say("What are your opening hours?");
  await opened.customer.hearsText("9 to 19");
  await settled(house, opened.shop.shopId);
  return opened;
}

async function lastMid(customer: Customer): Promise<string> {
  const said = (await customer.messages()).filter(({ from }) => from === "customer");
  return said.at(-1)?.mid ?? "";
}

/** Whether any copy of the customer's newest words is left. */
async function keptBodies(shop: TestShop, since: Date): Promise<number> {
  const rows = await rowsOf<{ count: string }>(
    house,
    `select (select count(*) from messages where shop_id = $1 and direction = 'in' and body is not null and received_at >= $2)
          + (select count(*) from intake where shop_id = $1 and kind <> 'deleted' and body is not null and received_at >= $2)
          as count`,
    [shop.shopId, since],
  );
  return Number(rows[0]?.count);
}

async function isDelivered(mid: string, kind: "message" | "deleted"): Promise<true> {
  return eventually(`the ${kind} is stored`, async () => {
    const response = await fetch(`${house.sim.url}/webhooks?state=delivered`);
    const webhooks = (await response.json()) as {
      item: { message?: { mid: string; is_deleted?: boolean } };
    }[];
    return webhooks.some(
      ({ item }) => item.message?.mid === mid && (item.message.is_deleted === true) === (kind === "deleted"),
    );
  });
}

async function takeBackLast(customer: Customer): Promise<void> {
  const mid = await lastMid(customer);
  await customer.takeBack(mid);
  await isDelivered(mid, "deleted");
}

/** Files of the object store, by the ids that they begin with. */
async function storedBytes(): Promise<string[]> {
  const names = await readdir(join(house.home, "objects"), { recursive: true });
  return names.flatMap((name) => /[0-9a-f-]{36}(?=\.)/.exec(name)?.[0] ?? []);
}

async function objectsOf(shop: TestShop): Promise<string[]> {
  const rows = await rowsOf<{ id: string }>(
    house,
    "select id from objects where shop_id = $1 and kind = 'chat_image'",
    [shop.shopId],
  );
  return rows.map(({ id }) => id);
}

test("a message that comes after its deletion is neither kept, nor answered, nor read by the model", async () => {
  const { shop, customer } = await inTalk("Early Shop");
  const [since, heard, asked] = [
    new Date(),
    await customer.received(),
    await outside.modelCallsOf("Early Shop"),
  ];
  await customer.takeBack("m_early");
  await isDelivered("m_early", "deleted");
  await settled(house, shop.shopId);
  await customer.send({ raw: { message: { mid: "m_early", text: question } } });
  await isDelivered("m_early", "message");
  expect(await keptBodies(shop, since)).toBe(0);
  await settled(house, shop.shopId);
  expect(await keptBodies(shop, since)).toBe(0);
  expect(await customer.received()).toEqual(heard);
  expect(await outside.modelCallsOf("Early Shop")).toEqual(asked);
  const path = `/v1/conversations/${toTypeId("cus", await onlyCustomer(house, shop.shopId))}`;
  const { data } = await new Owner(house, shop).get<{
    data: { text: string | null; deletedAt: string | null }[];
  }>(`${path}/messages`);
  expect(data[0]).toMatchObject({ text: null, deletedAt: expect.any(String) });
});

test("a message that is taken back while no worker is up is empty at once, and never answered", async () => {
  const { shop, customer } = await inTalk("Waiting Shop");
  const heard = await customer.received();
  await house.stopWorker();
  try {
    const since = new Date();
    await customer.say(question);
    const mid = await lastMid(customer);
    await isDelivered(mid, "message");
    expect(await keptBodies(shop, since)).toBe(1);
    await customer.takeBack(mid);
    await isDelivered(mid, "deleted");
    expect(await keptBodies(shop, since)).toBe(0);
  } finally {
    await house.restartWorker(underWatch());
  }
  await settled(house, shop.shopId);
  expect(await customer.received()).toEqual(heard);
});

test("words that are taken back before the model is asked never reach it, and the rest of the burst is answered", async () => {
  const { shop, customer } = await inTalk("Flight Shop", { quietMs: 800 });
  atStep = { step: "turn.claimed", act: () => takeBackLast(customer) };
  await customer.say("What are your returns?");
  await customer.say(question);
  await customer.hearsText("Exchange");
  await settled(house, shop.shopId);
  const asked = await outside.modelCallsOf("Flight Shop");
  expect(asked.filter(({ body }) => JSON.stringify(body).includes(question))).toEqual([]);
  expect((await customer.received()).some(({ text = "" }) => text.includes("45,000"))).toBe(false);
  expect((await turnsOf(house, shop.shopId)).map(({ outcome }) => outcome)).toEqual([
    "answered",
    "stale",
    "answered",
  ]);
});

test("an answer to words that were taken back while the model thought is not sent", async () => {
  const { shop, customer } = await inTalk("Late Shop");
  const [since, heard] = [new Date(), await customer.received()];
  atStep = { step: "turn.answered", act: () => takeBackLast(customer) };
  await customer.say(question);
  await eventually("the turn went by", async () => (await turnsOf(house, shop.shopId)).length > 1);
  await settled(house, shop.shopId);
  expect(await customer.received()).toEqual(heard);
  expect(await keptBodies(shop, since)).toBe(0);
});

/** A picture that is no slip. */
async function sendPicture(customer: Customer): Promise<void> {
  const create = { width: 60, height: 40, channels: 3 as const, background: "red" };
  const imageBase64 = (await sharp({ create }).png().toBuffer()).toString("base64");
  await customer.send({ imageBase64 });
}

async function goesForEver(objectIds: string[]): Promise<void> {
  await eventually("the bytes are gone", async () => {
    const left = await storedBytes();
    return objectIds.every((id) => !left.includes(id));
  });
}

test("a picture goes with its message, though the worker dies before its bytes are removed", async () => {
  const { shop, customer } = await inTalk("Picture Shop");
  await sendPicture(customer);
  const [objectId = ""] = await eventually("the picture is kept", async () => {
    const ids = await objectsOf(shop);
    return ids.length > 0 && ids;
  });
  await settled(house, shop.shopId);
  isStoreAway = true;
  await customer.takeBack(await lastMid(customer));
  await eventually("its row is gone", async () => (await objectsOf(shop)).length === 0);
  const before = refused;
  await eventually("the store was asked", () => refused > before + 1);
  expect(await storedBytes()).toContain(objectId);
  await house.stopWorker();
  isStoreAway = false;
  await house.restartWorker(underWatch());
  await goesForEver([objectId]);
  expect(await rowsOf(house, "select id from loose_objects where shop_id = $1", [shop.shopId])).toEqual([]);
});

/** What the claim of another attempt does, while this one does not know that it is over. */
async function takenByAnother({ shopId }: TestShop): Promise<void> {
  await rowsOf(
    house,
    "update intake set body = null, claimed_at = now() where shop_id = $1 and kind = 'deleted'",
    [shopId],
  );
  await rowsOf(
    house,
    "update messages set body = null, deleted_at = now() where shop_id = $1 and answered_at is null and direction = 'in'",
    [shopId],
  );
}

test("a picture that is taken back while it is fetched is not kept", async () => {
  const { shop, customer } = await inTalk("Fetched Shop");
  let stored: string[] = [];
  const known = await storedBytes();
  atStep = {
    step: "picture.stored",
    act: async () => {
      stored = (await storedBytes()).filter((id) => !known.includes(id));
      await takeBackLast(customer);
      await takenByAnother(shop);
    },
  };
  await sendPicture(customer);
  await eventually("it was fetched", () => stored.length > 0);
  await settled(house, shop.shopId);
  await goesForEver(stored);
  expect(await objectsOf(shop)).toEqual([]);
});

test("bytes of an attempt that died before their row was written do not stay for ever", async () => {
  const { shop, customer } = await inTalk("Killed Shop");
  const known = await storedBytes();
  let orphans: string[] = [];
  atStep = {
    step: "picture.stored",
    act: async () => {
      orphans = (await storedBytes()).filter((id) => !known.includes(id));
      throw new Error("killed");
    },
  };
  await sendPicture(customer);
  const kept = await eventually("the next attempt kept the picture", async () => {
    const ids = await objectsOf(shop);
    return ids.length > 0 && ids;
  });
  await settled(house, shop.shopId);
  expect(await storedBytes()).toEqual(expect.arrayContaining([...orphans, ...kept]));
  await rowsOf(house, "update loose_objects set due_at = now() where shop_id = $1", [shop.shopId]);
  await goesForEver(orphans);
  expect(await storedBytes()).toEqual(expect.arrayContaining(kept));
});

test("a slip that is an order's evidence stays, and its words go", async () => {
  const story = await openStory(house);
  const { shop, owner, customer } = story;
  const { id } = await place(story);
  const since = new Date();
  await customer.sendSlip(slip());
  await underReview(owner, id);
  await settled(house, shop.shopId);
  await takeBackLast(customer);
  await settled(house, shop.shopId);
  expect(await keptBodies(shop, since)).toBe(0);
  const { evidence } = await underReview(owner, id);
  const { picture } = await owner.get<EvidenceView>(`/v1/payment-evidence/${evidence[0]?.id}`);
  expect((await owner.fetch("GET", picture.url)).status).toBe(200);
});

test("a slip that is taken back while it is read becomes no evidence", async () => {
  const story = await openStory(house);
  const { shop, customer } = story;
  await place(story);
  await settled(house, shop.shopId);
  atStep = { step: "slip.read", act: () => takeBackLast(customer) };
  await customer.sendSlip(slip());
  await eventually("it was read", () => atStep === undefined);
  await settled(house, shop.shopId);
  expect(await rowsOf(house, "select id from payment_evidence where shop_id = $1", [shop.shopId])).toEqual(
    [],
  );
  expect(await objectsOf(shop)).toEqual([]);
});
