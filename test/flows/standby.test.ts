import { afterAll, afterEach, beforeAll, expect, test } from "vitest";

import { listConversationsToRing } from "../../db/system-sweeps.ts";
import { toTypeId } from "../../domain/id.ts";
import { eventually } from "../support/eventually.ts";
import { openTestShop, startHouse } from "../support/house.ts";
import type { House, TestShop } from "../support/house.ts";
import { openStory, place, slip, underReview } from "../support/order-story.ts";
import { Outside, onlyCustomer, rowsOf, settled, turnsOf } from "../support/outside.ts";
import { Customer, Owner } from "../support/people.ts";

const otherAppId = "263902037430900";

let house: House;
let outside: Outside;
let mids = 0;

beforeAll(async () => {
  house = await startHouse();
  outside = new Outside(house);
});
afterEach(() => outside.calm());
afterAll(() => house.close());

/** A customer whom the agent has greeted. */
async function inTalk(name: string): Promise<{ shop: TestShop; customer: Customer }> {
  const shop = await openTestShop(house, { name });
  const customer = new Customer(house, shop);
  await customer.say("What are your opening hours?");
  await customer.hearsText("9 to 19");
  await settled(house, shop.shopId);
  return { shop, customer };
}

type Place = { shop: TestShop; customer: Customer };

const meta: Outside["metaSends"] = (place, channel, item) => outside.metaSends(place, channel, item);

const saysThere = (place: Place, text: string) =>
  meta(place, "standby", { message: { mid: `m_standby${(mids += 1)}`, text } });

const answeredThere = (place: Place, text: string) =>
  meta(place, "standby", {
    message: { mid: `m_standby${(mids += 1)}`, is_echo: true, app_id: otherAppId, text },
  });

type Seen = { author: string; text: string | null };

async function historyOf({ shop }: Place): Promise<Seen[]> {
  const path = `/v1/conversations/${toTypeId("cus", await onlyCustomer(house, shop.shopId))}/messages`;
  const { data } = await new Owner(house, shop).get<{ data: Seen[] }>(path);
  return data.map(({ author, text }) => ({ author, text })).toReversed();
}

async function isCopied({ shop }: Place): Promise<void> {
  await eventually("the copies are in the history", async () => {
    const rows = await rowsOf(house, "select id from intake where shop_id = $1 and claimed_at is null", [
      shop.shopId,
    ]);
    return rows.length === 0;
  });
}

test("a thread of another app is in the history, unanswered by us and unread by nobody", async () => {
  const place = await inTalk("Copied Shop");
  const { shop, customer } = place;
  const [heard, turns] = [await customer.received(), await turnsOf(house, shop.shopId)];
  await saysThere(place, "How much is the Red Dress?");
  await isCopied(place);
  const path = `/v1/conversations/${toTypeId("cus", await onlyCustomer(house, shop.shopId))}`;
  expect(await new Owner(house, shop).get(path)).toMatchObject({ unreadCount: 0, mode: "agent" });
  await answeredThere(place, "For you it is a present");
  await isCopied(place);
  await settled(house, shop.shopId);
  expect(await customer.received()).toEqual(heard);
  expect(await turnsOf(house, shop.shopId)).toEqual(turns);
  expect((await historyOf(place)).slice(-2)).toEqual([
    { author: "customer", text: "How much is the Red Dress?" },
    { author: "page_inbox", text: "For you it is a present" },
  ]);
});

test.each([
  ["when it is passed to us", true],
  ["when it lapses without a word of Meta", false],
])("answers only what is written from then on, %s", async (how, isPassed) => {
  const place = await inTalk(`Back Shop ${how}`);
  const { shop, customer } = place;
  await saysThere(place, "How much is the Red Dress?");
  if (isPassed) {
    const control = { previous_owner_app_id: otherAppId, new_owner_app_id: house.config.META_APP_ID };
    await meta(place, "messaging", { pass_thread_control: control });
  }
  await customer.say("What are your returns?");
  await customer.hearsText("Exchange");
  await settled(house, shop.shopId);
  expect((await customer.received()).some(({ text = "" }) => text.includes("45,000"))).toBe(false);
});

test("leaves alone what it had not answered when another app took the thread", async () => {
  const place = await inTalk("Taken Shop");
  const { shop, customer } = place;
  await house.stopWorker();
  await customer.say("How much is the Red Dress?");
  await meta(place, "messaging", {
    take_thread_control: { previous_owner_app_id: house.config.META_APP_ID, new_owner_app_id: otherAppId },
  });
  await house.restartWorker();
  await settled(house, shop.shopId);
  await customer.say("What are your returns?");
  await customer.hearsText("Exchange");
  await settled(house, shop.shopId);
  expect((await customer.received()).some(({ text = "" }) => text.includes("45,000"))).toBe(false);
});

test("is silent when another app takes the thread while the model thinks", async () => {
  const place = await inTalk("Interrupted Shop");
  const { shop, customer } = place;
  const asked = (await outside.modelCallsOf("Interrupted Shop")).length;
  await outside.arm({ to: "model", delayMs: 1_500 });
  await customer.say("How much is the Red Dress?");
  await eventually(
    "the model thinks",
    async () => (await outside.modelCallsOf("Interrupted Shop")).length > asked,
  );
  await answeredThere(place, "Let me answer this myself");
  await settled(house, shop.shopId);
  expect((await turnsOf(house, shop.shopId)).at(-1)?.outcome).toBe("silent");
  expect((await customer.received()).some(({ text = "" }) => text.includes("45,000"))).toBe(false);
});

const digitsIn = (text: string) => text.replace(/\D/gu, "");

/** What the customer has said, as the console shows it. */
async function saidBy(place: Place): Promise<string> {
  const seen = await historyOf(place);
  return seen.flatMap(({ author, text }) => (author === "customer" ? (text ?? "") : [])).join("\n");
}

async function promptsOf(name: string): Promise<string> {
  const calls = await outside.modelCallsOf(name);
  return calls.map(({ body }) => JSON.stringify((body as { input: unknown }).input)).join("\n");
}

test.each<[string, (place: Place, text: string) => Promise<void>]>([
  ["in two messages there", saysThere],
  [
    "that began with us",
    async ({ shop, customer }, text) => {
      await customer.say(text);
      await settled(house, shop.shopId);
    },
  ],
])("a card number %s is masked before the console and the model see both parts", async (how, saysFirst) => {
  const name = `Carded Shop ${how}`;
  const place = await inTalk(name);
  const { shop, customer } = place;
  await saysFirst(place, "my card begins with 5555 5555");
  await saysThere(place, "and ends with 5555 4444");
  await answeredThere(place, "Thank you");
  await isCopied(place);
  expect(digitsIn(await saidBy(place))).toBe("");
  await customer.say("What are your returns?");
  await customer.hearsText("Exchange");
  await settled(house, shop.shopId);
  const prompts = await promptsOf(name);
  expect(prompts).toContain("and ends with [card number removed]");
  expect(prompts).not.toContain("5555 4444");
});

test("a turn that comes before the sender masks what another app's thread brought", async () => {
  const place = await inTalk("Early Shop");
  const { shop, customer } = place;
  await rowsOf(house, "update pages set state = 'broken' where shop_id = $1", [shop.shopId]);
  await saysThere(place, "my card begins with 5555 5555");
  await saysThere(place, "and ends with 5555 4444");
  await answeredThere(place, "Thank you");
  await customer.say("What are your returns?");
  await eventually(
    "the turn is stored",
    async () => (await turnsOf(house, shop.shopId))[1]?.state === "stored",
  );
  const prompts = await promptsOf("Early Shop");
  expect(prompts).toContain("What are your returns?");
  expect(prompts).toContain("and ends with [card number removed]");
  expect(prompts).not.toContain("5555");
  expect(digitsIn(await saidBy(place))).toBe("");
});

test("what is taken back while another app has the thread goes, though nothing can be sent", async () => {
  const place = await inTalk("Broken Shop");
  const { shop, customer } = place;
  const mid = (await customer.messages()).find(({ from }) => from === "customer")?.mid;
  await rowsOf(house, "update pages set state = 'broken' where shop_id = $1", [shop.shopId]);
  await house.stopWorker();
  await meta(place, "standby", { message: { mid, is_deleted: true } });
  const now = new Date(Date.now() + 60_000);
  const due = await eventually("the deletion waits", async () => {
    const [row] = await rowsOf(house, "select id from intake where shop_id = $1 and kind = 'deleted'", [
      shop.shopId,
    ]);
    return row && listConversationsToRing(house.core.system, { now, waitedMs: 0, limit: 1_000 });
  });
  expect(due.filter(({ shopId }) => shopId === shop.shopId)).toHaveLength(1);
  await house.restartWorker();
  await isCopied(place);
  expect(await historyOf(place)).toContainEqual({ author: "customer", text: null });
});

test("a slip that is sent while another app has the thread is evidence all the same", async () => {
  const story = await openStory(house);
  const { owner, customer, shop } = story;
  const { id } = await place(story);
  await settled(house, shop.shopId);
  await outside.arm({ to: "webhook", match: "attachments", lose: true });
  await customer.sendSlip(slip());
  const item = await eventually("its webhook is lost", async () => {
    const response = await fetch(`${house.sim.url}/webhooks?state=lost`);
    const lost = (await response.json()) as { psid: string; item: Record<string, unknown> }[];
    return lost.find(({ psid }) => psid === customer.psid)?.item;
  });
  await meta(story, "standby", item);
  await underReview(owner, id);
});
