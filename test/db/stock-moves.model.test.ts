import { afterAll, beforeAll, expect, test } from "vitest";

import type { ShopTransaction } from "../../db/connection.ts";
import { insertProduct } from "../../db/products.ts";
import { moveStock } from "../../db/stock-moves.ts";
import type { StockMoveKind, StockResult } from "../../db/stock-moves.ts";
import { insertVariants } from "../../db/variants.ts";
import { newId } from "../../domain/id.ts";
import type { OrderId, ProductId, VariantId } from "../../domain/id.ts";
import { fc, runs } from "../support/properties.ts";
import { createConversationWorld } from "./conversation-world.ts";
import type { ConversationWorld } from "./conversation-world.ts";

let world: ConversationWorld;
beforeAll(async () => {
  world = await createConversationWorld();
});
afterAll(() => world.close());

type OrderMove = "reserve" | "release" | "sell" | "restock";
const signs = { reserve: [0, 1], release: [0, -1], sell: [-1, -1], restock: [1, 0] } as const;

/** What an order may ask for next; the last of them happened. */
const nextOf: Record<OrderMove | "none", OrderMove[]> = {
  none: ["reserve"],
  reserve: ["release", "sell"],
  release: ["reserve"],
  sell: ["restock"],
  restock: [],
};

type Order = { id: OrderId; quantities: number[]; last: OrderMove | "none"; round: number };
type Command =
  | { do: "order"; order: number; pick: number; again: boolean }
  | { do: "adjust"; variant: number; by: number };
type Shelf = { onHand: number; reserved: number };
type Shop = { variantIds: VariantId[]; orders: Order[] };

const command: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("order" as const),
      order: fc.nat(4),
      pick: fc.nat(1),
      again: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("adjust" as const),
      variant: fc.nat(1),
      by: fc.integer({ min: -6, max: 6 }),
    }),
  },
);
const orders = fc.array(fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 2, maxLength: 2 }), {
  minLength: 5,
  maxLength: 5,
});

test("one after the other, orders and corrections leave what the model counts", async () => {
  await fc.assert(
    fc.asyncProperty(
      orders,
      fc.array(command, { maxLength: 25, size: "max" }),
      async (quantities, commands) => {
        const shop = await newShop(quantities);
        const shelves = shop.variantIds.map((): Shelf => ({ onHand: 8, reserved: 0 }));
        for (const command of commands) {
          const before = structuredClone(shelves);
          const isMoved = carryOut(shelves, shop, command);
          const result = await move(shop, command);
          expect(result.outcome, JSON.stringify({ command, before })).toBe(isMoved ? "moved" : "short");
          if (isMoved) follow(shop, command);
          expect(await stock(shop)).toEqual(shelves);
        }
        expect(await ledger(shop)).toEqual(shelves);
      },
    ),
    { numRuns: runs(15) },
  );
});

test("side by side they never sell or promise what is not there, and every move happens once", async () => {
  await fc.assert(
    fc.asyncProperty(
      orders,
      fc.array(fc.array(command, { minLength: 2, maxLength: 6 }), { maxLength: 6 }),
      async (quantities, waves) => {
        const shop = await newShop(quantities);
        for (const wave of waves) {
          await carryOutTwice(shop, wave);
          const shelves = await stock(shop);
          for (const { onHand, reserved } of shelves) {
            expect(reserved).toBeGreaterThanOrEqual(0);
            expect(onHand).toBeGreaterThanOrEqual(reserved);
          }
          expect(await ledger(shop)).toEqual(shelves);
        }
        await expectOnce(shop);
      },
    ),
    { numRuns: runs(15) },
  );
});

test.each(["release", "sell"] as const)("nothing is moved by a %s of what nobody reserved", async (last) => {
  const shop = await newShop([[1, 1]]);
  for (const order of shop.orders) order.last = "reserve";
  const pick = nextOf.reserve.indexOf(last);
  const result = await move(shop, { do: "order", order: 0, pick, again: false });
  expect(result).toMatchObject({ outcome: "short" });
  expect(await stock(shop)).toEqual(await ledger(shop));
});

/** An order is changed under its row's version, so that it asks for one thing at a time; but it may ask twice. */
async function carryOutTwice(shop: Shop, wave: Command[]): Promise<void> {
  const single = wave.filter(
    (command, index) =>
      command.do === "adjust" ||
      wave.findIndex((other) => other.do === "order" && other.order === command.order) === index,
  );
  const results = await Promise.all(
    single.map(async (command) => {
      const [first, second] = await Promise.all([
        move(shop, command),
        command.do === "order" ? move(shop, command) : undefined,
      ]);
      return first.outcome === "moved" || second?.outcome === "moved";
    }),
  );
  for (const [index, command] of single.entries()) if (results[index]) follow(shop, command);
}

/** What the command would move, of the order as it stands; `again` asks for the last move once more. */
function wanted({ orders }: Shop, command: Command & { do: "order" }) {
  const order = orders[command.order];
  if (order === undefined) throw new TypeError("no such order");
  if (command.again && order.last !== "none") return { order, kind: order.last, round: order.round };
  const options = nextOf[order.last];
  const kind = options[command.pick % Math.max(1, options.length)] ?? "restock";
  const isRevived = kind === "reserve" && order.last === "release";
  return { order, kind, round: order.round + (isRevived ? 1 : 0) };
}

function carryOut(shelves: Shelf[], shop: Shop, command: Command): boolean {
  const after = structuredClone(shelves);
  if (command.do === "adjust") {
    const shelf = after[command.variant];
    if (shelf) shelf.onHand += command.by;
  } else {
    const { order, kind, round } = wanted(shop, command);
    if (order.last === kind && order.round === round) return true;
    const [onHand, reserved] = signs[kind];
    for (const [index, shelf] of after.entries()) {
      shelf.onHand += onHand * (order.quantities[index] ?? 0);
      shelf.reserved += reserved * (order.quantities[index] ?? 0);
    }
  }
  if (!after.every(({ onHand, reserved }) => reserved >= 0 && reserved <= onHand)) return false;
  for (const [index, shelf] of after.entries()) shelves[index] = shelf;
  return true;
}

function follow(shop: Shop, command: Command): void {
  if (command.do !== "order") return;
  const { order, kind, round } = wanted(shop, command);
  Object.assign(order, { last: kind, round });
}

function move(shop: Shop, command: Command): Promise<StockResult> {
  const now = new Date();
  const by = { shopId: world.shopId, actorId: null, now };
  if (command.do === "adjust") {
    const variantId = shop.variantIds[command.variant] ?? newId<VariantId>();
    const moves = [{ variantId, onHandDelta: command.by, reservedDelta: 0 }];
    return inShop((trx) => moveStock(trx, { ...by, kind: "adjust", orderId: null, moves }));
  }
  const { order, kind, round } = wanted(shop, command);
  const [onHand, reserved] = signs[kind];
  const moves = shop.variantIds.map((variantId, index) => ({
    variantId,
    onHandDelta: onHand * (order.quantities[index] ?? 0),
    reservedDelta: reserved * (order.quantities[index] ?? 0),
  }));
  // Locks are taken in one order, however the lines stand.
  const lines = command.pick === 0 ? moves : moves.toReversed();
  return inShop((trx) => moveStock(trx, { ...by, kind, orderId: order.id, round, moves: lines }));
}

function inShop<T>(work: (trx: ShopTransaction) => Promise<T>): Promise<T> {
  return world.worker.withShop(world.shopId, work);
}

async function newShop(quantities: number[][]): Promise<Shop> {
  const { shopId } = world;
  const productId = newId<ProductId>();
  const variantIds = [newId<VariantId>(), newId<VariantId>()];
  const now = new Date();
  await world.api.withShop(shopId, async (trx) => {
    await insertProduct(trx, { shopId, productId, name: "P", description: "", state: "published", now });
    const fields = { name: "", priceMinor: 1, currency: "MMK" as const, position: 0, isActive: true };
    await insertVariants(trx, {
      shopId,
      productId,
      variants: variantIds.map((variantId) => ({ ...fields, variantId })),
    });
    const kind: StockMoveKind = "initial";
    const moves = variantIds.map((variantId) => ({ variantId, onHandDelta: 8, reservedDelta: 0 }));
    await moveStock(trx, { shopId, kind, orderId: null, actorId: null, moves, now });
  });
  const fresh = { last: "none", round: 0 } as const;
  return { variantIds, orders: quantities.map((each) => ({ id: newId(), quantities: each, ...fresh })) };
}

async function stock({ variantIds }: Shop): Promise<Shelf[]> {
  const { rows } = await world.owner.query<{ id: VariantId; on_hand: number; reserved: number }>(
    "select id, on_hand, reserved from variants where id = any($1) order by id",
    [variantIds],
  );
  return rows.map(({ on_hand: onHand, reserved }) => ({ onHand, reserved }));
}

async function ledger({ variantIds }: Shop): Promise<Shelf[]> {
  const { rows } = await world.owner.query<{ on_hand: number; reserved: number }>(
    `select sum(on_hand_delta)::int as on_hand, sum(reserved_delta)::int as reserved
      from stock_moves where variant_id = any($1) group by variant_id order by variant_id`,
    [variantIds],
  );
  return rows.map(({ on_hand: onHand, reserved }) => ({ onHand, reserved }));
}

/** What the ledger says of each order is what its last move left: once, for every variant. */
async function expectOnce({ orders }: Shop): Promise<void> {
  const { rows } = await world.owner.query<{ order_id: OrderId; on_hand: number; reserved: number }>(
    `select order_id, sum(on_hand_delta)::int as on_hand, sum(reserved_delta)::int as reserved
      from stock_moves where order_id = any($1) group by order_id`,
    [orders.map(({ id }) => id)],
  );
  for (const { id, last, quantities } of orders) {
    const pieces = quantities.reduce((sum, quantity) => sum + quantity, 0);
    const left = rows.find(({ order_id: orderId }) => orderId === id) ?? { on_hand: 0, reserved: 0 };
    expect([left.on_hand + 0, left.reserved + 0]).toEqual([
      last === "sell" ? -pieces : 0,
      last === "reserve" ? pieces : 0,
    ]);
  }
}
