import { sql } from "kysely";
import type { RawBuilder } from "kysely";

import type { ShopId, SubjectId } from "../domain/id.ts";
import type { StoreCount } from "../domain/privacy/erasure.ts";
import type { RetentionClass } from "../domain/privacy/retention-class.ts";
import type { ShopTransaction } from "./connection.ts";

type Ref = { shopId: ShopId; subjectId: SubjectId };
type Condition = (ref: Ref) => RawBuilder<unknown>;

/** Rows of one table that belong to a customer (`t` is the table), which of them a hold keeps, and which column names bytes. */
type Store = { table: string; class: RetentionClass; of: Condition; kept?: Condition; bytes?: string };

const ofCustomer: Condition = ({ subjectId }) => sql`t.customer_id = ${subjectId}`;
const ofSubject: Condition = ({ subjectId }) => sql`t.subject_id = ${subjectId}`;
const ofOrder: Condition = (ref) => sql`t.order_id in (${ordersOf(ref)})`;
const ofPayment: Condition = (ref) => sql`t.payment_id in (select id from gateway_payments
  where shop_id = ${ref.shopId} and purpose = 'order' and owner_id in (${ordersOf(ref)}))`;
const ofNotice: Condition = (ref) =>
  sql`(t.customer_id = ${ref.subjectId} or t.order_id in (${ordersOf(ref)}))`;

function ordersOf({ shopId, subjectId }: Ref): RawBuilder<unknown> {
  return sql`select id from orders where shop_id = ${shopId} and customer_id = ${subjectId}`;
}

/** The orders that go on: all of them stays. */
function openOrdersOf({ shopId, subjectId }: Ref): RawBuilder<unknown> {
  return sql`select order_id from holds where shop_id = ${shopId} and subject_id = ${subjectId}
    and purpose = 'order' and ended_at is null`;
}

function hasFinanceHold({ shopId, subjectId }: Ref): RawBuilder<unknown> {
  return sql`exists (select from holds where shop_id = ${shopId} and subject_id = ${subjectId}
    and purpose = 'finance' and ended_at is null)`;
}

/** The open orders, and those with money in them for as long as books are kept. */
function keptOrdersOf(ref: Ref): RawBuilder<unknown> {
  return sql`select o.id from orders o where o.shop_id = ${ref.shopId} and o.customer_id = ${ref.subjectId}
    and (o.id in (${openOrdersOf(ref)}) or (${hasFinanceHold(ref)} and (
      exists (select from payment_entries e where e.shop_id = o.shop_id and e.order_id = o.id)
      or exists (select from customer_credit_lines l where l.shop_id = o.shop_id and l.order_id = o.id))))`;
}

const withKeptOrder: Condition = (ref) => sql`t.order_id in (${keptOrdersOf(ref)})`;
/** A proof of payment is kept with its entry; a slip that was refused is not. */
const keptEvidence: Condition = (ref) => sql`(t.order_id in (${openOrdersOf(ref)}) or (${hasFinanceHold(ref)}
  and exists (select from payment_entries e where e.shop_id = t.shop_id and e.evidence_id = t.id)))`;
const whileBooksAreKept: Condition = (ref) => hasFinanceHold(ref);
/** For as long as anything of the customer is kept, it hangs on these. */
const whileAnythingIsKept =
  (column: "id" | "customer_id"): Condition =>
  ({ shopId }) =>
    sql`(exists (select from orders o where o.shop_id = ${shopId} and o.customer_id = ${sql.ref(`t.${column}`)})
      or exists (select from payment_evidence v where v.shop_id = ${shopId} and v.customer_id = ${sql.ref(`t.${column}`)})
      or exists (select from customer_credits c where c.shop_id = ${shopId} and c.customer_id = ${sql.ref(`t.${column}`)}))`;

/** In the order in which they can go: what refers to another stands before it. */
const stores: readonly Store[] = [
  {
    table: "push_parts",
    class: "notice_log",
    of: (ref) =>
      sql`t.notice_id in (select t.id from owner_notices t where t.shop_id = ${ref.shopId} and ${ofNotice(ref)})`,
    kept: (ref) => sql`t.notice_id in (select id from owner_notices where shop_id = ${ref.shopId}
      and order_id in (${openOrdersOf(ref)}))`,
  },
  {
    table: "owner_notices",
    class: "notice_log",
    of: ofNotice,
    kept: (ref) => sql`t.order_id in (${openOrdersOf(ref)})`,
  },
  { table: "outbox", class: "conversation", of: ofCustomer },
  { table: "carts", class: "conversation", of: ofCustomer },
  { table: "messages", class: "conversation", of: ofCustomer },
  { table: "turns", class: "conversation", of: ofCustomer },
  { table: "receipts", class: "operation", of: ofCustomer },
  {
    table: "intake",
    class: "operation",
    of: ofCustomer,
    kept: (ref) => sql`(t.kind = 'reason' and t.order_id in (${openOrdersOf(ref)}))`,
  },
  { table: "dead_letters", class: "operation", of: ofCustomer },
  { table: "gateway_events", class: "order.finance", of: ofPayment, kept: keptPayment("payment_id") },
  { table: "gateway_refunds", class: "order.finance", of: ofPayment, kept: keptPayment("payment_id") },
  {
    table: "gateway_payments",
    class: "order.finance",
    of: (ref) => sql`t.purpose = 'order' and t.owner_id in (${ordersOf(ref)})`,
    kept: keptPayment("id"),
  },
  {
    table: "payment_entries",
    class: "order.finance",
    of: (ref) => sql`(t.order_id in (${ordersOf(ref)}) or t.evidence_id in (select id from payment_evidence
      where shop_id = ${ref.shopId} and customer_id = ${ref.subjectId}))`,
    kept: whileBooksAreKept,
  },
  { table: "payment_evidence", class: "order.finance", of: ofCustomer, kept: keptEvidence },
  { table: "customer_credit_lines", class: "order.finance", of: ofCustomer, kept: whileBooksAreKept },
  { table: "customer_credits", class: "order.finance", of: ofCustomer, kept: whileBooksAreKept },
  { table: "order_events", class: "order.finance", of: ofOrder, kept: withKeptOrder },
  { table: "order_lines", class: "order.finance", of: ofOrder, kept: withKeptOrder },
  {
    table: "orders",
    class: "order.finance",
    of: ofCustomer,
    kept: (ref) => sql`t.id in (${keptOrdersOf(ref)})`,
  },
  {
    table: "objects",
    class: "conversation",
    of: ofSubject,
    kept: () =>
      sql`exists (select from payment_evidence v where v.shop_id = t.shop_id and v.object_id = t.id)`,
    bytes: "id",
  },
  {
    table: "privacy_package_parts",
    class: "operation",
    of: (ref) => sql`t.package_id in (select id from privacy_packages
      where shop_id = ${ref.shopId} and subject_id = ${ref.subjectId})`,
    bytes: "object_id",
  },
  { table: "privacy_packages", class: "operation", of: ofSubject },
  {
    table: "privacy_notes",
    class: "conversation",
    of: (ref) => sql`t.request_id in (select id from privacy_requests
      where shop_id = ${ref.shopId} and subject_id = ${ref.subjectId})`,
  },
  { table: "processing_limits", class: "conversation", of: ofSubject },
  {
    table: "conversations",
    class: "conversation",
    of: ofCustomer,
    kept: whileAnythingIsKept("customer_id"),
  },
  {
    table: "customers",
    class: "conversation",
    of: ({ subjectId }) => sql`t.id = ${subjectId}`,
    kept: whileAnythingIsKept("id"),
  },
];

function keptPayment(column: "id" | "payment_id"): Condition {
  return (
    ref,
  ) => sql`${sql.ref(`t.${column}`)} in (select id from gateway_payments where shop_id = ${ref.shopId}
    and purpose = 'order' and owner_id in (${keptOrdersOf(ref)}))`;
}

/** How many rows of each store belong to the customer, the empty ones too. */
export async function countRows(trx: ShopTransaction, ref: Ref): Promise<StoreCount[]> {
  const counts = stores.map(
    ({ table, of }) => sql`select ${table}::text as store, count(*)::int as count from ${sql.table(table)} t
      where t.shop_id = ${ref.shopId} and ${of(ref)}`,
  );
  const { rows } = await sql<{ store: string; count: number }>`${sql.join(counts, sql` union all `)}`.execute(
    trx,
  );
  const byStore = new Map(rows.map(({ store, count }) => [store, count]));
  return stores.map((store) => ({
    store: store.table,
    class: store.class,
    count: byStore.get(store.table) ?? 0,
  }));
}

/** Removes every row that no hold keeps; how many went, by store, and whose bytes are loose now. */
export async function deleteRows(
  trx: ShopTransaction,
  ref: Ref,
): Promise<{ removed: Record<string, number>; objectIds: string[] }> {
  const removed: Record<string, number> = {};
  const objectIds: string[] = [];
  for (const { table, of, kept, bytes } of stores) {
    const goes = kept ? sql`${of(ref)} and not coalesce(${kept(ref)}, false)` : of(ref);
    const from = sql`delete from ${sql.table(table)} t where t.shop_id = ${ref.shopId} and ${goes}`;
    if (bytes !== undefined) {
      const { rows } = await sql<{ id: string }>`${from} returning ${sql.ref(`t.${bytes}`)} as id`.execute(
        trx,
      );
      objectIds.push(...rows.map(({ id }) => id));
      removed[table] = rows.length;
    } else {
      const { numAffectedRows } = await from.execute(trx);
      removed[table] = Number(numAffectedRows ?? 0n);
    }
  }
  await emptyWhatIsKept(trx, ref);
  return { removed, objectIds };
}

/** Of what is kept for the books nothing tells whose it is; an order that goes on keeps its contact. */
async function emptyWhatIsKept(trx: ShopTransaction, ref: Ref): Promise<void> {
  const { shopId, subjectId } = ref;
  const hasEnded = sql`id not in (${openOrdersOf(ref)})`;
  await sql`update orders set contact = null, tracking = null
    where shop_id = ${shopId} and customer_id = ${subjectId} and ${hasEnded}`.execute(trx);
  await sql`update order_events set note = null where shop_id = ${shopId} and note is not null and order_id in (
    select id from orders where shop_id = ${shopId} and customer_id = ${subjectId} and ${hasEnded})`.execute(
    trx,
  );
  await sql`update customers set psid = null where shop_id = ${shopId} and id = ${subjectId}`.execute(trx);
  await sql`update age_reports set body = null where shop_id = ${shopId} and subject_id = ${subjectId}`.execute(
    trx,
  );
  await sql`update conversations set human_until = null, person_asked_at = null, seen_at = null,
      last_customer_action_at = null, last_page_at = null, standby_at = null, control_at = null, disclosed_at = null,
      secret_warned_at = null, credits_short_at = null, bell_pending = false
    where shop_id = ${shopId} and customer_id = ${subjectId}`.execute(trx);
}
