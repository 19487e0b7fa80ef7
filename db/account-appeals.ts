import type { AccountId, AppealId } from "../domain/id.ts";
import type { Sealed } from "../domain/sealing.ts";
import type { ShopTransaction } from "./connection.ts";

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

/** The account that it speaks for; undefined: it was decided before, or there is none. */
export async function decideAppeal(
  trx: ShopTransaction,
  appeal: { id: AppealId; to: "granted" | "refused"; decidedBy: AccountId | null; now: Date },
): Promise<AccountId | undefined> {
  const row = await trx
    .updateTable("account_appeals")
    .set({ state: appeal.to, decided_at: appeal.now, decided_by: appeal.decidedBy })
    .where("id", "=", appeal.id)
    .where("state", "=", "open")
    .returning("account_id as accountId")
    .executeTakeFirst();
  return row?.accountId;
}
