import { sql } from "kysely";
import type { RawBuilder } from "kysely";

import type { PurgeRuleName } from "../../domain/privacy/purge-rules.ts";
import type { ShopTransaction } from "../connection.ts";
import { notHeld } from "../not-held.ts";
import { shopKey } from "./purge-sql.ts";
import type { PurgeSql } from "./purge-sql.ts";

const ofCustomer = (alias: string) =>
  sql`${sql.ref(`${alias}.shop_id`)} = t.shop_id and ${sql.ref(`${alias}.customer_id`)} = t.id`;

/** Of a person of whom nothing is left but what the books keep. */
const nothingLeft = sql`
  not exists (select from messages x where ${ofCustomer("x")})
  and not exists (select from intake x where ${ofCustomer("x")})
  and not exists (select from turns x where ${ofCustomer("x")})
  and not exists (select from carts x where ${ofCustomer("x")})
  and not exists (select from receipts x where ${ofCustomer("x")})
  and not exists (select from dead_letters x where ${ofCustomer("x")})
  and not exists (select from objects o where o.shop_id = t.shop_id and o.subject_id = t.id
    and o.purpose <> 'finance')
  and not exists (select from orders x where ${ofCustomer("x")} and x.contact is not null)
  and not exists (select from payment_evidence x where ${ofCustomer("x")} and x.state not in ('accepted', 'returned'))
  and not exists (select from customer_credits x where ${ofCustomer("x")} and x.balance_minor > 0)`;

const inBooks = sql`(exists (select from orders x where ${ofCustomer("x")})
  or exists (select from payment_evidence x where ${ofCustomer("x")}))`;

export const customerRules = {
  /**
   * Who said nothing and bought nothing for the time of a conversation is let go. What the books name stays without a
   * way back to the person: the key of the chat and of the order is destroyed, and the number at Meta with it. Whoever
   * comes again is a new customer; the door sees to that when it meets them at this very moment, as in an erasure.
   */
  customers: {
    from: () => sql`customers t join subjects s on s.shop_id = t.shop_id and s.id = t.id`,
    where: (moment) => sql`t.shop_id = ${moment.shop} and t.created_at <= ${moment.cutOff}
      and (s.state = 'active' or (s.state = 'erased' and not ${inBooks})) and ${nothingLeft}
      and ${notHeld({ shopId: sql`t.shop_id`, subjectId: sql`t.id` }, { of: "conversation", at: moment.at })}`,
    began: sql`t.created_at`,
    key: shopKey,
    lock: async (trx, keys) => {
      await sql`select from subjects where (shop_id, id) in ${keys} order by id for update`.execute(trx);
    },
    remove: async (trx, keys) => {
      // What the books name may still be paid back, for which its conversation is needed.
      await sql`delete from conversations v using customers t where (v.shop_id, v.customer_id) in ${keys}
        and t.shop_id = v.shop_id and t.id = v.customer_id and not ${inBooks}`.execute(trx);
      return (await forget(trx, keys)) + (await letGo(trx, keys));
    },
  },
} satisfies Partial<Record<PurgeRuleName, PurgeSql>>;

/** What was asked, agreed to or ordered about them stays as evidence, and names the bare id. */
const inEvidence = sql.join(
  ["consents", "processing_limits", "age_reports", "privacy_packages", "holds"].map(
    (table) =>
      sql`exists (select from ${sql.table(table)} x where x.shop_id = s.shop_id and x.subject_id = s.id)`,
  ),
  sql` or `,
);

/** Nobody knows them any more. Of who was erased the bare id stays: proofs of it name it. */
async function forget(trx: ShopTransaction, keys: RawBuilder<unknown>): Promise<number> {
  await sql`delete from customer_credits t where (t.shop_id, t.customer_id) in ${keys}
    and not exists (select from customer_credit_lines l where l.shop_id = t.shop_id
      and l.customer_id = t.customer_id)`.execute(trx);
  const { rows } = await sql<{ count: number }>`with gone as (
      delete from customers t where (t.shop_id, t.id) in ${keys} and not ${inBooks} returning t.shop_id, t.id),
    keys as (delete from subject_keys k using gone g where k.shop_id = g.shop_id and k.subject_id = g.id),
    subjects as (delete from subjects s using gone g where s.shop_id = g.shop_id and s.id = g.id
      and s.state = 'active' and not (${inEvidence})),
    named as (update subjects s set state = 'erased' from gone g where s.shop_id = g.shop_id and s.id = g.id
      and s.state = 'active' and (${inEvidence}))
    select count(*) from gone`.execute(trx);
  return rows[0]?.count ?? 0;
}

async function letGo(trx: ShopTransaction, keys: RawBuilder<unknown>): Promise<number> {
  const { rows } = await sql<{ count: number }>`with kept as (
      update subjects s set state = 'erased' where (s.shop_id, s.id) in ${keys} and s.state = 'active'
      returning s.shop_id, s.id),
    unlinked as (update customers c set psid = '', psid_index = uuid_send(gen_random_uuid())
      from kept k where c.shop_id = k.shop_id and c.id = k.id),
    keys as (delete from subject_keys s using kept k where s.shop_id = k.shop_id and s.subject_id = k.id
      and s.purpose in ('chat', 'order'))
    select count(*) from kept`.execute(trx);
  return rows[0]?.count ?? 0;
}
