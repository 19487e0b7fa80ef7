import type { AccountId } from "../domain/id.ts";
import type { Sealed, SealedPlace } from "../domain/sealing.ts";
import type { Language } from "../domain/shop/policies.ts";
import { accountPlace } from "./accounts.ts";
import type { ShopTransaction } from "./connection.ts";

export function sessionOriginPlace(accountId: AccountId, sessionId: string): SealedPlace {
  return accountPlace(accountId, "session.origin", sessionId);
}

/** Sessions carry no shop: `db.withoutShop`. Whoever begins one has just proved who they are. */
export async function insertSession(
  trx: ShopTransaction,
  session: {
    id: string;
    tokenHash: Buffer;
    accountId: AccountId;
    language: Language;
    hasFactor?: boolean;
    /** Place: `sessionOriginPlace`. */
    origin?: Sealed;
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
      has_factor: session.hasFactor ?? false,
      origin: session.origin ?? null,
      created_at: session.now,
      last_used_at: session.now,
      stepped_up_at: session.now,
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

/** Its owner has proved again who they are: from now on only the new token is worth anything. */
export async function stepUpSession(
  trx: ShopTransaction,
  { id, tokenHash, hasFactor, now }: { id: string; tokenHash: Buffer; hasFactor: boolean; now: Date },
): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable("sessions")
    .set({ token_hash: tokenHash, has_factor: hasFactor, stepped_up_at: now, last_used_at: now })
    .where("id", "=", id)
    .where("ended_at", "is", null)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** From now on only the new token is worth anything; when its owner last proved who they are stays as it was. */
export async function setSessionToken(
  trx: ShopTransaction,
  { id, tokenHash, now }: { id: string; tokenHash: Buffer; now: Date },
): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable("sessions")
    .set({ token_hash: tokenHash, last_used_at: now })
    .where("id", "=", id)
    .where("ended_at", "is", null)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
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

/** False when the account has no such session, or it had ended. */
export async function endSessionOf(
  trx: ShopTransaction,
  { accountId, id, now }: { accountId: AccountId; id: string; now: Date },
): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable("sessions")
    .set({ ended_at: now })
    .where("account_id", "=", accountId)
    .where("id", "=", id)
    .where("ended_at", "is", null)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/**
 * Every session of the account but one (`except`), and every sign-in that waits for its code: after a change of the
 * password or the factor. How many sessions it were.
 */
export async function endSessionsOf(
  trx: ShopTransaction,
  { accountId, except, now }: { accountId: AccountId; except: string | null; now: Date },
): Promise<number> {
  await trx.deleteFrom("sign_in_steps").where("account_id", "=", accountId).execute();
  let query = trx
    .updateTable("sessions")
    .set({ ended_at: now })
    .where("account_id", "=", accountId)
    .where("ended_at", "is", null);
  if (except !== null) query = query.where("id", "<>", except);
  const { numUpdatedRows } = await query.executeTakeFirst();
  return Number(numUpdatedRows);
}

export type SessionRow = {
  id: string;
  origin: Sealed | null;
  hasFactor: boolean;
  createdAt: Date;
  lastUsedAt: Date;
  expiresAt: Date;
};

/** The living ones, newest first; `before` is the last id of the page above. */
export function listSessions(
  trx: ShopTransaction,
  filter: { accountId: AccountId; usedAfter: Date; now: Date; before?: string; limit: number },
): Promise<SessionRow[]> {
  let query = trx
    .selectFrom("sessions")
    .where("account_id", "=", filter.accountId)
    .where("ended_at", "is", null)
    .where("expires_at", ">", filter.now)
    .where("last_used_at", ">", filter.usedAfter)
    .select([
      "id",
      "origin",
      "has_factor as hasFactor",
      "created_at as createdAt",
      "last_used_at as lastUsedAt",
      "expires_at as expiresAt",
    ])
    .orderBy("id", "desc")
    .limit(filter.limit);
  if (filter.before !== undefined) query = query.where("id", "<", filter.before);
  return query.execute();
}

export async function setSessionLanguage(
  trx: ShopTransaction,
  { id, language }: { id: string; language: Language },
): Promise<void> {
  await trx.updateTable("sessions").set({ language }).where("id", "=", id).execute();
}
