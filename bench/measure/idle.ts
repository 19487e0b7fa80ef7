import { setTimeout as wait } from "node:timers/promises";

import type { BenchSystem } from "../system/bench-system.ts";
import { countOpenWorkflows } from "./history.ts";
import { cpuSeconds, difference, memoryMib } from "./processes.ts";

export type Idle = {
  conversations: number;
  openWorkflows: { before: number; after: number };
  workerMib: { before: number; after: number };
  /** Processor time while nobody writes, in seconds an hour, by process. */
  cpuPerHour: Record<string, number>;
};

/** Conversations that once talked: their rows alone, as an idle end leaves them. */
export async function measureIdle(system: BenchSystem, conversations: number): Promise<Idle> {
  const before = await look(system);
  await insertIdle(system, conversations);
  const restMs = 15_000; // three rounds of the sweeper
  const cpuBefore = cpuSeconds(system.pids());
  await wait(restMs);
  const cpu = difference(cpuSeconds(system.pids()), cpuBefore);
  const after = await look(system);
  const perHour = Object.entries(cpu).map(([name, seconds]) => [name, (seconds * 3_600_000) / restMs]);
  return {
    conversations,
    openWorkflows: { before: before.open, after: after.open },
    workerMib: { before: before.workerMib, after: after.workerMib },
    cpuPerHour: Object.fromEntries(perHour) as Record<string, number>,
  };
}

async function look({ core, pids }: BenchSystem): Promise<{ open: number; workerMib: number }> {
  return { open: await countOpenWorkflows(core), workerMib: memoryMib(pids())["worker"] ?? 0 };
}

/** Copies of the first conversation's rows; nobody will ever read their sealed fields. */
async function insertIdle({ owner, shops }: BenchSystem, count: number): Promise<void> {
  const shopId = shops[0]?.shopId;
  await owner.query("begin");
  await owner.query(
    `create temporary table idle on commit drop as
     select gen_random_uuid() as id, c.page_id, c.psid, d.language from generate_series(1, $2::int),
       (select * from customers where shop_id = $1 limit 1) c
       join conversations d on d.shop_id = c.shop_id and d.customer_id = c.id`,
    [shopId, count],
  );
  await owner.query(
    "insert into subjects (shop_id, id, kind, created_at) select $1, id, 'customer', now() from idle",
    [shopId],
  );
  await owner.query(
    `insert into customers (shop_id, id, page_id, psid_index, psid, created_at)
     select $1, id, page_id, decode(replace(id::text, '-', ''), 'hex'), psid, now() from idle`,
    [shopId],
  );
  await owner.query(
    `insert into conversations (shop_id, customer_id, page_id, language, created_at)
     select $1, id, page_id, language, now() from idle`,
    [shopId],
  );
  await owner.query("commit");
}
