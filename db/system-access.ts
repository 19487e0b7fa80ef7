import { sql } from "kysely";

import type { AccessReviewId, ShopId } from "../domain/id.ts";
import { platformShopId } from "./accounts.ts";
import type { BreakGlassRow } from "./break-glass.ts";
import type { DisclosureRow } from "./disclosures.ts";
import { asSystemAlone } from "./system-database.ts";
import type { SystemDatabase } from "./system-database.ts";

/** The grants whose shop has to hear that one was approved, or that it is over. */
export function listBreakGlassToTell(
  system: SystemDatabase,
  { now, limit }: { now: Date; limit: number },
): Promise<BreakGlassRow[]> {
  return asSystemAlone(system, (db) =>
    db
      .selectFrom("break_glass_grants")
      .where("approved_at", "is not", null)
      .where("end_told_at", "is", null)
      .where(({ eb, or }) =>
        or([eb("told_at", "is", null), eb("ends_at", "<=", now), eb("revoked_at", "is not", null)]),
      )
      .selectAll()
      .orderBy("ends_at")
      .limit(limit)
      .execute(),
  );
}

/** Approved ones that are not built yet, or of which the owner may hear from now on. */
export function listDisclosuresToTend(
  system: SystemDatabase,
  { now, isBuilding, limit }: { now: Date; isBuilding: boolean; limit: number },
): Promise<DisclosureRow[]> {
  return asSystemAlone(system, (db) =>
    db
      .selectFrom("disclosures")
      .where("approved_at", "is not", null)
      .where(({ eb, and, or }) => {
        const isToTell = and([
          eb("told_at", "is", null),
          or([eb("barred_until", "is", null), eb("barred_until", "<=", now)]),
        ]);
        return isBuilding ? or([isToTell, eb("built_at", "is", null)]) : isToTell;
      })
      .selectAll()
      .orderBy("approved_at")
      .limit(limit)
      .execute(),
  );
}

/** Shops whose last review was opened before that time, or which are as old and had none; none that has one open. */
export async function listShopsToReview(
  system: SystemDatabase,
  { before, limit }: { before: Date; limit: number },
): Promise<ShopId[]> {
  return asSystemAlone(system, async (db) => {
    const { rows } = await sql<{ id: ShopId }>`
      select s.id from shops s where s.created_at <= ${before} and not exists (select from access_reviews r
        where r.shop_id = s.id and (r.signed_at is null or r.opened_at > ${before}))
      limit ${limit}`.execute(db);
    return rows.map(({ id }) => id);
  });
}

/** The same of the platform, which is as old as the first of its roles. */
export async function isPlatformToReview(system: SystemDatabase, before: Date): Promise<boolean> {
  return asSystemAlone(system, async (db) => {
    const { rows } = await sql<{ is_due: boolean }>`
      select exists (select from platform_roles where granted_at <= ${before}) and not exists (
        select from access_reviews r where r.shop_id = ${platformShopId}
          and (r.signed_at is null or r.opened_at > ${before})) as is_due`.execute(db);
    return rows[0]?.is_due === true;
  });
}

/** Open ones of which nobody was reminded since they were opened. */
export function listReviewsToRemind(
  system: SystemDatabase,
  { openedBefore, limit }: { openedBefore: Date; limit: number },
): Promise<{ shopId: ShopId; id: AccessReviewId }[]> {
  return asSystemAlone(system, (db) =>
    db
      .selectFrom("access_reviews")
      .where("signed_at", "is", null)
      .where("reminded_at", "is", null)
      .where("opened_at", "<=", openedBefore)
      .select(["shop_id as shopId", "id"])
      .orderBy("opened_at")
      .limit(limit)
      .execute(),
  );
}
