import { afterAll, beforeAll, expect, test } from "vitest";

import { toTypeId } from "../../domain/id.ts";
import { eventually } from "../support/eventually.ts";
import { ActivityFailures } from "../support/fail-activities.ts";
import { openTestShop, postJson, startHouse } from "../support/house.ts";
import type { House, TestShop } from "../support/house.ts";
import { Outside, rowsOf, settled } from "../support/outside.ts";
import { Customer, Owner } from "../support/people.ts";

let house: House;
let outside: Outside;
const deaths = new Map<string, number>();
const failures = new ActivityFailures(() => false);
beforeAll(async () => {
  const deps = { atStep: dieOnce, gaps: { callsASlice: 2, pauseMs: 0 } };
  house = await startHouse({ worker: { interceptors: failures.interceptors, deps } });
  outside = new Outside(house);
});
afterAll(() => house.close());

const hour = 3_600_000;
/** The Page's own steps die the first time, those that come again and again the second. */
function dieOnce(step: string): Promise<void> {
  if (!/^(page|gap)\./.test(step)) return Promise.resolve();
  const times = (deaths.get(step) ?? 0) + 1;
  deaths.set(step, times);
  const dies = times === (step.startsWith("gap.") ? 2 : 1);
  return dies ? Promise.reject(new Error(`died at ${step}`)) : Promise.resolve();
}

/** With the others more than one call of the Conversations API lists. */
const silentPeople = 28;

const ask = (shop: TestShop, what: "drop-subscription") =>
  postJson(`${house.sim.url}/pages/${shop.metaPageId}/${what}`, {});

async function gapIsRead(shop: TestShop): Promise<void> {
  await eventually(
    "the gap is read",
    async () => {
      const sql = "select 1 from pages where shop_id = $1 and gap is null";
      const [rows, running] = [await rowsOf(house, sql, [shop.shopId]), await isTended(shop)];
      return rows.length === 1 && !running;
    },
    30_000,
  );
}

async function isTended(shop: TestShop): Promise<boolean> {
  const id = `page-check/${toTypeId("page", shop.pageId)}`;
  const { status } = await house.core.temporal.client.workflow.getHandle(id).describe();
  return status.name === "RUNNING";
}

type Words = { author: string; kind: string; count: number };

/** What is in the histories of all customers of the shop. */
function heard(shop: TestShop): Promise<Words[]> {
  return rowsOf<Words>(
    house,
    `select author, kind, count(*)::int as count from messages where shop_id = $1 and author in ('customer', 'page_inbox')
      group by author, kind order by author, kind`,
    [shop.shopId],
  );
}

test("what came while the Page was unsubscribed comes in once, killed at every step, and webhooks late", async () => {
  const shop = await openTestShop(house);
  await rowsOf(
    house,
    "update pages set created_at = now() - interval '3 days', connected_at = null where shop_id = $1",
    [shop.shopId],
  );
  const known = new Customer(house, shop);
  await known.say("What are your opening hours?");
  await known.hearsText("9 to 19");
  await settled(house, shop.shopId);
  await rowsOf(
    house,
    "update conversations set last_customer_action_at = now() - interval '3 days' where shop_id = $1",
    [shop.shopId],
  );
  const heardBefore = await known.received();
  await ask(shop, "drop-subscription");
  const silent = Array.from({ length: silentPeople }, () => new Customer(house, shop));
  for (const person of silent) {
    await person.send({ text: "How much is the Red Dress?", at: Date.now() - 30 * hour });
  }
  const waiting = new Customer(house, shop);
  await waiting.say("What are your returns?");
  const helped = new Customer(house, shop);
  await helped.say("Is anybody there?");
  await outside.humanWrites(shop, helped, "Yes, I am");

  failures.arm(shop.shopId, {
    kind: "one",
    at: [
      { label: "tendPage#2", when: "before" },
      { label: "tendPage", when: "after" },
    ],
  });
  const page = toTypeId("page", shop.pageId);
  expect((await new Owner(house, shop).post(`/v1/pages/${page}/check`)).status).toBe(202);
  await gapIsRead(shop);
  await waiting.hearsText("7 days");
  const [missed] = await waiting.messages();
  await outside.metaSends({ shop, customer: waiting }, "messaging", {
    message: { mid: missed?.mid, text: "What are your returns?" },
  });
  await settled(house, shop.shopId);

  expect(await heard(shop)).toEqual([
    { author: "customer", kind: "message", count: silentPeople + 3 },
    { author: "page_inbox", kind: "page_inbox", count: 1 },
  ]);
  for (const person of silent) expect(await person.received()).toEqual([]);
  const unasked = "select 1 from outbox where shop_id = $1 and state = 'waiting_for_window'";
  expect(await rowsOf(house, unasked, [shop.shopId])).toEqual([]);
  expect(await helped.received()).toHaveLength(1);
  expect(await known.received()).toEqual(heardBefore);
  expect((await waiting.received()).filter(({ text }) => text?.includes("7 days"))).toHaveLength(1);
  expect(failures.struckAt(shop.shopId)).toHaveLength(2);
  expect([...deaths.keys()].toSorted()).toEqual([
    "gap.listed",
    "gap.moved",
    "gap.stored",
    "page.gap_opened",
    "page.probed",
    "page.subscribed",
  ]);
  const { data } = await new Owner(house, shop).get<{ data: { kind: string }[] }>("/v1/notices");
  expect(data.map(({ kind }) => kind).filter((kind) => kind.startsWith("page"))).toEqual(["page_restored"]);
}, 90_000);
