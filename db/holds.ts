import { sql } from "kysely";
import type { Selectable } from "kysely";

import { newId } from "../domain/id.ts";
import type { CustomerId, OrderId, PrivacyRequestId, ShopId, SubjectId } from "../domain/id.ts";
import { keptUntil } from "../domain/privacy/erasure.ts";
import type { ShopTransaction } from "./connection.ts";
import type { HoldsTable } from "./schema/erasure.ts";

export type HoldRow = Selectable<HoldsTable>;
type Ref = { shopId: ShopId; requestId: PrivacyRequestId; subjectId: SubjectId };

/**
 * An order is open while it is placed, money or a slip of it waits for somebody, or a payment at a provider may still
 * come: all that `reconcile` calls open, and what would be lost without its row.
 */
const isOpen = sql<boolean>`(o.order_state = 'placed' or o.payment_state = 'refund_due' or o.review_since is not null
  or (o.order_state = 'completed' and o.received_minor - o.refunded_minor > o.total_minor)
  or exists (select from gateway_payments g where g.shop_id = o.shop_id and g.purpose = 'order' and g.owner_id = o.id
    and g.state in ('created', 'unknown', 'pending', 'refunding')))`;

/** An open order keeps what delivery needs, and the key under which its payment is booked. Safe to run twice. */
export async function holdOpenOrders(
  trx: ShopTransaction,
  { shopId, requestId, subjectId, now }: Ref & { now: Date },
): Promise<void> {
  const orders = await trx
    .selectFrom("orders as o")
    .select("o.id")
    .where("o.shop_id", "=", shopId)
    .where("o.customer_id", "=", subjectId as CustomerId)
    .where(isOpen)
    .execute();
  const holds = orders.flatMap(({ id }) => [
    { purpose: "order" as const, class: "order.dispute" as const, order_id: id },
    { purpose: "finance" as const, class: "order.finance" as const, order_id: id },
  ]);
  if (holds.length === 0) return;
  const common = { shop_id: shopId, request_id: requestId, subject_id: subjectId, created_at: now };
  await trx
    .insertInto("holds")
    .values(holds.map((hold) => ({ ...common, ...hold, id: newId<string>(), basis: "open_order" as const })))
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/**
 * The books of what was paid are kept for as long as the law says, counted from the last payment. Safe to run twice;
 * a later payment moves the date.
 */
export async function holdBooks(
  trx: ShopTransaction,
  { shopId, requestId, subjectId, now }: Ref & { now: Date },
): Promise<void> {
  const paidAt = await findLastPayment(trx, { shopId, subjectId });
  const until = paidAt && keptUntil(paidAt);
  if (!until || until <= now) return;
  await trx
    .insertInto("holds")
    .values({
      shop_id: shopId,
      id: newId<string>(),
      request_id: requestId,
      subject_id: subjectId,
      purpose: "finance",
      class: "order.finance",
      basis: "bookkeeping",
      until,
      created_at: now,
    })
    .onConflict((conflict) =>
      conflict
        .columns(["shop_id", "request_id", "purpose", "order_id"])
        .doUpdateSet({ until, ended_at: null }),
    )
    .execute();
}

async function findLastPayment(
  trx: ShopTransaction,
  { shopId, subjectId }: Omit<Ref, "requestId">,
): Promise<Date | null> {
  const mine = sql`shop_id = ${shopId} and customer_id = ${subjectId}`;
  const { rows } = await sql<{ at: Date | null }>`select max(recorded_at) as at from (
      select recorded_at from payment_entries where shop_id = ${shopId}
        and (order_id in (select id from orders where ${mine})
          or evidence_id in (select id from payment_evidence where ${mine}))
      union all
      select recorded_at from customer_credit_lines where ${mine}
    ) money`.execute(trx);
  return rows[0]?.at ?? null;
}

/** Ends the holds whose order is over, or whose date has come; true when there were any. */
export async function endHolds(
  trx: ShopTransaction,
  { shopId, requestId, now }: Omit<Ref, "subjectId"> & { now: Date },
): Promise<boolean> {
  const { numAffectedRows } = await sql`update holds h set ended_at = ${now}
    where h.shop_id = ${shopId} and h.request_id = ${requestId} and h.ended_at is null
      and (h.until <= ${now} or (h.order_id is not null and not exists (
        select from orders o where o.shop_id = h.shop_id and o.id = h.order_id and ${isOpen})))`.execute(trx);
  return (numAffectedRows ?? 0n) > 0n;
}

/** With the rows held until commit, so that none ends while its key is decided about. */
export async function lockOpenHolds(
  trx: ShopTransaction,
  { shopId, requestId }: Omit<Ref, "subjectId">,
): Promise<HoldRow[]> {
  return trx
    .selectFrom("holds")
    .selectAll()
    .where("shop_id", "=", shopId)
    .where("request_id", "=", requestId)
    .where("ended_at", "is", null)
    .orderBy("id")
    .forNoKeyUpdate()
    .execute();
}

export async function listHeldOrders(
  trx: ShopTransaction,
  { shopId, requestId }: Omit<Ref, "subjectId">,
): Promise<OrderId[]> {
  const rows = await trx
    .selectFrom("holds")
    .select("order_id")
    .where("shop_id", "=", shopId)
    .where("request_id", "=", requestId)
    .where("purpose", "=", "order")
    .where("ended_at", "is", null)
    .execute();
  return rows.flatMap(({ order_id: orderId }) => orderId ?? []);
}

/** The order of an erased person goes on, and what its owner writes about it is kept with it. */
export async function isHeldOrder(
  trx: ShopTransaction,
  { shopId, orderId }: { shopId: ShopId; orderId: OrderId },
): Promise<boolean> {
  const row = await trx
    .selectFrom("holds")
    .select("id")
    .where("shop_id", "=", shopId)
    .where("order_id", "=", orderId)
    .where("ended_at", "is", null)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}
