import type { Selectable } from "kysely";

import type { AccountId, AppealId } from "../domain/id.ts";
import type { Sealed } from "../domain/sealing.ts";
import type { ShopTransaction } from "./connection.ts";
import type { AccountAppealsTable } from "./schema/accounts.ts";

export type AppealRow = Selectable<AccountAppealsTable>;

export async function insertAppeal(
  trx: ShopTransaction,
  appeal: { id: AppealId; accountId: AccountId; body: Sealed; now: Date },
): Promise<void> {
  await trx
    .insertInto("account_appeals")
    .values({ id: appeal.id, account_id: appeal.accountId, body: appeal.body, created_at: appeal.now })
    .execute();
}

export type OpenAppeal = { id: AppealId; accountId: AccountId; body: Sealed; createdAt: Date };

/** Those that wait for a decision, oldest first. */
export function listOpenAppeals(
  trx: ShopTransaction,
  { accountId, limit }: { accountId?: AccountId; limit: number },
): Promise<OpenAppeal[]> {
  return trx
    .selectFrom("account_appeals")
    .where("state", "=", "open")
    .$if(accountId !== undefined, (query) => query.where("account_id", "=", accountId as AccountId))
    .select(["id", "account_id as accountId", "body", "created_at as createdAt"])
    .orderBy("created_at")
    .limit(limit)
    .execute();
}

type Answer = { to: "granted" | "refused"; decidedBy: AccountId | null; now: Date };

/** False: it was decided before. */
export async function decideAppeal(
  trx: ShopTransaction,
  { id, to, decidedBy, now }: Answer & { id: AppealId },
): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable("account_appeals")
    .set({ state: to, decided_at: now, decided_by: decidedBy })
    .where("id", "=", id)
    .where("state", "=", "open")
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** What they asked for has come about: none of them waits on, or speaks for another suspension. */
export async function grantOpenAppeals(
  trx: ShopTransaction,
  { accountId, by, now }: { accountId: AccountId; by: AccountId | null; now: Date },
): Promise<void> {
  await trx
    .updateTable("account_appeals")
    .set({ state: "granted", decided_at: now, decided_by: by })
    .where("account_id", "=", accountId)
    .where("state", "=", "open")
    .execute();
}
