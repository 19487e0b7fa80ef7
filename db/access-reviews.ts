import type { Selectable } from "kysely";

import { accessReviewDueMs, judgeSignOff } from "../domain/access/access-review.ts";
import type { Access, AccessDecision } from "../domain/access/access-review.ts";
import type { AccessReviewId, AccountId, ShopId } from "../domain/id.ts";
import { revokeApiKey } from "./api-keys.ts";
import type { ShopTransaction } from "./connection.ts";
import { removeDevicesOf } from "./devices.ts";
import { endOwnership } from "./end-ownership.ts";
import { removeMember } from "./memberships.ts";
import type { AccessReviewsTable } from "./schema/access.ts";

export type AccessReviewRow = Selectable<AccessReviewsTable>;
type Ref = { shopId: ShopId; id: AccessReviewId };

/** False: one of the shop's is open already. */
export async function insertAccessReview(
  trx: ShopTransaction,
  { shopId, id, now }: Ref & { now: Date },
): Promise<boolean> {
  const dueAt = new Date(now.getTime() + accessReviewDueMs);
  const row = await trx
    .insertInto("access_reviews")
    .values({ shop_id: shopId, id, opened_at: now, due_at: dueAt })
    .onConflict((conflict) => conflict.doNothing())
    .returning("id")
    .executeTakeFirst();
  return row !== undefined;
}

/** False: somebody was reminded before, or it is signed. */
export async function markAccessReviewReminded(
  trx: ShopTransaction,
  { shopId, id, now }: Ref & { now: Date },
): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable("access_reviews")
    .set({ reminded_at: now })
    .where("shop_id", "=", shopId)
    .where("id", "=", id)
    .where("reminded_at", "is", null)
    .where("signed_at", "is", null)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** Newest first; `before` is the last id of the page above. */
export function listAccessReviews(
  trx: ShopTransaction,
  { shopId, before, limit }: { shopId: ShopId; before?: AccessReviewId; limit: number },
): Promise<AccessReviewRow[]> {
  const all = trx
    .selectFrom("access_reviews")
    .where("shop_id", "=", shopId)
    .selectAll()
    .orderBy("id", "desc")
    .limit(limit);
  return (before === undefined ? all : all.where("id", "<", before)).execute();
}

export function findAccessReview(
  trx: ShopTransaction,
  { shopId, id }: Ref,
): Promise<AccessReviewRow | undefined> {
  return trx
    .selectFrom("access_reviews")
    .where("shop_id", "=", shopId)
    .where("id", "=", id)
    .selectAll()
    .executeTakeFirst();
}

export async function listAccessDecisions(
  trx: ShopTransaction,
  { shopId, id }: Ref,
): Promise<AccessDecision[]> {
  return trx
    .selectFrom("access_review_items")
    .where("shop_id", "=", shopId)
    .where("review_id", "=", id)
    .select(["kind", "access_id as id", "detail", "decision"])
    .orderBy("kind")
    .orderBy("access_id")
    .orderBy("detail")
    .execute();
}

/** Who may do what in the shop as it is now: its people, and its living keys. */
export async function listShopAccess(
  trx: ShopTransaction,
  { shopId, now }: { shopId: ShopId; now: Date },
): Promise<Access[]> {
  const members = await trx
    .selectFrom("memberships")
    .where("shop_id", "=", shopId)
    .select(["account_id", "role"])
    .orderBy("account_id")
    .execute();
  const keys = await trx
    .selectFrom("api_keys")
    .where("shop_id", "=", shopId)
    .where("revoked_at", "is", null)
    .where((eb) => eb.or([eb("expires_at", "is", null), eb("expires_at", ">", now)]))
    .select(["id", "scopes"])
    .orderBy("id")
    .execute();
  return [
    ...members.map(({ account_id: id, role }) => ({ kind: "member" as const, id, detail: role })),
    ...keys.map(({ id, scopes }) => ({
      kind: "api_key" as const,
      id,
      detail: scopes === null ? "all" : scopes.toSorted().join(" "),
    })),
  ];
}

export type SignOffGiven = Ref & { decisions: readonly AccessDecision[]; by: AccountId; now: Date };
export type SignOffResult = "signed" | "signed_before" | "differs" | "last_owner" | "unknown";

/** In one transaction what is said and what it removes: nothing is removed when something differs. */
export async function signShopReview(trx: ShopTransaction, given: SignOffGiven): Promise<SignOffResult> {
  const { shopId, now } = given;
  const result = await signReview(trx, given, () => listShopAccess(trx, { shopId, now }));
  if (typeof result === "string") return result;
  for (const { kind, id } of result.removed) {
    if (kind === "api_key") await revokeApiKey(trx, { shopId, id, now });
    if (kind !== "member") continue;
    const accountId = id as AccountId; // what `listShopAccess` calls a member is one
    if ((await removeMember(trx, { shopId, accountId })) === "last_owner") return "last_owner";
    await endOwnership(trx, { shopId, accountId, now });
    await removeDevicesOf(trx, { shopId, accountId, now });
  }
  return "signed";
}

/** Holds the review until commit. What is to be removed is the caller's to remove. */
export async function signReview(
  trx: ShopTransaction,
  { shopId, id, decisions, by, now }: SignOffGiven,
  listCurrent: () => Promise<Access[]>,
): Promise<Exclude<SignOffResult, "signed"> | { removed: Access[] }> {
  const review = await trx
    .selectFrom("access_reviews")
    .where("shop_id", "=", shopId)
    .where("id", "=", id)
    .select("signed_at")
    .forUpdate()
    .executeTakeFirst();
  if (review === undefined) return "unknown";
  if (review.signed_at !== null) return "signed_before";
  const judged = judgeSignOff(await listCurrent(), decisions);
  if (judged.outcome === "differs") return "differs";
  await trx
    .updateTable("access_reviews")
    .set({ signed_by: by, signed_at: now })
    .where("shop_id", "=", shopId)
    .where("id", "=", id)
    .execute();
  if (decisions.length > 0)
    await trx
      .insertInto("access_review_items")
      .values(
        decisions.map(({ id: accessId, ...decision }) => ({
          ...decision,
          shop_id: shopId,
          review_id: id,
          access_id: accessId,
        })),
      )
      .execute();
  return { removed: judged.removed };
}
