import type { AccountId, ShopId } from "../domain/id.ts";
import type { ShopTransaction } from "./connection.ts";

/** Makes an account an owner or a member of staff; its role is changed when it was one already. */
export async function putMembership(
  trx: ShopTransaction,
  {
    shopId,
    accountId,
    role,
    now,
  }: { shopId: ShopId; accountId: AccountId; role: "owner" | "staff"; now: Date },
): Promise<void> {
  await trx
    .insertInto("memberships")
    .values({ shop_id: shopId, account_id: accountId, role, created_at: now })
    .onConflict((conflict) => conflict.columns(["shop_id", "account_id"]).doUpdateSet({ role }))
    .execute();
}

/** Whether the account is an owner or of the staff. */
export async function isMember(
  trx: ShopTransaction,
  { shopId, accountId }: { shopId: ShopId; accountId: AccountId },
): Promise<boolean> {
  const row = await trx
    .selectFrom("memberships")
    .select("role")
    .where("shop_id", "=", shopId)
    .where("account_id", "=", accountId)
    .executeTakeFirst();
  return row !== undefined;
}
