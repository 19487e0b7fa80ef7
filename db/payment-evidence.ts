import type { Insertable, Selectable, Updateable } from "kysely";

import type { CustomerId, EvidenceId, ObjectId, OrderId, ShopId } from "../domain/id.ts";
import type { OrderTimings } from "../domain/order/timings.ts";
import type { SealedPlace } from "../domain/sealing.ts";
import type { ShopTransaction } from "./connection.ts";
import type { EvidenceState, PaymentEvidenceTable } from "./schema/orders.ts";

export type EvidenceRow = Selectable<PaymentEvidenceTable>;

/** Where what was read from a slip is sealed: under `order` until it is accepted, then under `finance`. */
export function readingPlace(
  row: Pick<EvidenceRow, "shop_id" | "customer_id" | "id" | "sealed_for">,
): SealedPlace {
  return {
    shopId: row.shop_id,
    subjectId: row.customer_id,
    purpose: row.sealed_for,
    field: "evidence.reading",
    rowId: row.id,
  };
}

/** When the owner is told again of a slip that belongs to no order. */
export function evidenceReminderAt(
  slip: Pick<EvidenceRow, "remind_at" | "received_at">,
  { reviewReminderMs }: Pick<OrderTimings, "reviewReminderMs">,
): Date {
  return slip.remind_at ?? new Date(slip.received_at.getTime() + reviewReminderMs);
}

/** False: this picture is evidence already. */
export async function insertEvidence(
  trx: ShopTransaction,
  evidence: Insertable<PaymentEvidenceTable>,
): Promise<boolean> {
  const row = await trx
    .insertInto("payment_evidence")
    .values(evidence)
    .onConflict((conflict) => conflict.columns(["shop_id", "object_id"]).doNothing())
    .returning("id")
    .executeTakeFirst();
  return row !== undefined;
}

export async function listEvidence(
  trx: ShopTransaction,
  { shopId, orderId }: { shopId: ShopId; orderId: OrderId },
): Promise<EvidenceRow[]> {
  return trx
    .selectFrom("payment_evidence")
    .selectAll()
    .where("shop_id", "=", shopId)
    .where("order_id", "=", orderId)
    .orderBy("received_at")
    .orderBy("id")
    .execute();
}

export async function findEvidence(
  trx: ShopTransaction,
  { shopId, evidenceId }: { shopId: ShopId; evidenceId: EvidenceId },
): Promise<EvidenceRow | undefined> {
  return trx
    .selectFrom("payment_evidence")
    .selectAll()
    .where("shop_id", "=", shopId)
    .where("id", "=", evidenceId)
    .executeTakeFirst();
}

/** A slip of the customer that came since then and belongs to no order yet. */
export async function hasUnmatchedEvidence(
  trx: ShopTransaction,
  { shopId, customerId, since }: { shopId: ShopId; customerId: CustomerId; since: Date },
): Promise<boolean> {
  const row = await trx
    .selectFrom("payment_evidence")
    .select("id")
    .where("shop_id", "=", shopId)
    .where("customer_id", "=", customerId)
    .where("state", "=", "unmatched")
    .where("received_at", ">=", since)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

export async function listEvidenceIds(
  trx: ShopTransaction,
  { shopId, customerId }: { shopId: ShopId; customerId: CustomerId },
): Promise<EvidenceId[]> {
  const rows = await trx
    .selectFrom("payment_evidence")
    .select("id")
    .where("shop_id", "=", shopId)
    .where("customer_id", "=", customerId)
    .orderBy("id")
    .execute();
  return rows.map(({ id }) => id);
}

/** The slips of a customer that belong to no order: nobody is asked about them any more. Answers which they were. */
export async function closeUnmatchedEvidence(
  trx: ShopTransaction,
  { shopId, customerId, now }: { shopId: ShopId; customerId: CustomerId; now: Date },
): Promise<EvidenceId[]> {
  const rows = await trx
    .updateTable("payment_evidence")
    .set({ state: "refused", decided_at: now })
    .where("shop_id", "=", shopId)
    .where("customer_id", "=", customerId)
    .where("state", "=", "unmatched")
    .returning("id")
    .execute();
  return rows.map(({ id }) => id);
}

/** Moves evidence on from a known state; false is a lost race. */
export async function moveEvidence(
  trx: ShopTransaction,
  {
    shopId,
    evidenceId,
    from,
    set,
  }: {
    shopId: ShopId;
    evidenceId: EvidenceId;
    from: EvidenceState;
    set: Updateable<PaymentEvidenceTable>;
  },
): Promise<boolean> {
  const result = await trx
    .updateTable("payment_evidence")
    .set(set)
    .where("shop_id", "=", shopId)
    .where("id", "=", evidenceId)
    .where("state", "=", from)
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

/** False: it is not unmatched any more, or was postponed before. */
export async function postponeReminder(
  trx: ShopTransaction,
  { shopId, evidenceId, from, to }: { shopId: ShopId; evidenceId: EvidenceId; from: Date | null; to: Date },
): Promise<boolean> {
  const result = await trx
    .updateTable("payment_evidence")
    .set({ remind_at: to })
    .where("shop_id", "=", shopId)
    .where("id", "=", evidenceId)
    .where("state", "=", "unmatched")
    .where("remind_at", "is not distinct from", from)
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

/** Links unmatched evidence of the same customer to an order; false when it is matched or decided already. */
export async function matchEvidence(
  trx: ShopTransaction,
  {
    shopId,
    customerId,
    evidenceId,
    orderId,
  }: { shopId: ShopId; customerId: CustomerId; evidenceId: EvidenceId; orderId: OrderId },
): Promise<boolean> {
  const result = await trx
    .updateTable("payment_evidence")
    .set({ order_id: orderId, state: "undecided" })
    .where("shop_id", "=", shopId)
    .where("id", "=", evidenceId)
    .where("customer_id", "=", customerId)
    .where("state", "=", "unmatched")
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

/** True when the same picture came before, as other evidence that was not refused. */
export async function isImageKnown(
  trx: ShopTransaction,
  { shopId, objectId }: { shopId: ShopId; objectId: ObjectId },
): Promise<boolean> {
  const row = await trx
    .selectFrom("objects as mine")
    .innerJoin("objects as other", (join) =>
      join
        .onRef("other.shop_id", "=", "mine.shop_id")
        .onRef("other.image_index", "=", "mine.image_index")
        .onRef("other.id", "<", "mine.id"),
    )
    .innerJoin("payment_evidence", (join) =>
      join
        .onRef("payment_evidence.shop_id", "=", "other.shop_id")
        .onRef("payment_evidence.object_id", "=", "other.id"),
    )
    .select("payment_evidence.id")
    .where("mine.shop_id", "=", shopId)
    .where("mine.id", "=", objectId)
    .where("payment_evidence.state", "<>", "refused")
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}
