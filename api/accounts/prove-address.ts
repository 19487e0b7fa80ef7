import { markVerified } from "../../db/account-changes.ts";
import { findAccount, platformShopId } from "../../db/accounts.ts";
import type { ShopTransaction } from "../../db/connection.ts";
import { attributeReferral } from "../../db/referrals.ts";
import type { AccountId } from "../../domain/id.ts";
import { noteEmail } from "../auth/note-email.ts";
import type { ApiDeps } from "../deps.ts";
import { auditAccount } from "./account-changes.ts";

/** A transaction in which an address may be proven: who brought the account is decided in it, serialisably. */
export function withVerification<T>({ db }: ApiDeps, fn: (trx: ShopTransaction) => Promise<T>): Promise<T> {
  return db.withShopSerialisable(platformShopId, fn);
}

/**
 * In `withVerification`: the address of the account is its person's. Whose code was given at sign-up has brought the
 * account from now on; nobody learns whether the code was good for anything. Safe to run twice.
 */
export async function proveAddress(
  trx: ShopTransaction,
  { accountId, stemIndex, now }: { accountId: AccountId; stemIndex: Buffer; now: Date },
): Promise<void> {
  if (await markVerified(trx, { accountId, now })) {
    await auditAccount(trx, { accountId, change: "verified", now });
    const code = (await findAccount(trx, accountId))?.referralCode ?? null;
    if (code !== null) await attributeReferral(trx, { accountId, code, source: "sign_up", now });
  }
  await noteEmail(trx, { accountId, stemIndex, now });
}
