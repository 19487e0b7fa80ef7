import type { ObjectId, ShopId } from "../domain/id.ts";
import type { ShopTransaction } from "./connection.ts";

/**
 * Notes bytes that no row of objects names: before they are put, and when their row goes. Whatever ends the process,
 * they do not stay for ever. Noted again they are due then.
 */
export async function insertLooseObjects(
  trx: ShopTransaction,
  { shopId, objectIds, dueAt }: { shopId: ShopId; objectIds: ObjectId[]; dueAt: Date },
): Promise<void> {
  if (objectIds.length === 0) return;
  await trx
    .insertInto("loose_objects")
    .values(objectIds.map((id) => ({ shop_id: shopId, id, due_at: dueAt })))
    .onConflict((conflict) =>
      conflict.columns(["shop_id", "id"]).doUpdateSet((eb) => ({ due_at: eb.ref("excluded.due_at") })),
    )
    .execute();
}

/** A row of objects names the bytes from now on. False: they were due by `before`, and may be gone. */
export async function claimLooseObject(
  trx: ShopTransaction,
  { shopId, objectId, before }: { shopId: ShopId; objectId: ObjectId; before: Date },
): Promise<boolean> {
  const result = await trx
    .deleteFrom("loose_objects")
    .where("shop_id", "=", shopId)
    .where("id", "=", objectId)
    .where("due_at", ">", before)
    .executeTakeFirst();
  return result.numDeletedRows > 0n;
}

/** The bytes are noted as loose, and not due by `before`: a row may still come to name them. */
export async function staysLoose(
  trx: ShopTransaction,
  { shopId, objectId, before }: { shopId: ShopId; objectId: ObjectId; before: Date },
): Promise<boolean> {
  const row = await trx
    .selectFrom("loose_objects")
    .select("id")
    .where("shop_id", "=", shopId)
    .where("id", "=", objectId)
    .where("due_at", ">", before)
    .executeTakeFirst();
  return row !== undefined;
}

/** Of the shop. */
export async function listDueObjects(
  trx: ShopTransaction,
  { shopId, now, limit }: { shopId: ShopId; now: Date; limit: number },
): Promise<ObjectId[]> {
  const rows = await trx
    .selectFrom("loose_objects")
    .select("id")
    .where("shop_id", "=", shopId)
    .where("due_at", "<=", now)
    .orderBy("id")
    .limit(limit)
    .execute();
  return rows.map(({ id }) => id);
}

/** The bytes are gone, or a row names them. */
export async function deleteLooseObject(
  trx: ShopTransaction,
  { shopId, objectId }: { shopId: ShopId; objectId: ObjectId },
): Promise<void> {
  await trx.deleteFrom("loose_objects").where("shop_id", "=", shopId).where("id", "=", objectId).execute();
}
