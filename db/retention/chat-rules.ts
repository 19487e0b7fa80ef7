import { sql } from "kysely";
import type { RawBuilder } from "kysely";

import type { PurgeRuleName } from "../../domain/privacy/purge-rules.ts";
import { notHeld } from "../not-held.ts";
import { deleteRows, plainRows, shopKey } from "./purge-sql.ts";
import type { PurgeMoment, PurgeSql } from "./purge-sql.ts";

/** When anything was said last in the conversation `c`: one look at the end of an index. */
const last = sql`cross join lateral (select max(m.occurred_at) as at from messages m
  where m.shop_id = c.shop_id and m.customer_id = c.customer_id) last`;

const ofConversation = sql`t.shop_id = c.shop_id and t.customer_id = c.customer_id`;

/** What came in and was not claimed is a message as well. */
const isQuiet = sql`not exists (select from intake i where i.shop_id = c.shop_id and i.customer_id = c.customer_id
  and i.claimed_at is null and i.dead_at is null)`;

function isFree(
  { at }: PurgeMoment,
  customer: RawBuilder<unknown> = sql`t.customer_id`,
): RawBuilder<boolean> {
  return notHeld({ shopId: sql`t.shop_id`, subjectId: customer }, { of: "conversation", at });
}

/** With their pictures, but those that are evidence, and with what is known of their sending. */
const removeMessages: PurgeSql["remove"] = async (trx, keys, { at }) => {
  await sql`with pictures as (
      delete from objects o where (o.shop_id, o.message_id) in ${keys}
        and not exists (select from payment_evidence e where e.shop_id = o.shop_id and e.object_id = o.id)
      returning o.shop_id, o.id)
    insert into loose_objects (shop_id, id, due_at) select shop_id, id, ${at}::timestamptz from pictures
    on conflict (shop_id, id) do nothing`.execute(trx);
  await deleteRows(trx, "outbox", { key: shopKey, keys });
  return deleteRows(trx, "messages", { key: shopKey, keys });
};

/** Once no message names them. */
const removeTurns: PurgeSql["remove"] = async (trx, keys) => {
  const { numAffectedRows } = await sql`delete from turns t where (t.shop_id, t.id) in ${keys}
    and not exists (select from messages m where m.shop_id = t.shop_id and m.turn_id = t.id)`.execute(trx);
  return Number(numAffectedRows ?? 0n);
};

export const chatRules = {
  messages: {
    from: () => sql`conversations c ${last} join messages t on ${ofConversation}`,
    where: (moment) =>
      sql`c.shop_id = ${moment.shop} and last.at <= ${moment.cutOff} and ${isQuiet} and ${isFree(moment)}`,
    began: sql`last.at`,
    key: shopKey,
    remove: removeMessages,
  },
  old_messages: {
    from: () => sql`conversations c join messages t on ${ofConversation}`,
    where: (moment) =>
      sql`c.shop_id = ${moment.shop} and t.occurred_at <= ${moment.cutOff} and ${isFree(moment)}`,
    began: sql`t.occurred_at`,
    key: shopKey,
    remove: removeMessages,
  },
  turns: {
    from: () => sql`turns t join conversations c on ${ofConversation} ${last}`,
    where: (moment) => sql`t.shop_id = ${moment.shop} and t.claimed_at <= ${moment.cutOff}
      and coalesce(last.at, '-infinity') <= ${moment.cutOff} and ${isFree(moment)}`,
    began: sql`t.claimed_at`,
    key: shopKey,
    remove: removeTurns,
  },
  old_turns: {
    from: () => sql`turns t`,
    where: (moment) => sql`t.shop_id = ${moment.shop} and t.claimed_at <= ${moment.cutOff}
      and not exists (select from messages m where m.shop_id = t.shop_id and m.turn_id = t.id
        and m.occurred_at > ${moment.cutOff}) and ${isFree(moment)}`,
    began: sql`t.claimed_at`,
    key: shopKey,
    remove: removeTurns,
  },
  /** Those whose message is gone and that are no evidence any more. */
  pictures: {
    from: () => sql`objects t`,
    where: (
      moment,
    ) => sql`t.shop_id = ${moment.shop} and t.kind = 'chat_image' and t.created_at <= ${moment.cutOff}
      and not exists (select from messages m where m.shop_id = t.shop_id and m.id = t.message_id)
      and not exists (select from payment_evidence e where e.shop_id = t.shop_id and e.object_id = t.id)
      and ${isFree(moment, sql`t.subject_id`)}`,
    began: sql`t.created_at`,
    key: shopKey,
    remove: async (trx, keys, { at }) => {
      await sql`insert into loose_objects (shop_id, id, due_at)
        select k.shop_id, k.id, ${at}::timestamptz from ${keys} k on conflict (shop_id, id) do nothing`.execute(
        trx,
      );
      return deleteRows(trx, "objects", { key: shopKey, keys });
    },
  },
  dead_letters: plainRows("dead_letters", {
    where: (moment) =>
      sql`t.shop_id = ${moment.shop} and t.received_at <= ${moment.cutOff} and ${isFree(moment)}`,
    began: sql`t.received_at`,
  }),
  dead_events: plainRows("intake", {
    where: (moment) =>
      sql`t.shop_id = ${moment.shop} and t.dead_at <= ${moment.cutOff} and ${isFree(moment)}`,
    began: sql`t.dead_at`,
  }),
  carts: {
    from: () => sql`carts t join conversations c on ${ofConversation} ${last}`,
    where: (moment) => sql`t.shop_id = ${moment.shop} and t.updated_at <= ${moment.cutOff}
      and coalesce(last.at, '-infinity') <= ${moment.cutOff} and ${isFree(moment)}`,
    began: sql`t.updated_at`,
    key: { shop_id: "uuid", customer_id: "uuid" },
    remove: (trx, keys) => deleteRows(trx, "carts", { key: { shop_id: "uuid", customer_id: "uuid" }, keys }),
  },
} satisfies Partial<Record<PurgeRuleName, PurgeSql>>;
