import { AppError } from "../domain/app-error.ts";
import type { ShopTransaction } from "./connection.ts";

export type KeyEpoch = {
  epoch: number;
  state: "open" | "closing" | "closed" | "destroyed";
  openedAt: Date;
  closedAt: Date | null;
  destroyedAt: Date | null;
};

/** Newest first. */
export function listKeyEpochs(trx: ShopTransaction, { limit }: { limit: number }): Promise<KeyEpoch[]> {
  return trx
    .selectFrom("key_epochs")
    .select([
      "id as epoch",
      "state",
      "opened_at as openedAt",
      "closed_at as closedAt",
      "destroyed_at as destroyedAt",
    ])
    .orderBy("id", "desc")
    .limit(limit)
    .execute();
}

/** The number of the epoch that is open for new keys. */
export async function findOpenEpoch(trx: ShopTransaction): Promise<number> {
  const row = await trx.selectFrom("key_epochs").where("state", "=", "open").select("id").executeTakeFirst();
  if (row !== undefined) return row.id;
  throw new AppError("unavailable", "key.no_open_epoch", { internal: "no epoch is open for new keys" });
}
