import { sql } from "kysely";

import type { ShopId, SubjectId } from "../domain/id.ts";
import type { Purpose, Sealed } from "../domain/sealing.ts";
import type { ShopTransaction } from "./connection.ts";

export type SealedValue = { field: string; rowId: string; purpose: Purpose; sealed: Sealed };
/** The last value of the page before. */
export type SealedPlaceMark = Pick<SealedValue, "field" | "rowId">;

/** Every value that is sealed under a key of the customer, wherever it lies; pages by field and row. */
export async function listSealedValues(
  trx: ShopTransaction,
  {
    shopId,
    subjectId,
    after,
    limit,
  }: {
    shopId: ShopId;
    subjectId: SubjectId;
    after: SealedPlaceMark | null;
    limit: number;
  },
): Promise<SealedValue[]> {
  const mine = sql`shop_id = ${shopId} and customer_id = ${subjectId}`;
  const { rows } = await sql<SealedValue>`
    select field, row_id as "rowId", purpose, sealed from (
      select 'message.body' as field, id as row_id, 'chat' as purpose, body as sealed from messages where ${mine}
      union all
      select case kind when 'reason' then 'intake.note' else 'message.body' end, id,
        case kind when 'reason' then 'order' else 'chat' end, body from intake where ${mine}
      union all
      select 'dead_letter.body', id, 'chat', body from dead_letters where ${mine}
      union all
      select 'customer.psid', id, 'chat', psid from customers where shop_id = ${shopId} and id = ${subjectId}
      union all
      select 'cart.contact', customer_id, 'order', contact from carts where ${mine}
      union all
      select 'order.contact', id, 'order', contact from orders where ${mine}
      union all
      select 'order.tracking', id, 'order', tracking from orders where ${mine}
      union all
      select 'order_event.note', e.id, 'order', e.note from order_events e
        join orders o on o.shop_id = e.shop_id and o.id = e.order_id
        where e.shop_id = ${shopId} and o.customer_id = ${subjectId}
      union all
      select 'evidence.reading', id, sealed_for, reading from payment_evidence where ${mine}
      union all
      select 'object.key', id, purpose, sealed_key from objects where shop_id = ${shopId} and subject_id = ${subjectId}
      union all
      select 'privacy_package.token', id, purpose, token from privacy_packages
        where shop_id = ${shopId} and subject_id = ${subjectId}
      union all
      select 'privacy_package_part.key', p.object_id, k.purpose, p.sealed_key from privacy_package_parts p
        join privacy_packages k on k.shop_id = p.shop_id and k.id = p.package_id
        where k.shop_id = ${shopId} and k.subject_id = ${subjectId}
      union all
      select 'privacy_note.body', n.id, 'chat', n.body from privacy_notes n
        join privacy_requests r on r.shop_id = n.shop_id and r.id = n.request_id
        where n.shop_id = ${shopId} and r.subject_id = ${subjectId} and r.subject_kind = 'customer'
    ) as everything
    where sealed is not null
      ${after === null ? sql`` : sql`and (field, row_id) > (${after.field}::text, ${after.rowId}::uuid)`}
    order by field, row_id limit ${limit}`.execute(trx);
  return rows;
}
