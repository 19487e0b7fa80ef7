import type { Access, AccessDecision } from "../domain/access/access-review.ts";
import type { AccessReviewId, AccountId } from "../domain/id.ts";
import type { PlatformRole } from "../domain/platform-role.ts";
import { findAccessReview, listAccessDecisions, listAccessReviews, signReview } from "./access-reviews.ts";
import type { AccessReviewRow, SignOffGiven, SignOffResult } from "./access-reviews.ts";
import { accountSubject, platformShopId } from "./accounts.ts";
import { asAdmin } from "./admin-database.ts";
import type { AdminDatabase } from "./admin-database.ts";
import { appendAudit } from "./audit-events.ts";
import type { ShopTransaction } from "./connection.ts";

const shopId = platformShopId;

export function listPlatformReviews(
  admin: AdminDatabase,
  page: { before?: AccessReviewId; limit: number },
): Promise<AccessReviewRow[]> {
  return asAdmin(admin, (trx) => listAccessReviews(trx, { ...page, shopId }));
}

export type AccessReviewView = { review: AccessReviewRow; current: Access[]; decisions: AccessDecision[] };

export function viewPlatformReview(
  admin: AdminDatabase,
  id: AccessReviewId,
): Promise<AccessReviewView | undefined> {
  return asAdmin(admin, async (trx) => {
    const review = await findAccessReview(trx, { shopId, id });
    if (review === undefined) return undefined;
    const decisions = await listAccessDecisions(trx, { shopId, id });
    return { review, current: await listRoles(trx), decisions };
  });
}

/** In one transaction what is said and what it removes. */
export function signPlatformReview(
  admin: AdminDatabase,
  given: Omit<SignOffGiven, "shopId">,
): Promise<SignOffResult> {
  const { id, decisions, by, now } = given;
  return asAdmin(admin, async (trx) => {
    const result = await signReview(trx, { ...given, shopId }, () => listRoles(trx));
    if (typeof result === "string") return result;
    for (const access of result.removed) await removeRole(trx, access, { by, now });
    const data = { kept: decisions.length - result.removed.length, removed: result.removed.length };
    const act = { actorKind: "admin", actorId: by, action: "access_review.signed" } as const;
    await appendAudit(trx, { ...act, shopId, resourceId: id, data, now });
    return "signed";
  });
}

async function listRoles(trx: ShopTransaction): Promise<Access[]> {
  const roles = await trx
    .selectFrom("platform_roles")
    .select(["account_id", "role"])
    .orderBy("account_id")
    .orderBy("role")
    .execute();
  return roles.map(({ account_id: id, role }) => ({ kind: "platform_role", id, detail: role }));
}

async function removeRole(
  trx: ShopTransaction,
  { id, detail }: Access,
  { by, now }: { by: AccountId; now: Date },
): Promise<void> {
  const accountId = id as AccountId; // `listRoles` says whose it is
  const role = detail as PlatformRole; // and which
  await trx
    .deleteFrom("platform_roles")
    .where("account_id", "=", accountId)
    .where("role", "=", role)
    .execute();
  const act = { actorKind: "admin", actorId: by, action: "role.revoked" } as const;
  await appendAudit(trx, { ...act, shopId, subjectId: accountSubject(accountId), data: { role }, now });
}
