import type { Client } from "pg";

import type { ErasureEntry } from "../domain/ports/erasure-list.ts";

/**
 * What the list outside says, done again to rows that are older than it. The keys of the listed purposes go, so that
 * nothing sealed under them opens. Of a customer whose `chat` key is listed the conversation goes, and the blind index by
 * which a new message would find the erased person. Orders and books stay, as unreadable as their keys leave them.
 */
export async function eraseListed(
  client: Client,
  entries: ErasureEntry[],
): Promise<{ subjects: number; objectIds: string[] }> {
  await client.query("create temporary table listed (shop_id uuid, id uuid, purpose text) on commit drop");
  await client.query(
    `insert into listed select distinct e."shopId", e."subjectId", p.purpose
      from jsonb_to_recordset($1::jsonb) as e ("shopId" uuid, "subjectId" uuid, purposes text[]), unnest(purposes) as p (purpose)`,
    [JSON.stringify(entries)],
  );
  await client.query(`delete from subject_keys k using listed l
    where k.shop_id = l.shop_id and k.subject_id = l.id and k.purpose = l.purpose`);
  const { rowCount } = await client.query(`update subjects s set state = case when exists (
      select from subject_keys k where k.shop_id = s.shop_id and k.subject_id = s.id and k.purpose <> 'finance')
      then 'erasing' else 'erased' end
    where exists (select from listed l where l.shop_id = s.shop_id and l.id = s.id)`);
  for (const statement of statements) await client.query(statement);
  const { rows } = await client.query<{ id: string }>(`delete from objects o using listed l
    where o.shop_id = l.shop_id and o.subject_id = l.id and o.purpose = l.purpose
      and not exists (select from payment_evidence v where v.shop_id = o.shop_id and v.object_id = o.id)
    returning o.id`);
  return { subjects: rowCount ?? 0, objectIds: rows.map(({ id }) => id) };
}

/** In the order in which they can go: what refers to another stands before it. */
const statements = [
  ...["outbox", "carts", "messages", "turns", "receipts", "intake", "dead_letters"].map(
    (table) => `delete from ${table} t using listed l
      where t.shop_id = l.shop_id and t.customer_id = l.id and l.purpose = 'chat'`,
  ),
  `update customers c set psid_index = decode(md5(gen_random_uuid()::text), 'hex') from listed l
    where c.shop_id = l.shop_id and c.id = l.id and l.purpose = 'chat'`,
];
