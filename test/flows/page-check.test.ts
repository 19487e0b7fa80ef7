import { afterAll, beforeAll, expect, test } from "vitest";

import { subscribedFields } from "../../domain/messenger/subscribed-fields.ts";
import { pageCheckWorkflow } from "../../workflows/upkeep.contract.ts";
import { openTestShop, postJson, startHouse } from "../support/house.ts";
import type { House, TestShop } from "../support/house.ts";
import { Outside, rowsOf } from "../support/outside.ts";
import { Customer, Owner } from "../support/people.ts";

let house: House;
beforeAll(async () => {
  house = await startHouse();
});
afterAll(() => house.close());

/** What the schedule does every hour. */
async function checkPages(): Promise<void> {
  const { client } = house.core.temporal;
  await client.workflow.execute(pageCheckWorkflow, {
    workflowId: `page-check-${crypto.randomUUID()}`,
    taskQueue: `${house.temporal.taskQueue}-bulk`,
    args: [],
  });
}

/** Fields that Meta sends us of the Page. */
async function subscribedTo({ metaPageId }: TestShop): Promise<string[]> {
  const response = await fetch(`${house.sim.url}/pages`);
  const pages = (await response.json()) as { id: string; subscriptions: Record<string, string[]> }[];
  return Object.values(pages.find(({ id }) => id === metaPageId)?.subscriptions ?? {}).flat();
}

async function stateOf({ shopId }: TestShop): Promise<string | undefined> {
  const rows = await rowsOf<{ state: string }>(house, "select state from pages where shop_id = $1", [shopId]);
  return rows[0]?.state;
}

async function noticesOf(shop: TestShop): Promise<string[]> {
  const { data } = await new Owner(house, shop).get<{ data: { kind: string }[] }>("/v1/notices");
  return data.map(({ kind }) => kind);
}

test("a Page that Meta unsubscribed is subscribed again, and its customers are answered", async () => {
  const shop = await openTestShop(house);
  await postJson(`${house.sim.url}/pages`, { id: shop.metaPageId, isSubscribed: false });
  expect(await subscribedTo(shop)).toEqual([]);
  await checkPages();
  expect((await subscribedTo(shop)).toSorted()).toEqual(subscribedFields.toSorted());
  const customer = new Customer(house, shop);
  await customer.say("What are your opening hours?");
  await customer.hearsText("9 to 19");
  expect(await noticesOf(shop)).toEqual([]);
});

test("a dead token breaks the Page, and the owner is told once however often it is looked at", async () => {
  const shop = await openTestShop(house);
  await postJson(`${house.sim.url}/pages`, { id: shop.metaPageId, accessToken: "EAAanother" });
  await checkPages();
  await checkPages();
  expect(await stateOf(shop)).toBe("broken");
  expect(await noticesOf(shop)).toEqual(["page_broken"]);
});

test("a Messenger that does not answer says nothing of a Page", async () => {
  const shop = await openTestShop(house);
  const outside = new Outside(house);
  await outside.arm({ to: "graph", match: `${shop.metaPageId}/subscribed_apps`, status: 500, times: null });
  await checkPages();
  await outside.calm();
  expect(await stateOf(shop)).toBe("connected");
  expect(await noticesOf(shop)).toEqual([]);
});
