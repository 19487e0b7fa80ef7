import { Client } from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";

import { contactSources } from "../../domain/order/contact-source.ts";
import { createTestDatabase } from "../support/test-database.ts";
import type { TestDatabase } from "../support/test-database.ts";

/**
 * All columns of an order that can hold what a person said or is. P:ONA-11: items, quantity, payment method, address,
 * phone and status, and nothing else; name, phone and address are sealed together in `contact`.
 */
const declaredPersonal: Record<string, string[]> = {
  orders: ["contact", "tracking"],
  order_lines: [],
  order_events: ["note"],
  payment_evidence: ["reading"],
  payment_entries: ["reference_index"],
  gateway_payments: ["provider_index"],
  gateway_refunds: [],
  gateway_events: ["event_key"],
};

/** Codes, ids, counts and amounts; of the shop's side are names of products and options. */
const declaredPlain: Record<string, string> = {
  orders: `
    shop_id id customer_id number order_state payment_state fulfilment_kind fulfilment_state currency lines_minor
    fee_minor discount_minor credit_minor total_minor received_minor refunded_minor payment_method_id payment_kind zone_id
    contact_version contact_source summary_hash timings placed_at payment_due_at evidence_hard_end_at clock_stopped_at clock_stops
    expiry_warned_at review_since review_reminded_at review_escalated_at review_customer_told_at cod_accept_due_at
    cod_accepted_at paid_at ship_reminded_at refund_reminded_at balance_reminded_at packed_at shipped_at delivery_asked_at delivered_at
    completed_at cancelled_at cancel_reason expiry_graces revivals version created_at updated_at`,
  order_lines: "shop_id order_id variant_id position product_name variant_name quantity unit_price_minor",
  order_events: "shop_id id order_id type actor_kind actor_id decision_key data at",
  payment_evidence: `
    shop_id id customer_id order_id object_id state sealed_for verdict judged_at decided_at decided_by received_at
    remind_at`,
  payment_entries: `
    shop_id id order_id evidence_id kind payment_method_id amount_minor currency effect_key recorded_by recorded_at`,
  gateway_payments: `
    shop_id id purpose owner_id attempt payment_method_id provider merchant_order_id state amount_minor currency
    expires_at next_check_at checks error_code paid_minor paid_at booked_at code owed_at created_at updated_at`,
  gateway_refunds: `
    shop_id id payment_id state amount_minor effect_key requested_by next_check_at checks error_code refused_at done_at
    booked_at created_at updated_at`,
  gateway_events: "shop_id payment_id received_at",
};

let database: TestDatabase;
let client: Client;
beforeAll(async () => {
  database = await createTestDatabase();
  client = new Client({ connectionString: database.urls.owner });
  await client.connect();
});
afterAll(async () => {
  await client.end();
  await database.drop();
});

type Column = { table: string; name: string; type: string };

async function listColumns(): Promise<Column[]> {
  const { rows } = await client.query<Column>(
    `select table_name as "table", column_name as name, data_type as type from information_schema.columns
     where table_schema = 'public' and table_name = any($1)`,
    [Object.keys(declaredPersonal)],
  );
  return rows;
}

async function findUndeclared(): Promise<string[]> {
  const columns = await listColumns();
  return columns
    .filter(({ table, name }) => {
      const declared = [
        ...(declaredPersonal[table] ?? []),
        ...(declaredPlain[table] ?? "").trim().split(/\s+/u),
      ];
      return !declared.includes(name);
    })
    .map(({ table, name }) => `${table}.${name}`);
}

test("P:ONA-11 M:MMSO-30 the tables of orders and payments hold the declared columns and no other", async () => {
  expect(await findUndeclared()).toEqual([]);
});

test("P:ONA-11 what is personal of an order is sealed bytes", async () => {
  const personal = (await listColumns()).filter(({ table, name }) => declaredPersonal[table]?.includes(name));
  expect(personal).toHaveLength(7);
  for (const { table, name, type } of personal) expect(type, `${table}.${name}`).toBe("bytea");
});

test("P:ONA-11 a migration that adds a personal column to an order is named", async () => {
  await client.query("alter table orders add column customer_email text");
  try {
    expect(await findUndeclared()).toEqual(["orders.customer_email"]);
  } finally {
    await client.query("alter table orders drop column customer_email");
  }
});

test("knows no source of name and phone but the customer's order and the owner", async () => {
  const { rows } = await client.query<{ table: string; definition: string }>(
    `select conrelid::regclass::text as "table", pg_get_constraintdef(oid) as definition from pg_constraint
     where contype = 'c' and pg_get_constraintdef(oid) like '%contact_source%' order by 1`,
  );
  expect(rows.map(({ table }) => table)).toEqual(["carts", "orders"]);
  for (const { definition } of rows) {
    expect([...definition.matchAll(/'(\w+)'/gu)].map(([, source]) => source)).toEqual([...contactSources]);
  }
});
