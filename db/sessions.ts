import type { AccountId } from "../domain/id.ts";
import type { Language } from "../domain/shop/policies.ts";
import type { ShopTransaction } from "./connection.ts";

/** Sessions carry no shop: `db.withoutShop`. */
export async function insertSession(
  trx: ShopTransaction,
  session: {
    id: string;
    tokenHash: Buffer;
    accountId: AccountId;
    language: Language;
    now: Date;
    expiresAt: Date;
  },
): Promise<void> {
  await trx
    .insertInto("sessions")
    .values({
      id: session.id,
      token_hash: session.tokenHash,
      account_id: session.accountId,
      language: session.language,
      created_at: session.now,
      last_used_at: session.now,
      expires_at: session.expiresAt,
    })
    .execute();
}

export async function touchSession(
  trx: ShopTransaction,
  { id, now }: { id: string; now: Date },
): Promise<void> {
  await trx
    .updateTable("sessions")
    .set({ last_used_at: now })
    .where("id", "=", id)
    .where("last_used_at", "<", now)
    .execute();
}

/** False when it had ended before. */
export async function endSession(
  trx: ShopTransaction,
  { id, now }: { id: string; now: Date },
): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable("sessions")
    .set({ ended_at: now })
    .where("id", "=", id)
    .where("ended_at", "is", null)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

export async function setSessionLanguage(
  trx: ShopTransaction,
  { id, language }: { id: string; language: Language },
): Promise<void> {
  await trx.updateTable("sessions").set({ language }).where("id", "=", id).execute();
}
