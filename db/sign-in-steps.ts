import type { AccountId } from "../domain/id.ts";
import type { Language } from "../domain/shop/policies.ts";
import type { ShopTransaction } from "./connection.ts";

export type SignInStep = { accountId: AccountId; language: Language };

/** The right password was given, the code was not. Steps of the account that are over go with it. */
export async function insertSignInStep(
  trx: ShopTransaction,
  step: SignInStep & { tokenHash: Buffer; now: Date; expiresAt: Date },
): Promise<void> {
  await trx
    .deleteFrom("sign_in_steps")
    .where("account_id", "=", step.accountId)
    .where("expires_at", "<=", step.now)
    .execute();
  await trx
    .insertInto("sign_in_steps")
    .values({
      token_hash: step.tokenHash,
      account_id: step.accountId,
      language: step.language,
      created_at: step.now,
      expires_at: step.expiresAt,
    })
    .execute();
}

/** Counts a try, whatever becomes of it. Undefined when the step is over, or was tried `maxTries` times. */
export function trySignInStep(
  trx: ShopTransaction,
  { tokenHash, maxTries, now }: { tokenHash: Buffer; maxTries: number; now: Date },
): Promise<SignInStep | undefined> {
  return trx
    .updateTable("sign_in_steps")
    .set((eb) => ({ tries: eb("tries", "+", 1) }))
    .where("token_hash", "=", tokenHash)
    .where("expires_at", ">", now)
    .where("tries", "<", maxTries)
    .returning(["account_id as accountId", "language"])
    .executeTakeFirst();
}

/** False when it led to a session before. */
export async function endSignInStep(trx: ShopTransaction, tokenHash: Buffer): Promise<boolean> {
  const { numDeletedRows } = await trx
    .deleteFrom("sign_in_steps")
    .where("token_hash", "=", tokenHash)
    .executeTakeFirst();
  return numDeletedRows > 0n;
}
