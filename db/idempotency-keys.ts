import { sql } from "kysely";

import type { ShopId } from "../domain/id.ts";
import type { Sealed } from "../domain/sealing.ts";
import type { ShopTransaction } from "./connection.ts";

export type IdempotencyRef = { shopId: ShopId; actorId: string; key: string };

export type IdempotencyClaim =
  /** Ours to carry out; `createdAt` is that of the first try. */
  | { state: "claimed"; createdAt: Date; isFirst: boolean }
  | { state: "running" }
  | { state: "other_request" }
  /** Without a `response` the answer is read again from its rows. */
  | { state: "done"; createdAt: Date; status: number; response: Sealed | null };

/**
 * Claims a key for one request. A claim whose process died is free again when its lease has ended, by the database's
 * clock.
 */
export async function claimIdempotencyKey(
  trx: ShopTransaction,
  claim: IdempotencyRef & { fingerprint: Buffer; leaseMs: number; now: Date },
): Promise<IdempotencyClaim> {
  const { shopId, actorId, key, fingerprint, leaseMs, now } = claim;
  const leaseUntil = sql<Date>`clock_timestamp() + ${leaseMs} * interval '1 millisecond'`;
  const inserted = await trx
    .insertInto("idempotency_keys")
    .values({
      shop_id: shopId,
      actor_id: actorId,
      key,
      fingerprint,
      lease_until: leaseUntil,
      created_at: now,
    })
    .onConflict((conflict) => conflict.columns(["shop_id", "actor_id", "key"]).doNothing())
    .returning("created_at")
    .executeTakeFirst();
  if (inserted) return { state: "claimed", createdAt: inserted.created_at, isFirst: true };

  const row = await trx
    .selectFrom("idempotency_keys")
    .where("shop_id", "=", shopId)
    .where("actor_id", "=", actorId)
    .where("key", "=", key)
    .select(["fingerprint", "status", "response", "created_at"])
    .select(sql<boolean>`lease_until > clock_timestamp()`.as("isRunning"))
    .forUpdate()
    .executeTakeFirst();
  if (row === undefined) return { state: "running" }; // released between the two statements: come again
  if (!row.fingerprint.equals(fingerprint)) return { state: "other_request" };
  if (row.status !== null) {
    return { state: "done", createdAt: row.created_at, status: row.status, response: row.response };
  }
  if (row.isRunning) return { state: "running" };
  await trx
    .updateTable("idempotency_keys")
    .set({ lease_until: leaseUntil })
    .where("shop_id", "=", shopId)
    .where("actor_id", "=", actorId)
    .where("key", "=", key)
    .execute();
  return { state: "claimed", createdAt: row.created_at, isFirst: false };
}

export async function storeIdempotentResponse(
  trx: ShopTransaction,
  { shopId, actorId, key, status, response }: IdempotencyRef & { status: number; response: Sealed | null },
): Promise<void> {
  await trx
    .updateTable("idempotency_keys")
    .set({ status, response, lease_until: null })
    .where("shop_id", "=", shopId)
    .where("actor_id", "=", actorId)
    .where("key", "=", key)
    .where("status", "is", null)
    .execute();
}

/** The outcome is open: the same key may be offered again, for the same request. */
export async function releaseIdempotencyKey(
  trx: ShopTransaction,
  { shopId, actorId, key }: IdempotencyRef,
): Promise<void> {
  await trx
    .updateTable("idempotency_keys")
    .set({ lease_until: null })
    .where("shop_id", "=", shopId)
    .where("actor_id", "=", actorId)
    .where("key", "=", key)
    .where("status", "is", null)
    .execute();
}

/** The request was refused before it did anything: the key is as if it had never been sent. */
export async function forgetIdempotencyKey(
  trx: ShopTransaction,
  { shopId, actorId, key }: IdempotencyRef,
): Promise<void> {
  await trx
    .deleteFrom("idempotency_keys")
    .where("shop_id", "=", shopId)
    .where("actor_id", "=", actorId)
    .where("key", "=", key)
    .where("status", "is", null)
    .execute();
}
