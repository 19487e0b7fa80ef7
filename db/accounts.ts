import { sql } from "kysely";

import { AppError } from "../domain/app-error.ts";
import type { AccountId, ShopId, SubjectId } from "../domain/id.ts";
import type { NewKey, Sealed, SealedPlace } from "../domain/sealing.ts";
import { sqlState } from "./connection.ts";
import type { ShopTransaction } from "./connection.ts";
import { insertSubjects } from "./subjects.ts";

/** Accounts are subjects of no shop: their keys live under this id. `db.withShop(platformShopId, …)`. */
export const platformShopId = "00000000-0000-0000-0000-000000000000" as ShopId;

/** An account is a subject under its own id. */
export function accountSubject(accountId: AccountId): SubjectId {
  // Safe: the `subjects` row of an account is made with the account's id.
  return accountId as string as SubjectId;
}

/** What is sealed of an account lies under its one key. */
export function accountPlace(accountId: AccountId, field: string, rowId: string): SealedPlace {
  const subjectId = accountSubject(accountId);
  return { shopId: platformShopId, subjectId, purpose: "account", field, rowId };
}

/** Lower case and NFC, as it is indexed. */
export function normaliseEmail(email: string): string {
  return email.trim().normalize("NFC").toLowerCase();
}

/** NFC and lower case, as it is indexed. */
export function normaliseUsername(username: string): string {
  return username.trim().normalize("NFC").toLowerCase();
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
  hasFactor: boolean;
};

const loginColumns = [
  "id",
  "password_hash as passwordHash",
  sql<boolean>`exists (select from second_factors f
    where f.account_id = accounts.id and f.confirmed_at is not null)`.as("hasFactor"),
] as const;

/** By the blind index of the normalised address. */
export function findAccountLogin(
  trx: ShopTransaction,
  emailIndex: Buffer,
): Promise<AccountLogin | undefined> {
  return trx
    .selectFrom("accounts")
    .where("email_index", "=", emailIndex)
    .select(loginColumns)
    .executeTakeFirst();
}

export function findAccount(trx: ShopTransaction, accountId: AccountId): Promise<AccountLogin | undefined> {
  return trx.selectFrom("accounts").where("id", "=", accountId).select(loginColumns).executeTakeFirst();
}

/** Place: `accountPlace(accountId, "account.email", accountId)`. */
export async function findAccountEmail(
  trx: ShopTransaction,
  accountId: AccountId,
): Promise<Sealed | undefined> {
  const row = await trx.selectFrom("accounts").where("id", "=", accountId).select("email").executeTakeFirst();
  return row?.email;
}

/** By the blind index of the normalised username. */
export function findAccountByUsername(
  trx: ShopTransaction,
  usernameIndex: Buffer,
): Promise<AccountLogin | undefined> {
  return trx
    .selectFrom("accounts")
    .where("username_index", "=", usernameIndex)
    .select(loginColumns)
    .executeTakeFirst();
}

export function accountProfilePlace(accountId: AccountId): SealedPlace {
  return accountPlace(accountId, "account.profile", accountId);
}

export async function findAccountProfile(trx: ShopTransaction, accountId: AccountId): Promise<Sealed | null> {
  const row = await trx
    .selectFrom("accounts")
    .where("id", "=", accountId)
    .select("profile")
    .executeTakeFirst();
  return row?.profile ?? null;
}

/** Throws `conflict` `account.username_taken` when another account has the username. */
export async function setAccountProfile(
  trx: ShopTransaction,
  account: { accountId: AccountId; usernameIndex: Buffer | null; profile: Sealed },
): Promise<void> {
  const { accountId, usernameIndex, profile } = account;
  try {
    await trx
      .updateTable("accounts")
      .set({ username_index: usernameIndex, profile })
      .where("id", "=", accountId)
      .execute();
  } catch (error) {
    if (sqlState(error) !== uniqueViolation) throw error;
    throw new AppError("conflict", "account.username_taken", {
      internal: "another account has the username",
      public: "Somebody has this username. Choose another one.",
    });
  }
}

const uniqueViolation = "23505";
