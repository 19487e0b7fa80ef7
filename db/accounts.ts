import type { AccountId, ShopId, SubjectId } from "../domain/id.ts";
import type { NewKey, Sealed } from "../domain/sealing.ts";
import type { ShopTransaction } from "./connection.ts";
import { insertSubjects } from "./subjects.ts";

/** Accounts are subjects of no shop: their keys live under this id. `db.withShop(platformShopId, …)`. */
export const platformShopId = "00000000-0000-0000-0000-000000000000" as ShopId;

/** An account is a subject under its own id. */
export function accountSubject(accountId: AccountId): SubjectId {
  // Safe: the `subjects` row of an account is made with the account's id.
  return accountId as string as SubjectId;
}

/** Lower case and NFC, as it is indexed. */
export function normaliseEmail(email: string): string {
  return email.trim().normalize("NFC").toLowerCase();
}

/**
 * Inserts an account with its subject and keys, in `withShop(platformShopId)`. False when the address is taken:
 * nothing was written, and the keys made for it are to be forgotten.
 */
export async function insertAccount(
  trx: ShopTransaction,
  account: {
    id: AccountId;
    emailIndex: Buffer;
    /** Place: platform shop, the account, `account`, `account.email`. */
    email: Sealed;
    passwordHash: string;
    platformRole: "admin" | "compliance" | null;
    keys: NewKey[];
    now: Date;
  },
): Promise<boolean> {
  const { id, keys, now } = account;
  const inserted = await trx
    .insertInto("accounts")
    .values({
      id,
      email_index: account.emailIndex,
      email: account.email,
      password_hash: account.passwordHash,
      platform_role: account.platformRole,
      created_at: now,
    })
    .onConflict((conflict) => conflict.column("email_index").doNothing())
    .returning("id")
    .executeTakeFirst();
  if (inserted === undefined) return false;
  const subjects = [{ id: accountSubject(id), kind: "account" as const }];
  await insertSubjects(trx, { shopId: platformShopId, subjects, keys, now });
  return true;
}

export type AccountLogin = {
  id: AccountId;
  passwordHash: string;
};

/** By the blind index of the normalised address. */
export async function findAccountLogin(
  trx: ShopTransaction,
  emailIndex: Buffer,
): Promise<AccountLogin | undefined> {
  return trx
    .selectFrom("accounts")
    .where("email_index", "=", emailIndex)
    .select(["id", "password_hash as passwordHash"])
    .executeTakeFirst();
}
