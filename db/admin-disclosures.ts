import { disclosureState, whyNotApproveDisclosure } from "../domain/access/disclosure.ts";
import type { DisclosureGround, DisclosureRefusal } from "../domain/access/disclosure.ts";
import { toTypeId } from "../domain/id.ts";
import type { AccountId, CustomerId, DisclosureId, ShopId } from "../domain/id.ts";
import type { Sealed } from "../domain/sealing.ts";
import { asAdmin } from "./admin-database.ts";
import type { AdminDatabase } from "./admin-database.ts";
import type { Look } from "./admin-upgrades.ts";
import type { ShopTransaction } from "./connection.ts";
import { disclosureFacts } from "./disclosures.ts";
import type { DisclosureRow } from "./disclosures.ts";
import { writePlatformLog } from "./platform-log.ts";

export type NewDisclosure = {
  shopId: ShopId;
  id: DisclosureId;
  subjectId: CustomerId;
  ground: DisclosureGround;
  basis: Sealed;
  barredUntil: Date | null;
  by: AccountId;
  now: Date;
};

/** Safe to run twice by the id: the first proposal counts. */
export function insertDisclosure(admin: AdminDatabase, disclosure: NewDisclosure): Promise<void> {
  const { shopId, id, subjectId, ground, basis, barredUntil, by, now } = disclosure;
  return asAdmin(admin, async (trx) => {
    const row = await trx
      .insertInto("disclosures")
      .values({
        shop_id: shopId,
        id,
        subject_id: subjectId,
        ground,
        basis,
        barred_until: barredUntil,
        proposed_by: by,
        proposed_at: now,
      })
      .onConflict((conflict) => conflict.columns(["shop_id", "id"]).doNothing())
      .returningAll()
      .executeTakeFirst();
    if (row !== undefined) await writeDown(trx, row, { action: "disclosure.proposed", accountId: by, now });
  });
}

/** Of all shops, newest first; `before` is the last id of the page above. */
export function listDisclosures(
  admin: AdminDatabase,
  { before, limit }: { before?: DisclosureId; limit: number },
): Promise<DisclosureRow[]> {
  return asAdmin(admin, (trx) => {
    const all = trx.selectFrom("disclosures").selectAll().orderBy("id", "desc").limit(limit);
    return (before === undefined ? all : all.where("id", "<", before)).execute();
  });
}

/** With a look, that one stands in the platform's log. */
export function findDisclosure(
  admin: AdminDatabase,
  id: DisclosureId,
  look?: Look,
): Promise<DisclosureRow | undefined> {
  return asAdmin(admin, async (trx) => {
    const row = await trx.selectFrom("disclosures").where("id", "=", id).selectAll().executeTakeFirst();
    if (row !== undefined && look !== undefined) await writeDown(trx, row, look);
    return row;
  });
}

type Decision = { id: DisclosureId; by: AccountId; now: Date };

/** Null: done. The second approval is the one that opens. */
export function approveDisclosure(
  admin: AdminDatabase,
  { id, by, now }: Decision,
): Promise<DisclosureRefusal | null> {
  return asAdmin(admin, async (trx) => {
    const row = await lockDisclosure(trx, id);
    const refusal = whyNotApproveDisclosure(disclosureFacts(row), { by, now });
    if (refusal !== null) return refusal;
    const isFirst = row.first_approved_by === null;
    await change(
      trx,
      row,
      isFirst
        ? { first_approved_by: by, first_approved_at: now }
        : { second_approved_by: by, approved_at: now },
    );
    const action = isFirst ? "disclosure.approved_first" : "disclosure.approved";
    await writeDown(trx, row, { action, accountId: by, now });
    return null;
  });
}

/** Anybody who may approve, and whoever proposed it. False: it waits for nothing any more. */
export function refuseDisclosure(admin: AdminDatabase, { id, by, now }: Decision): Promise<boolean> {
  return asAdmin(admin, async (trx) => {
    const row = await lockDisclosure(trx, id);
    if (disclosureState(disclosureFacts(row), now) !== "proposed") return false;
    await change(trx, row, { refused_by: by, refused_at: now });
    await writeDown(trx, row, { action: "disclosure.refused", accountId: by, now });
    return true;
  });
}

function lockDisclosure(trx: ShopTransaction, id: DisclosureId): Promise<DisclosureRow> {
  return trx.selectFrom("disclosures").where("id", "=", id).selectAll().forUpdate().executeTakeFirstOrThrow();
}

async function change(
  trx: ShopTransaction,
  { shop_id: shopId, id }: DisclosureRow,
  values: Partial<DisclosureRow>,
): Promise<void> {
  await trx
    .updateTable("disclosures")
    .set(values)
    .where("shop_id", "=", shopId)
    .where("id", "=", id)
    .execute();
}

/** Into the platform's log: the shop's is read by its owner, who may have to be kept in the dark. */
function writeDown(
  trx: ShopTransaction,
  { shop_id: shopId, id, subject_id: subjectId, ground }: DisclosureRow,
  look: Look,
): Promise<void> {
  const data = { shopId: toTypeId("shop", shopId), ground };
  return writePlatformLog(trx, { subjectId, resourceId: id, data }, look);
}
