import type { MembershipRole } from "../domain/account/roles.ts";
import type { AccountId, ShopId } from "../domain/id.ts";
import type { Sealed } from "../domain/sealing.ts";
import type { ShopTransaction } from "./connection.ts";

type MemberRef = { shopId: ShopId; accountId: AccountId };

/** Makes an account a member of the shop; its role is changed when it was one already. */
export async function putMembership(
  trx: ShopTransaction,
  { shopId, accountId, role, now }: MemberRef & { role: MembershipRole; now: Date },
): Promise<void> {
  await trx
    .insertInto("memberships")
    .values({ shop_id: shopId, account_id: accountId, role, created_at: now })
    .onConflict((conflict) => conflict.columns(["shop_id", "account_id"]).doUpdateSet({ role }))
    .execute();
}

/** Whether the account belongs to the shop, in whichever role. */
export async function isMember(trx: ShopTransaction, { shopId, accountId }: MemberRef): Promise<boolean> {
  const row = await trx
    .selectFrom("memberships")
    .select("role")
    .where("shop_id", "=", shopId)
    .where("account_id", "=", accountId)
    .executeTakeFirst();
  return row !== undefined;
}

/** False when the account is a member already, which keeps its role. */
export async function insertMembership(
  trx: ShopTransaction,
  { shopId, accountId, role, now }: MemberRef & { role: MembershipRole; now: Date },
): Promise<boolean> {
  const inserted = await trx
    .insertInto("memberships")
    .values({ shop_id: shopId, account_id: accountId, role, created_at: now })
    .onConflict((conflict) => conflict.columns(["shop_id", "account_id"]).doNothing())
    .returning("account_id")
    .executeTakeFirst();
  return inserted !== undefined;
}

export type Member = {
  accountId: AccountId;
  role: MembershipRole;
  email: Sealed;
  profile: Sealed | null;
  createdAt: Date;
};

/** Oldest first; `after` is the last account of the page above. */
export function listMembers(
  trx: ShopTransaction,
  { shopId, after, limit }: { shopId: ShopId; after?: AccountId; limit: number },
): Promise<Member[]> {
  let query = trx
    .selectFrom("memberships as m")
    .innerJoin("accounts as a", "a.id", "m.account_id")
    .where("m.shop_id", "=", shopId)
    .select(["m.account_id as accountId", "m.role", "a.email", "a.profile", "m.created_at as createdAt"])
    .orderBy("m.account_id")
    .limit(limit);
  if (after !== undefined) query = query.where("m.account_id", ">", after);
  return query.execute();
}

export type MemberChange = "done" | "not_found" | "last_owner";

/** A shop keeps an owner: two who demote each other at once wait for one another. */
export async function setMemberRole(
  trx: ShopTransaction,
  { shopId, accountId, role }: MemberRef & { role: MembershipRole },
): Promise<MemberChange> {
  const refusal = await refuseLastOwner(trx, { shopId, accountId, isOwnerAfter: role === "owner" });
  if (refusal !== undefined) return refusal;
  await trx
    .updateTable("memberships")
    .set({ role })
    .where("shop_id", "=", shopId)
    .where("account_id", "=", accountId)
    .execute();
  return "done";
}

export async function removeMember(
  trx: ShopTransaction,
  { shopId, accountId }: MemberRef,
): Promise<MemberChange> {
  const refusal = await refuseLastOwner(trx, { shopId, accountId, isOwnerAfter: false });
  if (refusal !== undefined) return refusal;
  await trx
    .deleteFrom("memberships")
    .where("shop_id", "=", shopId)
    .where("account_id", "=", accountId)
    .execute();
  return "done";
}

/** Holds the owners and the member until commit. */
async function refuseLastOwner(
  trx: ShopTransaction,
  { shopId, accountId, isOwnerAfter }: MemberRef & { isOwnerAfter: boolean },
): Promise<Exclude<MemberChange, "done"> | undefined> {
  const held = await trx
    .selectFrom("memberships")
    .where("shop_id", "=", shopId)
    .where((eb) => eb.or([eb("role", "=", "owner"), eb("account_id", "=", accountId)]))
    .select(["account_id as accountId", "role"])
    .orderBy("account_id")
    .forUpdate()
    .execute();
  const member = held.find((row) => row.accountId === accountId);
  if (member === undefined) return "not_found";
  const owners = held.filter(({ role }) => role === "owner");
  const isLast = member.role === "owner" && owners.length === 1;
  return isLast && !isOwnerAfter ? "last_owner" : undefined;
}

/** Owners and staff of a shop. */
export async function listMemberIds(trx: ShopTransaction, shopId: ShopId): Promise<AccountId[]> {
  const rows = await trx
    .selectFrom("memberships")
    .select("account_id")
    .where("shop_id", "=", shopId)
    .execute();
  return rows.map(({ account_id: id }) => id);
}
