import { Client } from "pg";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";

import { openDatabase } from "../../db/connection.ts";
import type { Database } from "../../db/connection.ts";
import { insertProduct } from "../../db/products.ts";
import { moveStock } from "../../db/stock-moves.ts";
import type { StockMoveKind } from "../../db/stock-moves.ts";
import { insertVariants } from "../../db/variants.ts";
import { newId } from "../../domain/id.ts";
import type { OrderId, ProductId, ShopId, VariantId } from "../../domain/id.ts";
import { createTestDatabase } from "../support/test-database.ts";
import type { TestDatabase } from "../support/test-database.ts";

let database: TestDatabase;
let api: Database;
let worker: Database;
let owner: Client;
let shopId: ShopId;
let variantIds: VariantId[];

beforeAll(async () => {
  database = await createTestDatabase();
  const options = { maxConnections: 10, name: "test" };
  api = openDatabase({ ...options, url: database.urls.api });
  worker = openDatabase({ ...options, url: database.urls.worker });
  owner = new Client({ connectionString: database.urls.owner });
  await owner.connect();
});
afterAll(async () => {
  await Promise.all([api.close(), worker.close(), owner.end()]);
  await database.drop();
});

beforeEach(async () => {
  shopId = newId<ShopId>();
  variantIds = [newId<VariantId>(), newId<VariantId>()];
  const productId = newId<ProductId>();
  await owner.query(
    `insert into shops (id, name, country, currency, time_zone, languages, agent_name, policies, order_timings,
      conversation_timings, created_at)
      values ($1, 'Shop', 'MM', 'MMK', 'Asia/Yangon', '{my}', 'Aye', '{}', '{}', '{}', now())`,
    [shopId],
  );
  await api.withShop(shopId, async (trx) => {
    const now = new Date();
    await insertProduct(trx, { shopId, productId, name: "P", description: "", state: "published", now });
    const fields = { name: "", priceMinor: 1, currency: "MMK" as const, position: 0, isActive: true };
    const variants = variantIds.map((variantId) => ({ ...fields, variantId }));
    await insertVariants(trx, { shopId, productId, variants });
  });
  await move("initial", null, 10, 0);
});

function move(kind: StockMoveKind, orderId: OrderId | null, onHandDelta: number, reservedDelta: number) {
  const moves = variantIds.map((variantId) => ({ variantId, onHandDelta, reservedDelta }));
  return worker.withShop(shopId, (trx) =>
    moveStock(trx, { shopId, kind, orderId, actorId: null, moves, now: new Date() }),
  );
}

async function stock(): Promise<[number, number][]> {
  const { rows } = await owner.query<{ on_hand: number; reserved: number }>(
    "select on_hand, reserved from variants where shop_id = $1 order by id",
    [shopId],
  );
  return rows.map(({ on_hand: onHand, reserved }) => [onHand, reserved]);
}

async function ledger(): Promise<[number, number]> {
  const { rows } = await owner.query<{ on_hand: string; reserved: string }>(
    "select sum(on_hand_delta) as on_hand, sum(reserved_delta) as reserved from stock_moves where shop_id = $1",
    [shopId],
  );
  return [Number(rows[0]?.on_hand), Number(rows[0]?.reserved)];
}

test("reserves and sells for an order once, however often it is asked", async () => {
  const orderId = newId<OrderId>();
  for (let turn = 0; turn < 2; turn += 1) {
    expect(await move("reserve", orderId, 0, 3)).toEqual({ outcome: "moved" });
  }
  expect(await stock()).toEqual([
    [10, 3],
    [10, 3],
  ]);
  for (let turn = 0; turn < 2; turn += 1) await move("sell", orderId, -3, -3);
  expect(await stock()).toEqual([
    [7, 0],
    [7, 0],
  ]);
  expect(await ledger()).toEqual([14, 0]);
});

test("moves once more for an order that was revived", async () => {
  const orderId = newId<OrderId>();
  const again = (kind: StockMoveKind, reservedDelta: number, round: number) =>
    worker.withShop(shopId, (trx) =>
      moveStock(trx, {
        shopId,
        kind,
        orderId,
        round,
        actorId: null,
        moves: variantIds.map((variantId) => ({ variantId, onHandDelta: 0, reservedDelta })),
        now: new Date(),
      }),
    );
  await again("reserve", 3, 0);
  await again("release", -3, 0);
  for (let turn = 0; turn < 2; turn += 1) await again("reserve", 3, 1);
  expect(await stock()).toEqual([
    [10, 3],
    [10, 3],
  ]);
  expect(await ledger()).toEqual([20, 6]);
});

test("moves once for one effect, though nobody kept its answer", async () => {
  const [variantId] = variantIds as [VariantId];
  const effectId = newId<string>();
  for (let turn = 0; turn < 2; turn += 1) {
    const moves = [{ variantId, onHandDelta: 7, reservedDelta: 0 }];
    const by = { orderId: null, actorId: null, effectId, now: new Date() };
    await worker.withShop(shopId, (trx) => moveStock(trx, { shopId, kind: "adjust", moves, ...by }));
  }
  expect((await stock())[0]).toEqual([17, 0]);
  expect(await ledger()).toEqual([27, 0]);
});

test("gives the last pieces to as many orders as there are pieces, and keeps ledger and stock alike", async () => {
  const orders = Array.from({ length: 8 }, () => newId<OrderId>());
  const results = await Promise.all(orders.map((orderId) => move("reserve", orderId, 0, 3)));
  expect(results.filter(({ outcome }) => outcome === "moved")).toHaveLength(3);
  expect(await stock()).toEqual([
    [10, 9],
    [10, 9],
  ]);
  expect(await ledger()).toEqual([20, 18]);
});

test("moves nothing at all when one of several variants is short", async () => {
  const [short, plenty] = variantIds as [VariantId, VariantId];
  const moves = [
    { variantId: plenty, onHandDelta: 0, reservedDelta: 1 },
    { variantId: short, onHandDelta: 0, reservedDelta: 11 },
  ];
  const orderId = newId<OrderId>();
  const result = await worker.withShop(shopId, (trx) =>
    moveStock(trx, { shopId, kind: "reserve", orderId, actorId: null, moves, now: new Date() }),
  );
  expect(result).toEqual({ outcome: "short", variantIds: [short] });
  expect(await stock()).toEqual([
    [10, 0],
    [10, 0],
  ]);
  expect(await ledger()).toEqual([20, 0]);
});

test("is short of a variant that another shop has", async () => {
  const mine = shopId;
  const theirs = newId<ShopId>();
  shopId = theirs;
  const result = await move("reserve", newId<OrderId>(), 0, 1);
  shopId = mine;
  expect(result).toMatchObject({ outcome: "short" });
});
