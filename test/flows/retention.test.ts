import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

import type { RetentionRunId } from "../../domain/id.ts";
import { newId } from "../../domain/id.ts";
import { dayMs } from "../../domain/privacy/purge-rules.ts";
import { openDryRun } from "../../db/system-retention.ts";
import { retentionWorkflow } from "../../workflows/retention.contract.ts";
import type { EndedRetention } from "../../workflows/retention.contract.ts";
import { retentionRows } from "../db/retention-world.ts";
import { eventually } from "../support/eventually.ts";
import { ActivityFailures } from "../support/fail-activities.ts";
import type { Death } from "../support/fail-activities.ts";
import { openTestShop, startHouse } from "../support/house.ts";
import type { House, TestShop } from "../support/house.ts";
import { rowsOf } from "../support/outside.ts";
import { Customer } from "../support/people.ts";
import { Client } from "pg";

const failures = new ActivityFailures((step) => step.startsWith("retention."));
const time = { aheadMs: 0 };
let house: House;
let owner: Client;
let rows: ReturnType<typeof retentionRows>;
beforeAll(async () => {
  house = await startHouse({
    clock: { now: () => new Date(Date.now() + time.aheadMs) },
    worker: {
      interceptors: failures.interceptors,
      deps: { atStep: failures.atStep, purge: { recordsAPage: 2, pagesASlice: 30 } },
    },
  });
  owner = new Client({ connectionString: house.database.urls.owner });
  await owner.connect();
  rows = retentionRows(owner);
});
afterAll(async () => {
  await owner.end();
  await house.close();
});
beforeEach(() => failures.arm("", null));

/** What the schedule does every day. */
function runRetention(): Promise<EndedRetention> {
  const { client } = house.core.temporal;
  return client.workflow.execute(retentionWorkflow, {
    workflowId: `retention-${crypto.randomUUID()}`,
    taskQueue: `${house.temporal.taskQueue}-bulk`,
    args: [],
  });
}

const ago = (days: number) => new Date(Date.now() + time.aheadMs - days * dayMs);

async function addOldMessages(shop: TestShop, count: number): Promise<string> {
  const customerId = newId<string>();
  await owner.query("insert into subjects (shop_id, id, kind, created_at) values ($1, $2, 'customer', $3)", [
    shop.shopId,
    customerId,
    ago(400),
  ]);
  await owner.query(
    `insert into customers (shop_id, id, page_id, psid_index, psid, created_at) values ($1, $2::uuid, $3, uuid_send($2::uuid), 'p', $4)`,
    [shop.shopId, customerId, shop.pageId, ago(400)],
  );
  await owner.query(
    `insert into conversations (shop_id, customer_id, page_id, language, created_at) values ($1, $2, $3, 'my', $4)`,
    [shop.shopId, customerId, shop.pageId, ago(400)],
  );
  const ref = { shopId: shop.shopId, customerId: customerId as never };
  for (let index = 0; index < count; index += 1) await rows.addMessage(ref, ago(200 + index));
  return customerId;
}

const left = (customerId: string) => rows.count("messages", "customer_id = $1", [customerId]);

/** The last run that is over, with what it counted. */
async function lastProof() {
  const [run] = await rowsOf<{ id: string; state: string; counted: number; removed: number; runs: number }>(
    house,
    `select r.id, r.state, sum(e.counted)::int as counted, sum(e.removed)::int as removed,
        (select count(*)::int from retention_runs) as runs
      from retention_runs r join retention_results e on e.run_id = r.id and e.rule = 'messages'
      group by r.id order by r.id desc limit 1`,
    [],
  );
  return run;
}

describe("the daily run", () => {
  const matrix: Death[] = [
    { kind: "every", when: ["before"] },
    { kind: "every", when: ["after"] },
    { kind: "every", when: ["inside"] },
    {
      kind: "one",
      at: [
        { label: "retention.page_committed#3", when: "inside" },
        { label: "sweepRetention", when: "before" },
      ],
    },
  ];

  test.each(matrix)("loses nothing and counts nothing twice when it dies %j", async (death) => {
    const shop = await openTestShop(house);
    const customerId = await addOldMessages(shop, 5);
    const before = (await lastProof())?.runs ?? 0;
    failures.arm("", death);
    await runRetention();
    expect(failures.struckAt("").length).toBeGreaterThan(0);
    expect(await left(customerId)).toBe(0);
    expect(await lastProof()).toMatchObject({ state: "done", counted: 5, removed: 5, runs: before + 1 });
  });

  test("goes on with the run that a lost worker left, as of now", async () => {
    const shop = await openTestShop(house);
    const first = await addOldMessages(shop, 3);
    const abandoned = newId<RetentionRunId>();
    await owner.query(
      "insert into retention_runs (id, kind, state, at, started_at) values ($1, 'purge', 'running', $2, $2)",
      [abandoned, ago(3)],
    );
    await owner.query(
      `insert into retention_results (run_id, phase, rule, cut_off, hash, is_done)
        values ($1, 'remove', 'messages', $2, '', true)`,
      [abandoned, ago(183)],
    );
    await runRetention();
    expect(await left(first)).toBe(0);
    expect(await lastProof()).toMatchObject({ id: abandoned, state: "done", removed: 3 });
  });
});

test("a run that was asked for while Temporal was away is begun from its row", async () => {
  const admin = await rowsOf<{ id: string }>(house, "select id from accounts limit 1", []);
  const id = newId<RetentionRunId>();
  await openDryRun(house.core.system, { id, startedBy: (admin[0]?.id ?? "") as never, now: new Date() });
  await house.restartWorker({ deps: { purge: { recordsAPage: 1_000, pagesASlice: 30 } } });
  await eventually("reconcile has begun it and it is through", async () => {
    const [run] = await rowsOf<{ state: string }>(house, "select state from retention_runs where id = $1", [
      id,
    ]);
    return run?.state === "done";
  });
});

test("half a year after the last word nothing of a chat can be read: no row, no picture, no key, and whoever comes again is new", async () => {
  const shop = await openTestShop(house);
  const customer = new Customer(house, shop);
  await customer.say("Do you have shirts?");
  await customer.hearsText(/./);
  await customer.sendSlip({
    amountMinor: 1,
    currency: "MMK",
    reference: "OLD 1",
    paidAt: new Date().toISOString(),
  });
  const idOf = async () => {
    const known = await rowsOf<{ id: string }>(
      house,
      "select id from customers where shop_id = $1 order by id",
      [shop.shopId],
    );
    return known.map(({ id }) => id);
  };
  const [before = ""] = await idOf();
  await eventually(
    "the picture is stored",
    async () => (await rows.count("objects", "subject_id = $1", [before])) > 0,
  );
  // No order waits for it, and its owner has refused it.
  await eventually(
    "it is evidence",
    async () => (await rows.count("payment_evidence", "customer_id = $1", [before])) > 0,
  );
  await owner.query(
    "update payment_evidence set state = 'refused', decided_at = now() where customer_id = $1",
    [before],
  );
  const bytesOf = async () => (await readdir(join(house.home, "objects"), { recursive: true })).length;
  const stored = await bytesOf();
  const dailyFor = async (days: number) => {
    time.aheadMs = days * dayMs;
    await runRetention();
  };
  await dailyFor(179);
  expect(await left(before)).toBeGreaterThan(1);
  await dailyFor(181);
  await dailyFor(182);
  for (const [table, column] of Object.entries({
    messages: "customer_id",
    intake: "customer_id",
    turns: "customer_id",
    outbox: "customer_id",
    objects: "subject_id",
    payment_evidence: "customer_id",
    conversations: "customer_id",
    customers: "id",
    subject_keys: "subject_id",
    subjects: "id",
  }))
    expect({ [table]: await rows.count(table, `${column} = $1`, [before]) }).toEqual({ [table]: 0 });
  await eventually("the bytes are gone", async () => (await bytesOf()) < stored);
  await customer.say("Hello again");
  await eventually("they are known as somebody new", async () => (await idOf()).length === 1);
  expect(await idOf()).not.toContain(before);
});
