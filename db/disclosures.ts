import type { Selectable } from "kysely";

import type { DisclosureFacts } from "../domain/access/disclosure.ts";
import type { AccountId, DisclosureId, ShopId } from "../domain/id.ts";
import type { SealedPlace } from "../domain/sealing.ts";
import { accountPlace } from "./accounts.ts";
import { appendAudit } from "./audit-events.ts";
import type { ShopTransaction } from "./connection.ts";
import type { DisclosuresTable } from "./schema/access.ts";

export type DisclosureRow = Selectable<DisclosuresTable>;

/** What it rests on is kept under the key of whoever proposed it. */
export function disclosureBasisPlace({
  proposedBy,
  id,
}: {
  proposedBy: AccountId;
  id: DisclosureId;
}): SealedPlace {
  return accountPlace(proposedBy, "disclosure.basis", id);
}

export function disclosureFacts(row: DisclosureRow): DisclosureFacts {
  return {
    proposedBy: row.proposed_by,
    proposedAt: row.proposed_at,
    firstApprovedBy: row.first_approved_by,
    approvedAt: row.approved_at,
    refusedAt: row.refused_at,
    builtAt: row.built_at,
    barredUntil: row.barred_until,
  };
}

/** Those that the owner may know of, newest first; `before` is the last id of the page above. */
export function listToldDisclosures(
  trx: ShopTransaction,
  { shopId, before, limit }: { shopId: ShopId; before?: DisclosureId; limit: number },
): Promise<DisclosureRow[]> {
  const all = trx
    .selectFrom("disclosures")
    .where("shop_id", "=", shopId)
    .where("told_at", "is not", null)
    .selectAll()
    .orderBy("id", "desc")
    .limit(limit);
  return (before === undefined ? all : all.where("id", "<", before)).execute();
}

/** The owner hears of it from here on, in the shop's log as well. False: they were told before. */
export async function markDisclosureTold(
  trx: ShopTransaction,
  { shop_id: shopId, id, subject_id: subjectId, ground }: DisclosureRow,
  now: Date,
): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable("disclosures")
    .set({ told_at: now })
    .where("shop_id", "=", shopId)
    .where("id", "=", id)
    .where("told_at", "is", null)
    .executeTakeFirst();
  if (numUpdatedRows === 0n) return false;
  const who = { actorKind: "admin", actorId: null, action: "disclosure.told" } as const;
  await appendAudit(trx, { shopId, ...who, subjectId, resourceId: id, data: { ground }, now });
  return true;
}

/** Safe to run again: the first package counts. */
export async function markDisclosureBuilt(
  trx: ShopTransaction,
  { shop_id: shopId, id }: DisclosureRow,
  { packageId, now }: { packageId: string; now: Date },
): Promise<void> {
  await trx
    .updateTable("disclosures")
    .set({ package_id: packageId, built_at: now })
    .where("shop_id", "=", shopId)
    .where("id", "=", id)
    .where("approved_at", "is not", null)
    .where("built_at", "is", null)
    .execute();
}
