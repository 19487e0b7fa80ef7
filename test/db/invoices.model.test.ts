import { afterAll, beforeAll, expect, test } from "vitest";

import { issueCreditNote } from "../../activities/invoice/issue-invoice.ts";
import { applyPayment } from "../../activities/upgrade/apply-payment.ts";
import { openDatabase } from "../../db/connection.ts";
import type { Database } from "../../db/connection.ts";
import { lockSubscription } from "../../db/subscriptions.ts";
import { lockUpgradeRequest } from "../../db/upgrade-requests.ts";
import type { UpgradeRef } from "../../db/upgrade-requests.ts";
import { newId } from "../../domain/id.ts";
import type { AccountId, ShopId, UpgradeRequestId } from "../../domain/id.ts";
import { defaultUpgradeTimings } from "../../domain/subscription/timings.ts";
import { createApiWorld } from "../api/api-world.ts";
import type { ApiWorld } from "../api/api-world.ts";
import { fc, runs } from "../support/properties.ts";

const shopCount = 12;
const requestCount = 100;
const atOnce = 24;

let world: ApiWorld;
let worker: Database;
let shops: ShopId[];
let payer: AccountId;
beforeAll(async () => {
  world = await createApiWorld([]);
  worker = openDatabase({ url: world.database.urls.worker, maxConnections: 12, name: "test" });
  shops = [];
  for (let shop = 0; shop < shopCount; shop += 1) shops.push((await world.addShop()).shopId);
  ({ accountId: payer } = await world.addAccount());
});
afterAll(async () => {
  await worker.close();
  await world.close();
});

/** Requests of all shops in turn, every third for credits; as they are once an admin's word is written. */
async function addRequests(): Promise<UpgradeRef[]> {
  const refs = Array.from({ length: requestCount }, (_, index) => ({
    shopId: shops[index % shopCount] as ShopId,
    requestId: newId<UpgradeRequestId>(),
  }));
  const ids = [refs.map(({ shopId }) => shopId), refs.map(({ requestId }) => requestId)];
  await world.owner.query(
    "insert into subjects (shop_id, id, kind, created_at) select s, r, 'upgrade', now() from unnest($1::uuid[], $2::uuid[]) as t (s, r)",
    ids,
  );
  await world.owner.query(
    `insert into upgrade_requests (shop_id, id, plan_code, plan_version, top_up_code, top_up_version, amount_minor,
        currency, state, timings, needs_second_approval, requested_by, created_at)
      select s, r, case when n % 3 > 0 then 'starter' end, case when n % 3 > 0 then 1 end,
        case when n % 3 = 0 then 'small' end, case when n % 3 = 0 then 1 end, 1000 + n, 'MMK', 'approved', $3, false, $4, now()
      from unnest($1::uuid[], $2::uuid[]) with ordinality as t (s, r, n)`,
    [...ids, defaultUpgradeTimings, payer],
  );
  return refs;
}

type Step = { index: number; word: "approve" | "reverse"; isUndone: boolean };

const invoicing = { seller: { name: "Shopthread", address: null, registration: null }, tax: null };

/** As the activities do it; a transaction that is undone has done all of it. */
async function carryOut(refs: UpgradeRef[], { index, word, isUndone }: Step): Promise<void> {
  const ref = refs[index % requestCount];
  if (ref === undefined) return;
  const now = new Date();
  const done = worker.withShop(ref.shopId, async (trx) => {
    if (word === "approve") {
      const request = await lockUpgradeRequest(trx, ref);
      await applyPayment(trx, { request, invoicing, now });
    } else {
      await lockSubscription(trx, ref);
      await issueCreditNote(trx, { ...ref, now });
    }
    if (isUndone) throw new Undone();
  });
  await done.catch((error: unknown) => {
    if (!(error instanceof Undone)) throw error;
  });
}

/** One of many who take the next step as soon as they are done with theirs. */
async function carryOutAll(refs: UpgradeRef[], waiting: Iterable<Step>): Promise<void> {
  for (const step of waiting) await carryOut(refs, step);
}

class Undone extends Error {}

/** What stands in the books of all shops. */
async function books() {
  const { rows } = await world.owner.query<{ kind: string; number: string; request: string }>(
    "select kind, number, request_id as request from invoices order by kind, number",
  );
  const { rows: payments } = await world.owner.query<{ request: string }>(
    "select request_id as request from plan_payments union all select request_id from top_up_payments",
  );
  const of = (kind: string) => rows.filter((row) => row.kind === kind);
  return { invoices: of("invoice"), notes: of("credit_note"), payments };
}

test("numbers have no gap and no double, and each payment has one invoice, whoever comes at once and whatever is undone", async () => {
  const indices = Array.from({ length: requestCount }, (_, index) => index);
  const approvals = indices.map((index): Step => ({ index, word: "approve", isUndone: false }));
  const more = fc.record({
    index: fc.constantFrom(...indices),
    word: fc.constantFrom<Step["word"][]>("approve", "reverse"),
    isUndone: fc.boolean(),
  });
  const steps = fc
    .array(more, { minLength: 80, maxLength: 80 })
    .chain((others) => fc.shuffledSubarray([...approvals, ...others], { minLength: requestCount + 80 }));
  await fc.assert(
    fc.asyncProperty(steps, async (steps) => {
      const refs = await addRequests();
      const waiting = steps.values();
      await Promise.all(Array.from({ length: atOnce }, () => carryOutAll(refs, waiting)));
      const { invoices, notes, payments } = await books();
      const year = invoices[0]?.number.slice(4, 8);
      const counted = (prefix: string, { length }: unknown[]) =>
        Array.from({ length }, (_, index) => `${prefix}-${year}-${String(index + 1).padStart(6, "0")}`);
      expect(invoices.map(({ number }) => number)).toEqual(counted("INV", invoices));
      expect(notes.map(({ number }) => number)).toEqual(counted("CN", notes));
      const billed = invoices.map(({ request }) => request);
      expect(billed.toSorted()).toEqual(payments.map(({ request }) => request).toSorted());
      const returned = notes.map(({ request }) => request);
      expect(new Set(returned).size).toBe(returned.length);
      expect(returned.filter((request) => !billed.includes(request))).toEqual([]);
    }),
    { numRuns: runs(2), endOnFailure: true },
  );
  const { invoices, notes } = await books();
  expect(invoices.length).toBeGreaterThanOrEqual(2 * requestCount);
  expect(notes.length).toBeGreaterThan(5);
}, 120_000);
