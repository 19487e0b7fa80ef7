import type { SuspensionReason } from "../domain/account/suspension.ts";
import type { AccountId } from "../domain/id.ts";
import type { Sealed } from "../domain/sealing.ts";
import type { Language } from "../domain/shop/policies.ts";
import type { ShopTransaction } from "./connection.ts";
import { forgetDevices } from "./known-devices.ts";
import { forgetAcceptances } from "./policy-acceptances.ts";

/** False: the hash is no longer `from`, somebody set another password meanwhile. Without `from`, in any case. */
export async function setPasswordHash(
  trx: ShopTransaction,
  { accountId, from, to }: { accountId: AccountId; from?: string; to: string },
): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable("accounts")
    .set({ password_hash: to })
    .where("id", "=", accountId)
    .$if(from !== undefined, (query) => query.where("password_hash", "=", from ?? ""))
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/**
 * Holds the account until commit, by writing it: a serialisable transaction that waits for it starts over and sees what
 * was done meanwhile, which a lock alone does not bring about. False: it has another password by now, or is suspended.
 */
export async function holdPassword(
  trx: ShopTransaction,
  { accountId, passwordHash }: { accountId: AccountId; passwordHash: string },
): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable("accounts")
    .set({ password_hash: passwordHash })
    .where("id", "=", accountId)
    .where("password_hash", "=", passwordHash)
    .where("suspended_at", "is", null)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** Somebody signs up with an address that nobody has proven: nothing of the sign-up before is left. */
export async function restartAccount(
  trx: ShopTransaction,
  {
    accountId,
    passwordHash,
    language,
    referralCode,
  }: { accountId: AccountId; passwordHash: string; language: Language; referralCode: string | null },
): Promise<void> {
  await trx
    .updateTable("accounts")
    .set({ password_hash: passwordHash, language, referral_code_given: referralCode })
    .where("id", "=", accountId)
    .where("verified_at", "is", null)
    .execute();
  await forgetAcceptances(trx, accountId);
  await forgetDevices(trx, accountId);
}

/** False: it was verified before. */
export async function markVerified(
  trx: ShopTransaction,
  { accountId, now }: { accountId: AccountId; now: Date },
): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable("accounts")
    .set({ verified_at: now })
    .where("id", "=", accountId)
    .where("verified_at", "is", null)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** The sealed address has the account's own place already. False: another account has it by now. */
export async function setEmail(
  trx: ShopTransaction,
  { accountId, emailIndex, email }: { accountId: AccountId; emailIndex: Buffer; email: Sealed },
): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable("accounts")
    .set({ email_index: emailIndex, email })
    .where("id", "=", accountId)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom("accounts as other").where("other.email_index", "=", emailIndex).select("other.id"),
        ),
      ),
    )
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** Null reinstates. Undefined: it was so before; else the language of its owner. */
export async function setSuspension(
  trx: ShopTransaction,
  change: { accountId: AccountId; reason: SuspensionReason | null; by: AccountId | null; now: Date },
): Promise<Language | undefined> {
  const { accountId, reason, by, now } = change;
  const suspension =
    reason === null
      ? { suspended_at: null, suspended_for: null, suspended_by: null }
      : { suspended_at: now, suspended_for: reason, suspended_by: by };
  const row = await trx
    .updateTable("accounts")
    .set(suspension)
    .where("id", "=", accountId)
    .where("suspended_at", reason === null ? "is not" : "is", null)
    .returning("language")
    .executeTakeFirst();
  return row?.language;
}
