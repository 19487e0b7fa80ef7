import { sql } from "kysely";
import type { RawBuilder } from "kysely";

import type { PurgeRuleName } from "../../domain/privacy/purge-rules.ts";
import type { RetentionClass } from "../../domain/privacy/retention-class.ts";
import type { ShopTransaction } from "../connection.ts";
import { notHeld } from "../not-held.ts";
import { deleteRows, shopKey } from "./purge-sql.ts";
import type { PurgeMoment, PurgeSql } from "./purge-sql.ts";

/** As `orders_ended` and `orders_emptied` index it: when an order's dispute time begins. */
const ended = sql`coalesce(t.delivered_at, t.cancelled_at, t.completed_at)`;

/** Nothing of it waits for anybody, and nobody owes anything. */
const isOver = sql`t.order_state in ('completed', 'cancelled') and t.payment_state <> 'refund_due'
  and t.review_since is null
  and (t.order_state <> 'completed' or t.received_minor - t.refunded_minor <= t.total_minor)
  and not exists (select from payment_evidence e where e.shop_id = t.shop_id and e.order_id = t.id
    and e.state = 'undecided')`;

/** Money came or went, or a customer's credit: the books name it. */
const isInBooks = sql`(exists (select from payment_entries p where p.shop_id = t.shop_id and p.order_id = t.id)
  or exists (select from customer_credit_lines l where l.shop_id = t.shop_id and l.order_id = t.id)
  or exists (select from gateway_payments g where g.shop_id = t.shop_id and g.purpose = 'order'
    and g.owner_id = t.id and g.paid_at is not null))`;

const lockOrders = async (trx: ShopTransaction, keys: RawBuilder<unknown>): Promise<void> => {
  await sql`select from orders where (shop_id, id) in ${keys} order by id for update`.execute(trx);
};

function isFree({ at }: PurgeMoment, of: RetentionClass): RawBuilder<boolean> {
  return notHeld({ shopId: sql`t.shop_id`, subjectId: sql`t.customer_id` }, { of, at });
}

/** With their pictures. */
async function removeSlips(
  trx: ShopTransaction,
  which: RawBuilder<unknown>,
  { at }: PurgeMoment,
): Promise<number> {
  const { rows } = await sql<{ count: number }>`with slips as (
      delete from payment_evidence e where ${which} returning e.shop_id, e.object_id),
    pictures as (delete from objects o using slips s where o.shop_id = s.shop_id and o.id = s.object_id
      returning o.shop_id, o.id),
    loose as (insert into loose_objects (shop_id, id, due_at)
      select shop_id, id, ${at}::timestamptz from pictures on conflict (shop_id, id) do nothing)
    select count(*) from slips`.execute(trx);
  return rows[0]?.count ?? 0;
}

/** Whole orders with all that is told of them. */
async function removeOrders(
  trx: ShopTransaction,
  keys: RawBuilder<unknown>,
  moment: PurgeMoment,
): Promise<number> {
  await removeSlips(trx, sql`(e.shop_id, e.order_id) in ${keys}`, moment);
  const payments = sql`(select g.shop_id, g.id from gateway_payments g
    where g.purpose = 'order' and (g.shop_id, g.owner_id) in ${keys})`;
  await sql`delete from gateway_events where (shop_id, payment_id) in ${payments}`.execute(trx);
  await sql`delete from gateway_refunds where (shop_id, payment_id) in ${payments}`.execute(trx);
  await sql`delete from gateway_payments where purpose = 'order' and (shop_id, owner_id) in ${keys}`.execute(
    trx,
  );
  await sql`update carts set draft_order_id = null where (shop_id, draft_order_id) in ${keys}`.execute(trx);
  await sql`delete from order_events where (shop_id, order_id) in ${keys}`.execute(trx);
  await sql`delete from order_lines where (shop_id, order_id) in ${keys}`.execute(trx);
  return deleteRows(trx, "orders", { key: shopKey, keys });
}

/** Name, phone, address, tracking, what was written, and proofs of no payment; sums and items stay for the books. */
const emptyOrders: PurgeSql["remove"] = async (trx, keys, moment) => {
  await removeSlips(
    trx,
    sql`(e.shop_id, e.order_id) in ${keys} and e.state not in ('accepted', 'returned') and not exists (
      select from payment_entries p where p.shop_id = e.shop_id and p.evidence_id = e.id)`,
    moment,
  );
  await sql`update order_events set note = null
    where (shop_id, order_id) in ${keys} and note is not null`.execute(trx);
  const { numAffectedRows } = await sql`update orders set contact = null, tracking = null
    where (shop_id, id) in ${keys}`.execute(trx);
  return Number(numAffectedRows ?? 0n);
};

/** A credit's lines go together: their sum is the balance, which is nothing by then. */
const removePaidOrders: PurgeSql["remove"] = async (trx, keys, moment) => {
  const customers = sql`(select o.shop_id, o.customer_id from orders o where (o.shop_id, o.id) in ${keys})`;
  await sql`delete from customer_credit_lines where (shop_id, customer_id) in ${customers}`.execute(trx);
  await sql`delete from customer_credits where (shop_id, customer_id) in ${customers}`.execute(trx);
  await sql`delete from payment_entries where (shop_id, order_id) in ${keys}`.execute(trx);
  return removeOrders(trx, keys, moment);
};

export const orderRules = {
  /** Summaries that nobody confirmed. */
  drafts: {
    from: () => sql`orders t`,
    where: (moment) => sql`t.shop_id = ${moment.shop} and t.order_state = 'draft'
      and t.updated_at <= ${moment.cutOff} and not ${isInBooks} and ${isFree(moment, "order.dispute")}`,
    began: sql`t.updated_at`,
    key: shopKey,
    lock: lockOrders,
    remove: removeOrders,
  },
  unpaid_orders: {
    from: () => sql`orders t`,
    where: (
      moment,
    ) => sql`t.shop_id = ${moment.shop} and t.contact is not null and ${ended} <= ${moment.cutOff}
      and ${isOver} and not ${isInBooks} and ${isFree(moment, "order.dispute")}`,
    began: ended,
    key: shopKey,
    lock: lockOrders,
    remove: removeOrders,
  },
  order_contacts: {
    from: () => sql`orders t`,
    where: (
      moment,
    ) => sql`t.shop_id = ${moment.shop} and t.contact is not null and ${ended} <= ${moment.cutOff}
      and ${isOver} and ${isInBooks} and ${isFree(moment, "order.dispute")}`,
    began: ended,
    key: shopKey,
    lock: lockOrders,
    remove: emptyOrders,
  },
  /** Slips of no order that a person has refused. */
  refused_slips: {
    from: () => sql`payment_evidence t`,
    where: (moment) => sql`t.shop_id = ${moment.shop} and t.order_id is null and t.state = 'refused'
      and coalesce(t.decided_at, t.received_at) <= ${moment.cutOff} and not exists (
        select from payment_entries p where p.shop_id = t.shop_id and p.evidence_id = t.id)
      and ${isFree(moment, "order.dispute")}`,
    began: sql`coalesce(t.decided_at, t.received_at)`,
    key: shopKey,
    remove: (trx, keys, moment) => removeSlips(trx, sql`(e.shop_id, e.id) in ${keys}`, moment),
  },
  paid_orders: {
    from: ({ shop, cutOff }) => sql`(select p.shop_id, p.order_id, max(p.recorded_at) as at from (
        select shop_id, order_id, recorded_at from payment_entries
          where shop_id = ${shop} and recorded_at <= ${cutOff} and order_id is not null
        union all select shop_id, order_id, recorded_at from customer_credit_lines
          where shop_id = ${shop} and recorded_at <= ${cutOff}) p group by p.shop_id, p.order_id) paid
      join orders t on t.shop_id = paid.shop_id and t.id = paid.order_id`,
    where: (moment) => sql`t.contact is null and ${isOver}
      and not exists (select from payment_entries p where p.shop_id = t.shop_id and p.order_id = t.id
        and p.recorded_at > ${moment.cutOff})
      and not exists (select from customer_credit_lines l where l.shop_id = t.shop_id
        and l.customer_id = t.customer_id and l.recorded_at > ${moment.cutOff})
      and not exists (select from customer_credits b where b.shop_id = t.shop_id
        and b.customer_id = t.customer_id and b.balance_minor > 0)
      and ${isFree(moment, "order.finance")}`,
    began: sql`paid.at`,
    key: shopKey,
    lock: lockOrders,
    remove: removePaidOrders,
  },
  /** Money that belonged to no order and went back. */
  returned_money: {
    from: () => sql`payment_evidence t`,
    where: (moment) => sql`t.shop_id = ${moment.shop} and t.order_id is null and t.state = 'returned'
      and coalesce(t.decided_at, t.received_at) <= ${moment.cutOff} and not exists (
        select from payment_entries p where p.shop_id = t.shop_id and p.evidence_id = t.id
          and (p.order_id is not null or p.recorded_at > ${moment.cutOff}))
      and ${isFree(moment, "order.finance")}`,
    began: sql`coalesce(t.decided_at, t.received_at)`,
    key: shopKey,
    remove: async (trx, keys, moment) => {
      await sql`delete from payment_entries where (shop_id, evidence_id) in ${keys}`.execute(trx);
      return removeSlips(trx, sql`(e.shop_id, e.id) in ${keys}`, moment);
    },
  },
} satisfies Partial<Record<PurgeRuleName, PurgeSql>>;
