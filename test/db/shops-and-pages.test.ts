import { afterAll, beforeAll, expect, test } from "vitest";

import { findPageByMetaId, disconnectPage, listPages, putPage } from "../../db/pages.ts";
import { insertIntakeEvents } from "../../db/intake.ts";
import { findShop, updateShop } from "../../db/shops.ts";
import { listMemberships, listPagesByMetaId } from "../../db/system.ts";
import { asSystem } from "../../db/system-database.ts";
import type { SystemDatabase } from "../../db/system-database.ts";
import { newId } from "../../domain/id.ts";
import type { CustomerId, MessageId, PageId, ShopId } from "../../domain/id.ts";
import type { Sealed } from "../../domain/sealing.ts";
import { createApiWorld } from "../api/api-world.ts";
import type { ApiWorld, TestShop } from "../api/api-world.ts";

let world: ApiWorld;
beforeAll(async () => {
  world = await createApiWorld();
});
afterAll(() => world.close());

const token = Buffer.from("sealed elsewhere") as Sealed;

function put({ shopId, metaPageId }: Pick<TestShop, "shopId" | "metaPageId">, id: PageId): Promise<void> {
  const page = { shopId, id, metaPageId, name: "New name", token, now: new Date() };
  return world.deps.db.withShop(shopId, (trx) => putPage(trx, page));
}

test("a Page of one shop cannot be connected by another", async () => {
  const [one, two] = await Promise.all([world.addShop(), world.addShop()]);
  const taken = put({ shopId: two.shopId, metaPageId: one.metaPageId }, newId<PageId>());
  await expect(taken).rejects.toMatchObject({ kind: "conflict", code: "page.taken" });
  const seen = await world.deps.db.withShop(two.shopId, (trx) =>
    findPageByMetaId(trx, { shopId: two.shopId, metaPageId: one.metaPageId }),
  );
  expect(seen).toBeUndefined();
});

test("a Page keeps its row when it is connected again", async () => {
  const shop = await world.addShop();
  const { shopId, pageId: id } = shop;
  await world.deps.db.withShop(shopId, (trx) => disconnectPage(trx, { shopId, id, noToken: token }));
  expect(await listPagesByMetaId(world.deps.system, [shop.metaPageId])).toMatchObject([
    { state: "disconnected" },
  ]);
  await put(shop, id);
  const pages = await world.deps.db.withShop(shopId, (trx) => listPages(trx, shopId));
  expect(pages).toMatchObject([{ id, name: "New name", state: "connected", version: 3 }]);
});

test("a Page that broke has what it missed marked when it is connected again", async () => {
  const shop = await world.addShop();
  const { shopId, pageId: id } = shop;
  await world.owner.query("update pages set state = 'broken' where id = $1", [id]);
  await put(shop, id);
  const [page] = await world.deps.db.withShop(shopId, (trx) => listPages(trx, shopId));
  expect(page?.gap).toMatchObject({ wasBroken: true, cursor: null });
});

test("a change of a shop demands the version that was read", async () => {
  const { shopId } = await world.addShop();
  const change = (version: number, agentName: string) =>
    world.deps.db.withShop(shopId, (trx) =>
      updateShop(trx, { shopId, version, change: { agentName }, now: new Date() }),
    );
  expect(await change(1, "Su")).toBe(2);
  expect(await change(1, "Mya")).toBeUndefined();
  const shop = await world.deps.db.withShop(shopId, (trx) => findShop(trx, shopId));
  expect(shop).toMatchObject({ agentName: "Su", version: 2, isAgentEnabled: true });
});

test("a shop can write no row of another", async () => {
  const [one, two] = await Promise.all([world.addShop(), world.addShop()]);
  const event = {
    id: newId<MessageId>(),
    kind: "message" as const,
    customerId: newId<CustomerId>(),
    pageId: two.pageId,
    eventKey: Buffer.alloc(32),
    midHash: null,
    body: null,
    occurredAt: new Date(),
    receivedAt: new Date(),
  };
  const write = world.deps.db.withShop(one.shopId, (trx) =>
    insertIntakeEvents(trx, { shopId: two.shopId, events: [event] }),
  );
  await expect(write).rejects.toMatchObject({ code: "42501" });
  const rename = await world.deps.db.withShop(one.shopId, (trx) =>
    updateShop(trx, { shopId: two.shopId, version: 1, change: { name: "Stolen" }, now: new Date() }),
  );
  expect(rename).toBeUndefined();
});

test("the system login is of no use without its functions", async () => {
  const forged = {
    __system: true,
    ping: () => Promise.resolve(),
    close: () => Promise.resolve(),
  } as SystemDatabase;
  await expect(asSystem(forged, () => Promise.resolve())).rejects.toThrow("not a system database");
});

test("the memberships of an account are found in every shop", async () => {
  const [one, two, account] = await Promise.all([world.addShop(), world.addShop(), world.addAccount()]);
  await world.addMember(one.shopId, account.accountId, "owner");
  await world.addMember(two.shopId, account.accountId, "staff");
  const memberships = await listMemberships(world.deps.system, account.accountId);
  const byShop = new Map<ShopId, string>(memberships.map(({ shopId, role }) => [shopId, role]));
  expect(byShop).toEqual(
    new Map([
      [one.shopId, "owner"],
      [two.shopId, "staff"],
    ]),
  );
});
