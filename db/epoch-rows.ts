import { sql } from "kysely";

import { AppError } from "../domain/app-error.ts";
import type { EpochRows } from "../domain/ports/keyring.ts";
import type { KeyId } from "../domain/id.ts";
import type { NewKey } from "../domain/sealing.ts";
import type { Database, ShopTransaction } from "./connection.ts";
import { findOpenEpoch } from "./key-epochs.ts";

/** Under the keyring's login, which alone may change epochs and replace wrapped keys. */
export function createEpochRows(database: Database): EpochRows {
  return {
    findClosing: () => database.withoutShop(findClosing),
    currentEpoch: () => database.withoutShop(findOpenEpoch),
    openNext: (change) => database.withoutShop((trx) => openNext(trx, change)),
    listKeys: (page) => database.withoutShop((trx) => listKeys(trx, page)),
    replaceKeys: (change) => database.withoutShop((trx) => replaceKeys(trx, change)),
    countKeys: (epoch) => database.withoutShop((trx) => countKeys(trx, epoch)),
    settleEmpty: (epoch) => database.withoutShop((trx) => settleEmpty(trx, epoch)),
    markDestroyed: (epoch, now) => database.withoutShop((trx) => markDestroyed(trx, epoch, now)),
  };
}

async function findClosing(trx: ShopTransaction): Promise<number | undefined> {
  const row = await trx
    .selectFrom("key_epochs")
    .where("state", "in", ["closing", "closed"])
    .select("id")
    .orderBy("id")
    .executeTakeFirst();
  return row?.id;
}

/** `for update` waits for every insert that holds the epoch open; whoever comes after it finds the epoch closed. */
async function openNext(
  trx: ShopTransaction,
  { open, now }: Parameters<EpochRows["openNext"]>[0],
): Promise<boolean> {
  const held = await trx
    .selectFrom("key_epochs")
    .where("id", "=", open)
    .where("state", "=", "open")
    .select("id")
    .forUpdate()
    .executeTakeFirst();
  if (held === undefined || (await findClosing(trx)) !== undefined) return false;
  await trx
    .updateTable("key_epochs")
    .set({ state: "closing", closed_at: now })
    .where("id", "=", open)
    .where("state", "=", "open")
    .execute();
  await trx
    .insertInto("key_epochs")
    .values({ id: open + 1, state: "open", opened_at: now })
    .execute();
  return true;
}

function listKeys(
  trx: ShopTransaction,
  { epoch, after, limit }: Parameters<EpochRows["listKeys"]>[0],
): Promise<NewKey[]> {
  return trx
    .selectFrom("subject_keys")
    .where("epoch", "=", epoch)
    .$if(after !== null, (query) => query.where("id", ">", after as KeyId))
    .select(["id", "shop_id as shopId", "subject_id as subjectId", "purpose", "epoch", "wrapped"])
    .orderBy("id")
    .limit(limit)
    .execute();
}

/** A key that was erased, or replaced by another, meanwhile is not found: nothing comes back, nothing is done twice. */
async function replaceKeys(
  trx: ShopTransaction,
  { from, to, keys }: Parameters<EpochRows["replaceKeys"]>[0],
): Promise<number> {
  const open = await trx
    .selectFrom("key_epochs")
    .where("id", "=", to)
    .where("state", "=", "open")
    .select("id")
    .forShare()
    .executeTakeFirst();
  if (open === undefined)
    throw new AppError("conflict", "key.epoch_closed", { internal: `epoch ${to} is not open` });
  const { numAffectedRows } = await sql`
    update subject_keys k set epoch = ${to}, wrapped = n.wrapped
      from unnest(${keys.map(({ shopId }) => shopId)}::uuid[], ${keys.map(({ id }) => id)}::uuid[],
        ${keys.map(({ wrapped }) => wrapped)}::bytea[]) as n (shop_id, id, wrapped)
      where k.shop_id = n.shop_id and k.id = n.id and k.epoch = ${from}`.execute(trx);
  return Number(numAffectedRows ?? 0);
}

async function countKeys(trx: ShopTransaction, epoch: number): Promise<number> {
  const { count } = await trx
    .selectFrom("subject_keys")
    .where("epoch", "=", epoch)
    .select((eb) => eb.fn.countAll<number>().as("count"))
    .executeTakeFirstOrThrow();
  return count;
}

/** Under the lock no key can come: a row that names the epoch needs a share of it. */
async function settleEmpty(trx: ShopTransaction, epoch: number): Promise<boolean> {
  const held = await trx
    .selectFrom("key_epochs")
    .where("id", "=", epoch)
    .select("state")
    .forUpdate()
    .executeTakeFirst();
  if (held?.state === "destroyed") return false;
  const left = await countKeys(trx, epoch);
  if ((held?.state !== "closing" && held?.state !== "closed") || left > 0)
    throw new AppError("conflict", "key.epoch_in_use", {
      internal: `epoch ${epoch} is ${held?.state ?? "unknown"} and wraps ${left} keys`,
    });
  await trx
    .updateTable("key_epochs")
    .set({ state: "closed" })
    .where("id", "=", epoch)
    .where("state", "in", ["closing", "closed"])
    .execute();
  return true;
}

async function markDestroyed(trx: ShopTransaction, epoch: number, now: Date): Promise<void> {
  await trx
    .updateTable("key_epochs")
    .set({ state: "destroyed", destroyed_at: now })
    .where("id", "=", epoch)
    .where("state", "=", "closed")
    .execute();
}
