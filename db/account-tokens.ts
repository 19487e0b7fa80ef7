import type { AccountId } from "../domain/id.ts";
import type { Sealed } from "../domain/sealing.ts";
import type { ShopTransaction } from "./connection.ts";
import type { AccountTokensTable } from "./schema/accounts.ts";

export type AccountTokenKind = AccountTokensTable["kind"];

export type NewAccountToken = {
  tokenHash: Buffer;
  accountId: AccountId;
  kind: AccountTokenKind;
  /** The new address, of a change. */
  email?: { index: Buffer; sealed: Sealed };
  now: Date;
  expiresAt: Date;
};

/** The newest link of a kind is the only one that is good. */
export async function insertAccountToken(trx: ShopTransaction, token: NewAccountToken): Promise<void> {
  await voidAccountTokens(trx, token);
  await trx
    .insertInto("account_tokens")
    .values({
      token_hash: token.tokenHash,
      account_id: token.accountId,
      kind: token.kind,
      email_index: token.email?.index ?? null,
      email: token.email?.sealed ?? null,
      created_at: token.now,
      expires_at: token.expiresAt,
    })
    .execute();
}

/** Those of one kind, or all that are open. */
export async function voidAccountTokens(
  trx: ShopTransaction,
  { accountId, kind, now }: { accountId: AccountId; kind?: AccountTokenKind; now: Date },
): Promise<void> {
  await trx
    .updateTable("account_tokens")
    .set({ used_at: now })
    .where("account_id", "=", accountId)
    .where("used_at", "is", null)
    .$if(kind !== undefined, (query) => query.where("kind", "=", kind ?? "verify_email"))
    .execute();
}

export type FoundToken = { accountId: AccountId; email: Sealed | null; emailIndex: Buffer | null };

/** Uses it up; of two at once one gets it. Undefined: unknown, used, or too old. */
export async function useAccountToken(
  trx: ShopTransaction,
  { tokenHash, kind, now }: { tokenHash: Buffer; kind: AccountTokenKind; now: Date },
): Promise<FoundToken | undefined> {
  return trx
    .updateTable("account_tokens")
    .set({ used_at: now })
    .where("token_hash", "=", tokenHash)
    .where("kind", "=", kind)
    .where("used_at", "is", null)
    .where("expires_at", ">", now)
    .returning(["account_id as accountId", "email", "email_index as emailIndex"])
    .executeTakeFirst();
}

/** Whether it would be good, and whose it is; nothing is used up. */
export async function findAccountToken(
  trx: ShopTransaction,
  { tokenHash, kind, now }: { tokenHash: Buffer; kind: AccountTokenKind; now: Date },
): Promise<FoundToken | undefined> {
  return trx
    .selectFrom("account_tokens")
    .where("token_hash", "=", tokenHash)
    .where("kind", "=", kind)
    .where("used_at", "is", null)
    .where("expires_at", ">", now)
    .select(["account_id as accountId", "email", "email_index as emailIndex"])
    .executeTakeFirst();
}
