import { breakGlassEnd, breakGlassState, whyNotDecideBreakGlass } from "../domain/access/break-glass.ts";
import type { BreakGlassRefusal, BreakGlassScope } from "../domain/access/break-glass.ts";
import type { AccountId, BreakGlassId, CustomerId, ShopId, SubjectId } from "../domain/id.ts";
import type { Sealed } from "../domain/sealing.ts";
import { asAdmin } from "./admin-database.ts";
import type { AdminDatabase } from "./admin-database.ts";
import { appendAudit } from "./audit-events.ts";
import { breakGlassTimes } from "./break-glass.ts";
import type { BreakGlassRow } from "./break-glass.ts";
import type { ShopTransaction } from "./connection.ts";

export type NewBreakGlass = {
  shopId: ShopId;
  id: BreakGlassId;
  customerId: CustomerId | null;
  scopes: BreakGlassScope[];
  minutes: number;
  reason: Sealed;
  by: AccountId;
  now: Date;
};

/** Safe to run twice by the id: the first request counts. */
export function insertBreakGlass(admin: AdminDatabase, grant: NewBreakGlass): Promise<void> {
  const { shopId, id, customerId, scopes, minutes, reason, by, now } = grant;
  return asAdmin(admin, async (trx) => {
    const { numInsertedOrUpdatedRows } = await trx
      .insertInto("break_glass_grants")
      .values({
        shop_id: shopId,
        id,
        customer_id: customerId,
        scopes,
        minutes,
        reason,
        requested_by: by,
        requested_at: now,
      })
      .onConflict((conflict) => conflict.columns(["shop_id", "id"]).doNothing())
      .executeTakeFirst();
    if (numInsertedOrUpdatedRows === 0n) return;
    const data = { scopes: scopes.join(" "), minutes };
    await writeDown(trx, { shopId, id, customerId, action: "break_glass.requested", data, by, now });
  });
}

export function findBreakGlass(admin: AdminDatabase, id: BreakGlassId): Promise<BreakGlassRow | undefined> {
  return asAdmin(admin, (trx) =>
    trx.selectFrom("break_glass_grants").where("id", "=", id).selectAll().executeTakeFirst(),
  );
}

/** Of all shops, newest first; `before` is the last id of the page above. */
export function listBreakGlass(
  admin: AdminDatabase,
  { before, limit }: { before?: BreakGlassId; limit: number },
): Promise<BreakGlassRow[]> {
  return asAdmin(admin, (trx) => {
    const all = trx.selectFrom("break_glass_grants").selectAll().orderBy("id", "desc").limit(limit);
    return (before === undefined ? all : all.where("id", "<", before)).execute();
  });
}

type Decision = { id: BreakGlassId; to: "approved" | "refused"; by: AccountId; now: Date };

/** Null: done. One decides, and the hour begins with the approval. */
export function decideBreakGlass(
  admin: AdminDatabase,
  { id, to, by, now }: Decision,
): Promise<BreakGlassRefusal | null> {
  return asAdmin(admin, async (trx) => {
    const row = await lockGrant(trx, id);
    const refusal = whyNotDecideBreakGlass(breakGlassTimes(row), { by, now });
    if (refusal !== null) return refusal;
    const { shop_id: shopId, customer_id: customerId, minutes } = row;
    await trx
      .updateTable("break_glass_grants")
      .set(
        to === "approved"
          ? { decided_by: by, approved_at: now, ends_at: breakGlassEnd(minutes, now) }
          : { decided_by: by, refused_at: now },
      )
      .where("shop_id", "=", shopId)
      .where("id", "=", id)
      .where("decided_by", "is", null)
      .execute();
    await writeDown(trx, { shopId, id, customerId, action: `break_glass.${to}`, by, now });
    return null;
  });
}

/** Takes it back, before or while it is open. Safe to run again: what is over stays as it ended. */
export function revokeBreakGlass(admin: AdminDatabase, { id, by, now }: Omit<Decision, "to">): Promise<void> {
  return asAdmin(admin, async (trx) => {
    const row = await lockGrant(trx, id);
    const state = breakGlassState(breakGlassTimes(row), now);
    if (state !== "requested" && state !== "approved" && state !== "open") return;
    const { shop_id: shopId, customer_id: customerId } = row;
    await trx
      .updateTable("break_glass_grants")
      .set({ revoked_by: by, revoked_at: now })
      .where("shop_id", "=", shopId)
      .where("id", "=", id)
      .execute();
    await writeDown(trx, { shopId, id, customerId, action: "break_glass.revoked", by, now });
  });
}

function lockGrant(trx: ShopTransaction, id: BreakGlassId): Promise<BreakGlassRow> {
  return trx
    .selectFrom("break_glass_grants")
    .where("id", "=", id)
    .selectAll()
    .forUpdate()
    .executeTakeFirstOrThrow();
}

type Act = {
  shopId: ShopId;
  id: BreakGlassId;
  customerId: CustomerId | null;
  action: string;
  data?: Record<string, string | number>;
  by: AccountId;
  now: Date;
};

/** Into the shop's log, which its owner reads. */
function writeDown(trx: ShopTransaction, { id, customerId, by, ...act }: Act): Promise<void> {
  const subject: { subjectId?: SubjectId } = customerId === null ? {} : { subjectId: customerId };
  return appendAudit(trx, { ...act, ...subject, actorKind: "admin", actorId: by, resourceId: id });
}
