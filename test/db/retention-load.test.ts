import { sql } from "kysely";
import { afterAll, beforeAll, expect, test } from "vitest";

import { asSystem } from "../../db/system-database.ts";
import { beginPurge, sweepRun } from "../../db/system-retention.ts";
import { goByIndexes, isByShop, momentOf } from "../../db/retention/moments.ts";
import { dueRecords } from "../../db/retention/purge-sql.ts";
import { purgeSql } from "../../db/retention/rules.ts";
import { noShopRetention, purgeRuleNames } from "../../domain/privacy/purge-rules.ts";
import { createRetentionWorld } from "./retention-world.ts";
import type { RetentionWorld } from "./retention-world.ts";

let world: RetentionWorld;
const now = new Date("2026-07-01T00:00:00Z");
const chats = 300;
const messagesAChat = 100;

beforeAll(async () => {
  world = await createRetentionWorld();
  const { owner, shopId, pageId } = world;
  await owner.query("set session_replication_role = replica"); // rows in bulk, without what they refer to
  await owner.query(
    `insert into customers (shop_id, id, page_id, psid_index, psid, created_at)
      select $1, gen_random_uuid(), $2, uuid_send(gen_random_uuid()), 'p', '2020-01-01' from generate_series(1, ${chats})`,
    [shopId, pageId],
  );
  await owner.query(
    "insert into subjects (shop_id, id, kind, created_at) select shop_id, id, 'customer', created_at from customers",
  );
  await owner.query(
    `insert into conversations (shop_id, customer_id, page_id, language, created_at)
      select shop_id, id, page_id, 'my', created_at from customers`,
  );
  // Every third conversation is quiet; the others go on.
  await owner.query(
    `insert into messages (shop_id, id, customer_id, direction, author, kind, body, occurred_at, received_at)
      select shop_id, gen_random_uuid(), id, 'in', 'customer', 'text', 'b', at, at from (
        select c.*, $1::timestamptz - (n + case when row_number % 3 = 0 then 200 else 0 end) * interval '1 day' as at
        from (select *, row_number() over () from customers) c, generate_series(1, ${messagesAChat}) n) m`,
    [now],
  );
  const many = "from generate_series(1, 5000) n";
  for (const insert of [
    `insert into turns (shop_id, id, customer_id, seq, state, claimed_at) select '${shopId}', gen_random_uuid(),
      (select id from customers limit 1), n, 'stored', now() ${many}`,
    `insert into intake (shop_id, id, kind, customer_id, event_key, occurred_at, received_at, claimed_at)
      select '${shopId}', gen_random_uuid(), 'message', gen_random_uuid(), uuid_send(gen_random_uuid()), now(), now(), now() ${many}`,
    `insert into owner_notices (shop_id, id, kind, business_key, created_at)
      select '${shopId}', gen_random_uuid(), 'k', n, now() ${many}`,
    `insert into audit_events (shop_id, id, at, actor_kind, action)
      select '${shopId}', gen_random_uuid(), now(), 'owner', 'a' ${many}`,
    `insert into account_events (id, account_id, kind, at) select gen_random_uuid(), gen_random_uuid(), 'k', now() ${many}`,
    `insert into objects (shop_id, id, subject_id, purpose, kind, sealed_key, content_type, size, created_at)
      select '${shopId}', gen_random_uuid(), gen_random_uuid(), 'chat', 'chat_image', 'k', 'image/webp', 1, now() ${many}`,
    `insert into idempotency_keys (shop_id, actor_id, key, fingerprint, created_at)
      select '${shopId}', gen_random_uuid(), n, 'f', now() ${many}`,
    `insert into orders (shop_id, id, customer_id, number, placed_at, order_state, payment_state, fulfilment_kind,
        fulfilment_state, currency, lines_minor, fee_minor, total_minor, payment_method_id, payment_kind, contact,
        contact_version, summary_hash, timings, completed_at, created_at, updated_at)
      select '${shopId}', gen_random_uuid(), gen_random_uuid(), n, now(), 'completed', 'paid', 'delivery', 'delivered',
        'MMK', 1, 0, 1, gen_random_uuid(), 'cod', 'c', 1, 'h', '{}', now(), now(), now() ${many}`,
    `insert into payment_entries (shop_id, id, order_id, kind, payment_method_id, amount_minor, currency, effect_key, recorded_at)
      select shop_id, gen_random_uuid(), id, 'cash', payment_method_id, 1, 'MMK', id, now() from orders`,
  ])
    await owner.query(insert);
  await owner.query("set session_replication_role = default");
  await owner.query("analyze");
}, 60_000);
afterAll(() => world.close());

type Node = { "Node Type": string; "Relation Name"?: string; Plans?: Node[] };

function seqScans(node: Node): string[] {
  const own = node["Node Type"] === "Seq Scan" ? [node["Relation Name"] ?? ""] : [];
  return [...own, ...(node.Plans ?? []).flatMap(seqScans)];
}

/** What the planner does to find a page of a rule. */
async function scansOf(rule: (typeof purgeRuleNames)[number]): Promise<string[]> {
  const shop = isByShop(rule) ? { shopId: world.shopId, retention: noShopRetention } : undefined;
  const due = dueRecords(purgeSql[rule], momentOf(rule, now, shop));
  const { rows } = await asSystem(world.system, async (trx) => {
    await goByIndexes(trx);
    return sql<{ "QUERY PLAN": { Plan: Node }[] }>`explain (format json) ${due} limit 1000`.execute(trx);
  });
  return rows.flatMap((row) => row["QUERY PLAN"].flatMap(({ Plan }) => seqScans(Plan)));
}

async function listLargeTables(): Promise<string[]> {
  const { rows } = await world.owner.query<{ name: string }>(
    "select relname as name from pg_class where relkind = 'r' and reltuples >= 2000",
  );
  return rows.map(({ name }) => name);
}

test("no rule reads a large table from end to end to find what is due", async () => {
  const large = await listLargeTables();
  expect(large).toEqual(
    expect.arrayContaining(["messages", "intake", "orders", "audit_events", "payment_entries"]),
  );
  const scanned: string[] = [];
  for (const rule of purgeRuleNames)
    for (const table of await scansOf(rule)) if (large.includes(table)) scanned.push(`${rule}: ${table}`);
  expect(scanned).toEqual([]);
});

test("would be found out if an index were missing", async () => {
  await world.owner.query("drop index account_events_age");
  expect(await scansOf("account_events")).toEqual(["account_events"]);
  await world.owner.query("create index account_events_age on account_events (at)");
});

test("ten thousand messages go in pages of a thousand, and those of living conversations stay", async () => {
  const runId = await beginPurge(world.system, now);
  const pages: number[] = [];
  for (let state = "more"; state === "more";) {
    const page = await sweepRun(world.system, { runId, limit: 1_000 });
    state = page.state;
    pages.push(page.records);
  }
  expect(Math.max(...pages)).toBe(1_000);
  const kept = (chats * 2 * messagesAChat) / 3;
  expect(await world.count("messages", "true", [])).toBe(kept);
  const { rows } = await world.owner.query(
    "select counted, removed from retention_results where rule = 'messages' and run_id = $1",
    [runId],
  );
  expect(rows).toEqual([{ counted: "10000", removed: "10000" }]);
}, 60_000);
