import type { IncidentId, ShopId, SubjectId } from "../domain/id.ts";
import type { ShopTransaction } from "./connection.ts";

type Person = { incidentId: IncidentId; shopId: ShopId; subjectId: SubjectId };

/** The notice to one person is queued in the same transaction. False: it was queued before, or they are gone. */
export async function markNoticeQueued(
  trx: ShopTransaction,
  { incidentId, shopId, subjectId, now }: Person & { now: Date },
): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable("incident_people")
    .set({ state: "queued", queued_at: now })
    .where("shop_id", "=", shopId)
    .where("incident_id", "=", incidentId)
    .where("subject_id", "=", subjectId)
    .where("state", "=", "listed")
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** Nobody can be told any more: they are being erased, or are erased. */
export async function markPersonGone(
  trx: ShopTransaction,
  { incidentId, shopId, subjectId, now }: Person & { now: Date },
): Promise<void> {
  await trx
    .updateTable("incident_people")
    .set({ state: "gone", settled_at: now })
    .where("shop_id", "=", shopId)
    .where("incident_id", "=", incidentId)
    .where("subject_id", "=", subjectId)
    .where("state", "in", ["listed", "queued", "waiting"])
    .execute();
}

/**
 * Customers whom no message has reached are the shop's to reach from now on: those whose notice waits or failed, or was
 * queued before that time. How many they are.
 */
export async function markSecondWay(
  trx: ShopTransaction,
  {
    incidentId,
    shopId,
    queuedBefore,
    now,
  }: { incidentId: IncidentId; shopId: ShopId; queuedBefore: Date; now: Date },
): Promise<number> {
  const { numUpdatedRows } = await trx
    .updateTable("incident_people")
    .set({ second_way_at: now })
    .where("shop_id", "=", shopId)
    .where("incident_id", "=", incidentId)
    .where("kind", "=", "customer")
    .where((eb) =>
      eb.or([
        eb("state", "in", ["waiting", "failed"]),
        eb.and([eb("state", "=", "queued"), eb("queued_at", "<", queuedBefore)]),
      ]),
    )
    .where("second_way_at", "is", null)
    .executeTakeFirst();
  return Number(numUpdatedRows);
}
