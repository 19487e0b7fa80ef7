import type { CustomerId, EvidenceId, OrderId, ShopId } from "../domain/id.ts";
import type { ShopTransaction } from "./connection.ts";
import type { EvidenceRow } from "./payment-evidence.ts";
import type { EvidenceState } from "./schema/orders.ts";

export type ListedEvidenceRow = Omit<EvidenceRow, "reading" | "remind_at"> & { order_number: string | null };
export type EvidenceDetail = ListedEvidenceRow & Pick<EvidenceRow, "reading">;

const listed = [
  "payment_evidence.shop_id",
  "payment_evidence.id",
  "payment_evidence.customer_id",
  "payment_evidence.order_id",
  "payment_evidence.object_id",
  "payment_evidence.state",
  "payment_evidence.sealed_for",
  "payment_evidence.verdict",
  "payment_evidence.judged_at",
  "payment_evidence.decided_at",
  "payment_evidence.decided_by",
  "payment_evidence.received_at",
  "orders.number as order_number",
] as const;

/** Newest first; `before` is the last id of the page above. */
export function listShopEvidence(
  trx: ShopTransaction,
  filter: {
    shopId: ShopId;
    state?: EvidenceState;
    orderId?: OrderId;
    customerId?: CustomerId;
    before?: EvidenceId;
    limit: number;
  },
): Promise<ListedEvidenceRow[]> {
  let query = withOrderNumber(trx)
    .select(listed)
    .where("payment_evidence.shop_id", "=", filter.shopId)
    .orderBy("payment_evidence.id", "desc")
    .limit(filter.limit);
  if (filter.state !== undefined) query = query.where("payment_evidence.state", "=", filter.state);
  if (filter.orderId !== undefined) query = query.where("payment_evidence.order_id", "=", filter.orderId);
  if (filter.customerId !== undefined) {
    query = query.where("payment_evidence.customer_id", "=", filter.customerId);
  }
  if (filter.before !== undefined) query = query.where("payment_evidence.id", "<", filter.before);
  return query.execute();
}

export async function countUnmatchedEvidence(
  trx: ShopTransaction,
  { shopId }: { shopId: ShopId },
): Promise<number> {
  const { count } = await trx
    .selectFrom("payment_evidence")
    .select((eb) => eb.fn.countAll<number>().as("count"))
    .where("shop_id", "=", shopId)
    .where("state", "=", "unmatched")
    .executeTakeFirstOrThrow();
  return count;
}

export function findEvidenceDetail(
  trx: ShopTransaction,
  { shopId, evidenceId }: { shopId: ShopId; evidenceId: EvidenceId },
): Promise<EvidenceDetail | undefined> {
  return withOrderNumber(trx)
    .select([...listed, "payment_evidence.reading"])
    .where("payment_evidence.shop_id", "=", shopId)
    .where("payment_evidence.id", "=", evidenceId)
    .executeTakeFirst();
}

function withOrderNumber(trx: ShopTransaction) {
  return trx
    .selectFrom("payment_evidence")
    .leftJoin("orders", (join) =>
      join
        .onRef("orders.shop_id", "=", "payment_evidence.shop_id")
        .onRef("orders.id", "=", "payment_evidence.order_id"),
    );
}
