import { sql } from "kysely";
import type { Selectable } from "kysely";

import { newId } from "../domain/id.ts";
import type { AccountId, OrderId, ShopId, VariantId } from "../domain/id.ts";
import type { ShopTransaction } from "./connection.ts";
import type { StockMovesTable } from "./schema/catalogue.ts";
import { lockVariants } from "./variants.ts";
import type { VariantRow } from "./variants.ts";

export type StockMoveRow = Selectable<StockMovesTable>;
export type StockMoveKind = StockMovesTable["kind"];
export type StockMove = { variantId: VariantId; onHandDelta: number; reservedDelta: number };

export type StockMoves = {
  shopId: ShopId;
  kind: StockMoveKind;
  orderId: OrderId | null;
  /** The order's revivals. */
  round?: number;
  actorId: AccountId | null;
  /** Without an order, of a single move: the ledger has it once. */
  effectId?: string;
  /** One a variant. */
  moves: readonly StockMove[];
  now: Date;
};

/** `short`: what would fall below zero or below what is reserved, or is not there; nothing was moved. */
export type StockResult = { outcome: "moved" } | { outcome: "short"; variantIds: VariantId[] };

const maxOnHand = 1_000_000_000;

/**
 * Moves stock and writes the ledger together, all of it or nothing.
 * Safe to run twice for an order: a variant's move of one kind happens once an order and round.
 */
export async function moveStock(trx: ShopTransaction, stock: StockMoves): Promise<StockResult> {
  const { shopId } = stock;
  const variantIds = stock.moves.map(({ variantId }) => variantId);
  const locked = await lockVariants(trx, { shopId, variantIds });
  const moves = await withoutDoneMoves(trx, stock);
  const short = moves.filter((move) => !fits(move, locked)).map(({ variantId }) => variantId);
  if (short.length > 0) return { outcome: "short", variantIds: short };
  if (moves.length > 0) await writeMoves(trx, { ...stock, moves });
  return { outcome: "moved" };
}

async function withoutDoneMoves(trx: ShopTransaction, stock: StockMoves): Promise<readonly StockMove[]> {
  if (stock.orderId === null) return (await hasMove(trx, stock)) ? [] : stock.moves;
  const done = await trx
    .selectFrom("stock_moves")
    .select("variant_id")
    .where("shop_id", "=", stock.shopId)
    .where("order_id", "=", stock.orderId)
    .where("kind", "=", stock.kind)
    .where("round", "=", stock.round ?? 0)
    .execute();
  const doneIds = new Set(done.map(({ variant_id }) => variant_id));
  return stock.moves.filter(({ variantId }) => !doneIds.has(variantId));
}

async function hasMove(trx: ShopTransaction, { shopId, effectId }: StockMoves): Promise<boolean> {
  if (effectId === undefined) return false;
  const row = await trx
    .selectFrom("stock_moves")
    .select("id")
    .where("shop_id", "=", shopId)
    .where("id", "=", effectId)
    .executeTakeFirst();
  return row !== undefined;
}

function fits(move: StockMove, locked: readonly VariantRow[]): boolean {
  const variant = locked.find(({ id }) => id === move.variantId);
  if (variant === undefined) return false;
  const onHand = variant.on_hand + move.onHandDelta;
  const reserved = variant.reserved + move.reservedDelta;
  return reserved >= 0 && reserved <= onHand && onHand <= maxOnHand;
}

async function writeMoves(trx: ShopTransaction, stock: StockMoves): Promise<void> {
  await trx
    .insertInto("stock_moves")
    .values(
      stock.moves.map((move) => ({
        shop_id: stock.shopId,
        id: stock.effectId ?? newId<string>(),
        variant_id: move.variantId,
        order_id: stock.orderId,
        round: stock.round ?? 0,
        kind: stock.kind,
        on_hand_delta: move.onHandDelta,
        reserved_delta: move.reservedDelta,
        actor_id: stock.actorId,
        at: stock.now,
      })),
    )
    .execute();
  await sql`
    update variants v
    set on_hand = v.on_hand + m."onHandDelta", reserved = v.reserved + m."reservedDelta"
    from jsonb_to_recordset(${JSON.stringify(stock.moves)}::jsonb)
      as m ("variantId" uuid, "onHandDelta" integer, "reservedDelta" integer)
    where v.shop_id = ${stock.shopId} and v.id = m."variantId"`.execute(trx);
}

/** Newest first; `before` is the last id of the page above. */
export function listStockMoves(
  trx: ShopTransaction,
  filter: { shopId: ShopId; variantId: VariantId; before?: string; limit: number },
): Promise<StockMoveRow[]> {
  let query = trx
    .selectFrom("stock_moves")
    .selectAll()
    .where("shop_id", "=", filter.shopId)
    .where("variant_id", "=", filter.variantId)
    .orderBy("id", "desc")
    .limit(filter.limit);
  if (filter.before !== undefined) query = query.where("id", "<", filter.before);
  return query.execute();
}
