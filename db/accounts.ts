import { sql } from "kysely";

import { AppError } from "../domain/app-error.ts";
import type { SuspensionReason } from "../domain/account/suspension.ts";
import type { AccountId, ShopId, SubjectId } from "../domain/id.ts";
import type { NewKey, Sealed, SealedPlace } from "../domain/sealing.ts";
import type { Language } from "../domain/shop/policies.ts";
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

/** What is sealed of an account lies under its one key. An address has one place wherever it waits, so that it can move. */
export function accountPlace(accountId: AccountId, field: string, rowId: string = accountId): SealedPlace {
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
    /** Of a person who signs up: the address is proven by a mail. Others' accounts are made by commands. */
    signUp?: { language: Language; referralCode: string | null };
    keys: NewKey[];
    now: Date;
  },
): Promise<boolean> {
  const { id, signUp, keys, now } = account;
  const inserted = await trx
    .insertInto("accounts")
    .values({
      id,
      email_index: account.emailIndex,
      email: account.email,
      password_hash: account.passwordHash,
      platform_role: account.platformRole,
      ...(signUp === undefined
        ? {}
        : { language: signUp.language, referral_code_given: signUp.referralCode, verified_at: null }),
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

export type Account = {
  id: AccountId;
  /** Place: `accountPlace(accountId, "account.email")`. */
  email: Sealed;
  emailIndex: Buffer;
  passwordHash: string;
  language: Language;
  /** Null: the address is not proven yet. */
  verifiedAt: Date | null;
  /** As it was given at sign-up. */
  referralCode: string | null;
  suspendedFor: SuspensionReason | null;
  createdAt: Date;
  hasFactor: boolean;
};

const accountColumns = [
  "id",
  "email",
  "email_index as emailIndex",
  "password_hash as passwordHash",
  "language",
  "verified_at as verifiedAt",
  "referral_code_given as referralCode",
  "suspended_for as suspendedFor",
  "created_at as createdAt",
  sql<boolean>`exists (select from second_factors f
    where f.account_id = accounts.id and f.confirmed_at is not null)`.as("hasFactor"),
] as const;

/** By the blind index of the normalised address. */
export function findAccountLogin(trx: ShopTransaction, emailIndex: Buffer): Promise<Account | undefined> {
  return trx
    .selectFrom("accounts")
    .where("email_index", "=", emailIndex)
    .select(accountColumns)
    .executeTakeFirst();
}

export function findAccount(trx: ShopTransaction, accountId: AccountId): Promise<Account | undefined> {
  return trx.selectFrom("accounts").where("id", "=", accountId).select(accountColumns).executeTakeFirst();
}

/** Holds the account until commit: what is decided about it is decided one after the other. */
export function lockAccount(trx: ShopTransaction, accountId: AccountId): Promise<Account | undefined> {
  return trx
    .selectFrom("accounts")
    .where("id", "=", accountId)
    .select(accountColumns)
    .forUpdate()
    .executeTakeFirst();
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
): Promise<Account | undefined> {
  return trx
    .selectFrom("accounts")
    .where("username_index", "=", usernameIndex)
    .select(accountColumns)
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

/** In which the account is written to; undefined: it is gone. */
export async function findAccountLanguage(
  trx: ShopTransaction,
  accountId: AccountId,
): Promise<Language | undefined> {
  const row = await trx
    .selectFrom("accounts")
    .select("language")
    .where("id", "=", accountId)
    .executeTakeFirst();
  return row?.language;
}
