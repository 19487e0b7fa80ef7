import type { AccountId } from "../domain/id.ts";
import type { Sealed, SealedPlace } from "../domain/sealing.ts";
import { accountPlace } from "./accounts.ts";
import type { ShopTransaction } from "./connection.ts";

/** Factors and recovery codes carry no shop: `db.withoutShop`. */
export type SecondFactor = { secret: Sealed; createdAt: Date; confirmedAt: Date | null };

export function factorSecretPlace(accountId: AccountId): SealedPlace {
  return accountPlace(accountId, "second_factor.secret", accountId);
}

export function findSecondFactor(
  trx: ShopTransaction,
  accountId: AccountId,
): Promise<SecondFactor | undefined> {
  return trx
    .selectFrom("second_factors")
    .where("account_id", "=", accountId)
    .select(["secret", "created_at as createdAt", "confirmed_at as confirmedAt"])
    .executeTakeFirst();
}

/** A secret that waits for its first code; an earlier one that waited is forgotten. False when a factor is confirmed. */
export async function putWaitingFactor(
  trx: ShopTransaction,
  { accountId, secret, now }: { accountId: AccountId; secret: Sealed; now: Date },
): Promise<boolean> {
  const put = await trx
    .insertInto("second_factors")
    .values({ account_id: accountId, secret, created_at: now })
    .onConflict((conflict) =>
      conflict
        .column("account_id")
        .doUpdateSet({ secret, created_at: now })
        .where("second_factors.confirmed_at", "is", null),
    )
    .returning("account_id")
    .executeTakeFirst();
  return put !== undefined;
}

/** False when the secret is no longer the one that was read, or is confirmed already. */
export async function confirmFactor(
  trx: ShopTransaction,
  factor: { accountId: AccountId; secret: Sealed; counter: number; now: Date },
): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable("second_factors")
    .set({ confirmed_at: factor.now, last_counter: factor.counter })
    .where("account_id", "=", factor.accountId)
    .where("secret", "=", factor.secret)
    .where("confirmed_at", "is", null)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** Takes the code of a period. False when it, or a later one, was taken before. */
export async function useCounter(
  trx: ShopTransaction,
  { accountId, counter }: { accountId: AccountId; counter: number },
): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable("second_factors")
    .set({ last_counter: counter })
    .where("account_id", "=", accountId)
    .where("confirmed_at", "is not", null)
    .where("last_counter", "<", counter)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** With its recovery codes. False when there was none. */
export async function removeFactor(trx: ShopTransaction, accountId: AccountId): Promise<boolean> {
  await trx.deleteFrom("recovery_codes").where("account_id", "=", accountId).execute();
  const { numDeletedRows } = await trx
    .deleteFrom("second_factors")
    .where("account_id", "=", accountId)
    .executeTakeFirst();
  return numDeletedRows > 0n;
}

/** The earlier ones are worth nothing from now on. */
export async function replaceRecoveryCodes(
  trx: ShopTransaction,
  { accountId, codeHashes, now }: { accountId: AccountId; codeHashes: Buffer[]; now: Date },
): Promise<void> {
  await trx.deleteFrom("recovery_codes").where("account_id", "=", accountId).execute();
  await trx
    .insertInto("recovery_codes")
    .values(codeHashes.map((code_hash) => ({ account_id: accountId, code_hash, created_at: now })))
    .execute();
}

/** False when it is none of the account's, or was used. */
export async function useRecoveryCode(
  trx: ShopTransaction,
  { accountId, codeHash, now }: { accountId: AccountId; codeHash: Buffer; now: Date },
): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable("recovery_codes")
    .set({ used_at: now })
    .where("account_id", "=", accountId)
    .where("code_hash", "=", codeHash)
    .where("used_at", "is", null)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

export async function countRecoveryCodes(trx: ShopTransaction, accountId: AccountId): Promise<number> {
  const { count } = await trx
    .selectFrom("recovery_codes")
    .where("account_id", "=", accountId)
    .where("used_at", "is", null)
    .select((eb) => eb.fn.countAll<number>().as("count"))
    .executeTakeFirstOrThrow();
  return count;
}
