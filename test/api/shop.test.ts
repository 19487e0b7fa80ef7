import { afterAll, beforeAll, expect, test } from "vitest";

import { toTypeId } from "../../domain/id.ts";
import type { AccountId, ShopId } from "../../domain/id.ts";
import { createOwnerWorld } from "./owner-world.ts";
import type { OwnerWorld } from "./owner-world.ts";

let world: OwnerWorld;
beforeAll(async () => {
  world = await createOwnerWorld();
});
afterAll(() => world.close());

const zone = {
  name: "Yangon",
  townships: ["Kamayut", "ကမာရွတ်"],
  fee: { amountMinor: 2_000, currency: "MMK" },
  acceptsCashOnDelivery: true,
};

test("shows the shop of the key, and of no other", async () => {
  const [mine, other] = [await world.addTenant(), await world.addTenant()];
  const answer = await world.ask("GET", "/v1/shop", { token: mine.key });
  expect(answer.status).toBe(200);
  expect(answer.body).toMatchObject({ name: "Shop", currency: "MMK", isAgentEnabled: true, version: 1 });
  expect(answer.headers.get("etag")).toBe('"1"');
  const theirs = await world.ask("GET", "/v1/shop", { token: other.key });
  expect(theirs.body.id).not.toBe(answer.body.id);
});

test("asks whoever is not signed in to do so", async () => {
  expect((await world.ask("GET", "/v1/shop")).status).toBe(401);
});

test("changes what is named, keeps the rest, and keeps a zone's id", async () => {
  const { key, shopId } = await world.addTenant();
  const first = await world.ask("PATCH", "/v1/shop", {
    token: key,
    body: { agentName: "Thiri", policies: { zones: [zone] } },
  });
  expect(first.status).toBe(200);
  expect(first.body).toMatchObject({ agentName: "Thiri", name: "Shop", version: 2 });
  const [made] = first.body.policies.zones;
  expect(made).toMatchObject(zone);
  const second = await world.ask("PATCH", "/v1/shop", {
    token: key,
    body: {
      policies: {
        openHours: { my: "၉ နာရီ", en: "9 to 5" },
        zones: [{ ...zone, id: made.id, name: "City" }],
      },
    },
  });
  expect(second.body.policies.zones[0]).toMatchObject({ id: made.id, name: "City" });
  expect(second.body.policies.openHours).toEqual({ my: "၉ နာရီ", en: "9 to 5" });
  expect(await world.auditOf(shopId)).toEqual(["shop.updated", "shop.updated"]);
});

test("refuses a change of a version that is gone, and a foreign ETag", async () => {
  const { key } = await world.addTenant();
  const change = (etag: string) =>
    world.ask("PATCH", "/v1/shop", { token: key, body: { name: "New" }, headers: { "if-match": etag } });
  expect((await change('"1"')).status).toBe(200);
  for (const etag of ['"1"', '"made elsewhere"', "3"]) {
    const answer = await change(etag);
    expect(answer.status).toBe(412);
    expect(answer.body.code).toBe("request.precondition_failed");
  }
});

test("names the fields of a bad change, and never repeats them", async () => {
  const { key } = await world.addTenant();
  const bodies = [
    { nam: "typo" },
    {},
    { languages: ["my", "my"] },
    { languages: [] },
    { name: "a\u0000b" },
    { policies: { zones: [{ ...zone, fee: { amountMinor: 1, currency: "USD" } }] } },
    { policies: { zones: [zone, { ...zone, id: "same" }, { ...zone, id: "same" }] } },
  ];
  for (const body of bodies) {
    const answer = await world.ask("PATCH", "/v1/shop", { token: key, body });
    expect(answer.status, JSON.stringify(body)).toBe(422);
    expect(answer.headers.get("content-type")).toBe("application/problem+json");
    expect(answer.body.errors.length).toBeGreaterThan(0);
    expect(JSON.stringify(answer.body)).not.toContain("typo");
  }
});

test("lets staff read the shop and not change it", async () => {
  const { staff } = await world.addTenant();
  expect((await world.ask("GET", "/v1/shop", { token: staff })).status).toBe(200);
  const refused = await world.ask("PATCH", "/v1/shop", { token: staff, body: { name: "Mine" } });
  expect(refused.status).toBe(403);
  expect(refused.body.code).toBe("scope.missing");
});

test("M:ONAMI-04 gives each of an owner's shops a profile of its own", async () => {
  const shops = [await world.addShop(), await world.addShop()] as const;
  const token = await world.signIn(shops[0].shopId, "owner");
  const { rows } = await world.owner.query<{ account_id: AccountId }>(
    "select account_id from memberships where shop_id = $1",
    [shops[0].shopId],
  );
  const accountId = rows[0]?.account_id;
  if (accountId === undefined) throw new Error("the owner is no member");
  await world.addMember(shops[1].shopId, accountId, "owner");
  const of = ({ shopId }: { shopId: ShopId }) => ({ "shopthread-shop": toTypeId("shop", shopId) });
  for (const [index, shop] of shops.entries()) {
    const body = { name: `Thiri ${index}`, agentName: `Aye ${index}`, languages: ["my"] };
    const changed = await world.ask("PATCH", "/v1/shop", { token, body, headers: of(shop) });
    expect(changed.status).toBe(200);
  }
  for (const [index, shop] of shops.entries()) {
    const { body } = await world.ask("GET", "/v1/shop", { token, headers: of(shop) });
    expect(body).toMatchObject({ name: `Thiri ${index}`, agentName: `Aye ${index}`, languages: ["my"] });
  }
  const foreign = await world.addShop();
  const change = { token, body: { name: "Mine" }, headers: of(foreign) };
  expect((await world.ask("PATCH", "/v1/shop", change)).status).toBe(404);
  const unnamed = await world.ask("PATCH", "/v1/shop", { token, body: { name: "Which?" } });
  expect(unnamed.status).toBe(422);
});
