import { afterAll, beforeAll, expect, test } from "vitest";

import { grantCredits, reserveCredits, settleCredits } from "../../db/credits.ts";
import { tableInventory } from "../../db/inventory/index.ts";
import { newId } from "../../domain/id.ts";
import type { TurnId } from "../../domain/id.ts";
import { shopSubject } from "../../domain/shop/shop-subject.ts";
import { createOwnerWorld } from "../api/owner-world.ts";
import type { OwnerWorld, Tenant } from "../api/owner-world.ts";
import { build, download } from "./package-world.ts";
import type { Archive } from "./package-world.ts";

const day = 24 * 60 * 60_000;
const orders = 6;
const turns = 30;

let world: OwnerWorld;
let tenant: Tenant;
let archive: Archive;

/** A month: an answer a day, each of which costs credits, and an order every fifth day, paid but for the last. */
beforeAll(async () => {
  world = await createOwnerWorld();
  tenant = await world.addTenant();
  const { shopId } = tenant;
  const customer = await world.addCustomer(tenant);
  const start = Date.now() - 30 * day;
  const at = (days: number) => new Date(start + days * day);
  const trial = { shopId, kind: "top_up" as const, credits: 2_000, expiresAt: null, effectKey: "paid" };
  await world.worker.withShop(shopId, (trx) => grantCredits(trx, { ...trial, now: at(0) }));
  for (let number = 1; number <= turns; number += 1) {
    const [turnId, now] = [newId<TurnId>(), at(number)];
    await world.owner.query(
      `insert into turns (shop_id, id, customer_id, seq, state, claimed_at, stored_at, outcome, input_tokens)
       values ($1, $2, $3, $4, 'stored', $5, $5, 'answered', 100)`,
      [shopId, turnId, customer.customerId, number, now],
    );
    await world.worker.withShop(shopId, async (trx) => {
      await reserveCredits(trx, { shopId, turnId, upperBound: 20, isRetry: false, willAskAgain: false, now });
      const charge = { credits: number % 7, costMicroUsd: 1_000, rateVersion: 1 };
      await settleCredits(trx, { shopId, turnId, charge, now });
    });
  }
  for (let number = 1; number <= orders; number += 1) {
    const isPaid = number < orders;
    const set = isPaid ? { received_minor: 11_000, payment_state: "paid" as const } : {};
    const { orderId, paymentMethodId } = await world.addOrder(customer, { set });
    if (!isPaid) continue;
    await world.owner.query(
      `insert into payment_entries (shop_id, id, order_id, kind, payment_method_id, amount_minor, currency, effect_key, recorded_at)
       values ($1, gen_random_uuid(), $2, 'payment', $3, 11000, 'MMK', $4, $5)`,
      [shopId, orderId, paymentMethodId, `${orderId}:paid`, at(number * 5)],
    );
  }
  const asked = { shopId, subjectId: shopSubject(shopId), kind: "portability" as const };
  archive = await download(world, (await build(world, asked)).code);
}, 60_000);
afterAll(() => world.close());

function rowsOf(table: string): Record<string, unknown>[] {
  return JSON.parse(archive.get(`shop-${tenant.shopId}/${table}.json`) ?? "").rows as Record<
    string,
    unknown
  >[];
}

function sum(rows: Record<string, unknown>[], column: string): number {
  return rows.reduce((total, row) => total + Number(row[column]), 0);
}

test("P:ONA-08 answers, credits, sales and orders of a month are in the owner's copy, and their sums are the ledgers'", async () => {
  const used = Array.from({ length: turns }, (_, index) => (index + 1) % 7).reduce(
    (total, one) => total + one,
    0,
  );
  expect(rowsOf("turns")).toHaveLength(turns);
  expect(sum(rowsOf("credit_reservations"), "charged")).toBe(used);
  const { rows } = await world.owner.query<{ available: number }>(
    "select sum(available)::int as available from credit_grants where shop_id = $1",
    [tenant.shopId],
  );
  expect(sum(rowsOf("credit_grants"), "available")).toBe(rows[0]?.available);
  const inGrants = rowsOf("credit_lines").filter(({ account }) => account === "available");
  expect(sum(inGrants, "credits")).toBe(rows[0]?.available);
  expect(rowsOf("orders")).toHaveLength(orders);
  expect(sum(rowsOf("payment_entries"), "amount_minor")).toBe(55_000);
  expect(sum(rowsOf("orders"), "received_minor")).toBe(55_000);
});

test("P:ONA-08 each of these has its owner, purposes and class in the inventory", () => {
  for (const table of ["turns", "credit_lines", "payment_entries", "orders"] as const) {
    const { of, purposes, class: retentionClass } = tableInventory[table];
    expect(Object.keys(of)).not.toEqual([]);
    expect(purposes.length).toBeGreaterThan(0);
    expect(retentionClass).not.toBe("platform");
  }
});
