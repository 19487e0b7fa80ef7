import { afterAll, beforeAll, expect, test } from "vitest";

import { toTypeId } from "../../domain/id.ts";
import { eventually } from "../support/eventually.ts";
import { openTestShop, postJson, startHouse } from "../support/house.ts";
import type { House, TestShop } from "../support/house.ts";
import { Outside, onlyCustomer, settled } from "../support/outside.ts";
import { Customer, Owner } from "../support/people.ts";

let house: House;
beforeAll(async () => {
  house = await startHouse();
});
afterAll(() => house.close());

type PageView = { id: string; state: string; routing: string };

async function pageOf(shop: TestShop): Promise<PageView> {
  return new Owner(house, shop).get(`/v1/pages/${toTypeId("page", shop.pageId)}`);
}

async function pageNotices(shop: TestShop): Promise<string[]> {
  const { data } = await new Owner(house, shop).get<{ data: { kind: string }[] }>("/v1/notices");
  return data.map(({ kind }) => kind).filter((kind) => kind.startsWith("page_"));
}

/** The owner goes through Facebook's dialog, and chooses the Page there and here. */
async function connectAgain(shop: TestShop, owner: Owner): Promise<Response> {
  const started = await owner.post("/v1/page-connections");
  const { authoriseUrl } = (await started.json()) as { authoriseUrl: string };
  const form = new URL(authoriseUrl).searchParams;
  form.set("answer", "grant");
  form.set("account", "300000000000001");
  form.set("page", shop.metaPageId);
  const dialog = authoriseUrl.split("?")[0] ?? "";
  const back = await fetch(dialog, { method: "POST", body: form, redirect: "manual" });
  const { searchParams } = new URL(back.headers.get("location") ?? "");
  const body = { state: searchParams.get("state"), code: searchParams.get("code") };
  const completed = await owner.post("/v1/page-connections/complete", body);
  const { id } = (await completed.json()) as { id: string };
  return owner.post(`/v1/page-connections/${id}/pages`, { metaPageId: shop.metaPageId });
}

test("a dead token stops the sending; what waits is shown so, and goes out when the owner has connected again", async () => {
  const shop = await openTestShop(house);
  const owner = new Owner(house, shop);
  const customer = new Customer(house, shop);
  await customer.say("What are your opening hours?");
  await customer.hearsText("9 to 19");
  await settled(house, shop.shopId);
  await postJson(`${house.sim.url}/pages/${shop.metaPageId}/revoke-token`, {});
  const thread = `/v1/conversations/${toTypeId("cus", await onlyCustomer(house, shop.shopId))}/messages`;
  await owner.post(thread, { text: "It is in stock again" });
  await eventually("the Page is broken", async () => (await pageOf(shop)).state === "broken");
  await owner.post(thread, { text: "Do you want it?" });
  await eventually("both wait for the Page", async () => {
    const { data } = await owner.get<{ data: { state: string }[] }>(thread);
    return data.filter(({ state }) => state === "waiting_for_page").length === 2;
  });
  expect(await pageNotices(shop)).toEqual(["page_broken"]);
  const sends = () => new Outside(house).calls("graph").then((calls) => calls.filter(isSend(shop)).length);
  const before = await sends();
  await othersAreServed();
  expect(await sends()).toBe(before);

  const connected = await connectAgain(shop, owner);
  expect(await connected.json()).toMatchObject({ id: toTypeId("page", shop.pageId), state: "connected" });
  await customer.hearsText("It is in stock again");
  await customer.hearsText("Do you want it?");
  await eventually("the owner is told", async () => (await pageNotices(shop)).length === 2);
  expect(await pageNotices(shop)).toEqual(["page_restored", "page_broken"]);
});

function isSend({ metaPageId }: TestShop) {
  return ({ method, path }: { method: string; path: string }) =>
    method === "POST" && path.endsWith(`/${metaPageId}/messages`);
}

/** A customer of another shop is answered: the sender has looked since. */
async function othersAreServed(): Promise<void> {
  const other = await openTestShop(house);
  const customer = new Customer(house, other);
  await customer.say("What are your opening hours?");
  await customer.hearsText("9 to 19");
}

test("a Page whose threads go to another app is shown so, and its owner is told once", async () => {
  const shop = await openTestShop(house);
  const customer = new Customer(house, shop);
  await customer.say("What are your opening hours?");
  await customer.hearsText("9 to 19");
  await settled(house, shop.shopId);
  const url = `${house.sim.url}/pages/${shop.metaPageId}/default-app`;
  await fetch(url, {
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ appId: "880000000000001" }),
  });
  const owner = new Owner(house, shop);
  for (let times = 0; times < 2; times += 1) {
    const { checkedAt } = await owner.get<{ checkedAt: string }>(
      `/v1/pages/${toTypeId("page", shop.pageId)}`,
    );
    await owner.post(`/v1/pages/${toTypeId("page", shop.pageId)}/check`);
    await eventually("the Page was looked at", async () => {
      const seen = (await pageOf(shop)) as PageView & { checkedAt: string };
      return seen.checkedAt > checkedAt && seen.routing === "theirs";
    });
  }
  expect(await pageNotices(shop)).toEqual(["page_shared"]);
});
