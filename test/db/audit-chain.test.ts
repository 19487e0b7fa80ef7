import { mkdtemp, readFile, rm, truncate } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { chainAudit } from "../../activities/upkeep/chain-audit.ts";
import { createAuditHeadFile } from "../../clients/audit-head-file.ts";
import { createLogger } from "../../clients/log.ts";
import { appendAudit } from "../../db/audit-events.ts";
import { openDatabase } from "../../db/connection.ts";
import type { Database } from "../../db/connection.ts";
import { beginPurge, sweepRun } from "../../db/system-retention.ts";
import { linkLog, listLogsToLink } from "../../db/system-audit.ts";
import { openSystemDatabase } from "../../db/system-database.ts";
import type { SystemDatabase } from "../../db/system-database.ts";
import { newId } from "../../domain/id.ts";
import type { ShopId } from "../../domain/id.ts";
import type { AuditHeads } from "../../domain/ports/audit-heads.ts";
import { verifyAudit } from "../../runtime/verify-audit.ts";
import { eventually } from "../support/eventually.ts";
import { fc, runs } from "../support/properties.ts";
import { createTestDatabase } from "../support/test-database.ts";
import type { TestDatabase } from "../support/test-database.ts";

const year = 365 * 24 * 60 * 60_000;
const now = new Date("2026-11-30T08:00:00Z");

let database: TestDatabase;
let owner: Client;
let db: Database;
let system: SystemDatabase;
let other: SystemDatabase;
let folder: string;
let file: string;
let heads: AuditHeads;
let shopId: ShopId;

beforeAll(async () => {
  database = await createTestDatabase();
  owner = new Client({ connectionString: database.urls.owner });
  await owner.connect();
  db = openDatabase({ url: database.urls.api, maxConnections: 6, name: "writer" });
  [system, other] = ["first", "second"].map((name) =>
    openSystemDatabase({ url: database.urls.system, maxConnections: 2, name }),
  ) as [SystemDatabase, SystemDatabase];
  folder = await mkdtemp(join(tmpdir(), "shopthread-heads-"));
});
afterAll(async () => {
  await Promise.all([db.close(), system.close(), other.close(), owner.end()]);
  await database.drop();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(() => {
  shopId = newId<ShopId>();
  file = join(folder, shopId, "heads.jsonl");
  heads = createAuditHeadFile(file);
});

async function write(count: number, at = now, of = shopId): Promise<void> {
  await db.withShop(of, async (trx) => {
    for (let index = 0; index < count; index += 1)
      await appendAudit(trx, {
        shopId: of,
        actorKind: "owner",
        actorId: null,
        action: "order.viewed",
        resourceId: newId<string>(),
        data: { count: index, of: "x", isFirst: index === 0 },
        now: at,
      });
  });
}

const chain = (at = now, of = system) =>
  chainAudit({
    system: of,
    clock: { now: () => at },
    log: createLogger("test", { level: "silent" }),
    auditHeads: heads,
  });

async function verify(given: { heads?: AuditHeads; at?: Date } = {}) {
  const known = await (given.heads ?? heads).read();
  const found = [];
  for await (const log of verifyAudit(system, { shopId, heads: known, now: given.at ?? now }))
    found.push(log);
  return found.map(({ sequence, broken }) =>
    broken === undefined ? sequence : `${broken.reason} ${broken.sequence}`,
  );
}

/** As whoever owns the database could. */
async function tamper(statement: string, values: unknown[] = [shopId]): Promise<void> {
  await owner.query("set session_replication_role = replica");
  const { rowCount } = await owner.query(statement, values);
  await owner.query("set session_replication_role = default");
  expect(rowCount).toBeGreaterThan(0);
}

async function numbers(): Promise<number[]> {
  const { rows } = await owner.query<{ sequence: string | null }>(
    "select sequence from audit_events where shop_id = $1 order by sequence",
    [shopId],
  );
  return rows.map(({ sequence }) => Number(sequence ?? -1));
}

const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

describe("the chain of a log", () => {
  test("holds, entry by entry, and each shop's stands alone", async () => {
    const neighbour = newId<ShopId>();
    await write(3);
    await write(2, now, neighbour);
    await chain();
    await write(2);
    await chain();
    expect(await numbers()).toEqual(upTo(5));
    expect(await verify()).toEqual([5]);
    expect(await listLogsToLink(system, 10)).toEqual([]);
  });

  test("has a later place for what was begun earlier and committed later, and leaves nothing out", async () => {
    let commit = () => {};
    const waits = new Promise<void>((resolve) => (commit = resolve));
    const late = newId<string>();
    let isWritten = () => {};
    const written = new Promise<void>((resolve) => (isWritten = resolve));
    const slow = db.withShop(shopId, async (trx) => {
      const event = { shopId, actorKind: "owner" as const, actorId: null, action: "order.changed" };
      await appendAudit(trx, { ...event, resourceId: late, now: new Date(now.getTime() - 60_000) });
      isWritten();
      await waits;
    });
    await written;
    await write(3);
    await chain();
    expect(await numbers()).toEqual(upTo(3));
    commit();
    await slow;
    await chain();
    const { rows } = await owner.query("select sequence from audit_events where resource_id = $1", [late]);
    expect(rows).toEqual([{ sequence: "4" }]);
    expect(await verify()).toEqual([4]);
  });

  test("is whole and without a gap whoever writes and however many link at once", async () => {
    const bursts = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 2, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(bursts, async (counts) => {
        shopId = newId<ShopId>();
        const chainers = [system, other, system].map(async (of) => {
          for (let look = 0; look < 4; look += 1) await linkLog(of, { shopId, limit: 3 });
        });
        await Promise.all([...counts.map((count) => write(count)), ...chainers]);
        const total = counts.reduce((sum, count) => sum + count, 0);
        await chain();
        expect(await numbers()).toEqual(upTo(total));
        expect(await verify()).toEqual([total]);
      }),
      { numRuns: runs(15) },
    );
  });

  test("goes on after a chainer that was killed in the middle", async () => {
    await write(4);
    const blocker = new Client({ connectionString: database.urls.owner });
    await blocker.connect();
    await blocker.query("begin");
    await blocker.query("select from audit_events where shop_id = $1 order by id desc limit 1 for update", [
      shopId,
    ]);
    const linking = linkLog(other, { shopId, limit: 10 }).catch((error: unknown) => error);
    const waiting = "from pg_stat_activity where application_name = 'second' and wait_event_type = 'Lock'";
    await eventually("it waits for the row", async () => {
      return (await owner.query(`select 1 ${waiting}`)).rowCount === 1;
    });
    // Beside one that works, another one links nothing.
    expect(await linkLog(system, { shopId, limit: 10 })).toBe(0);
    await owner.query(`select pg_terminate_backend(pid) ${waiting}`);
    expect(await linking).toBeInstanceOf(Error);
    await blocker.query("rollback");
    await blocker.end();
    expect(await numbers()).toEqual([-1, -1, -1, -1]);
    await chain();
    expect(await verify()).toEqual([4]);
  });
});

describe("a chain that somebody has touched is found, at the first place", () => {
  beforeEach(async () => {
    await write(6);
    await chain();
    expect(await verify()).toEqual([6]);
  });

  const one = "where shop_id = $1 and sequence";
  const tampered: [string, string, string][] = [
    ["a changed action", `update audit_events set action = 'order.changed' ${one} = 3`, "changed 3"],
    [
      "a changed time, by a microsecond",
      `update audit_events set at = at + interval '1us' ${one} = 4`,
      "changed 4",
    ],
    ["changed data", `update audit_events set data = data || '{"count": 9}' ${one} = 5`, "changed 5"],
    ["a changed actor", `update audit_events set actor_id = shop_id ${one} = 1`, "changed 1"],
    ["a removed entry", `delete from audit_events ${one} = 2`, "removed 3"],
    ["a tail that is gone", `delete from audit_events ${one} > 4`, "truncated 5"],
    [
      "two entries that changed places",
      `update audit_events e set sequence = o.sequence, previous_hash = o.previous_hash, hash = o.hash
        from audit_events o where e.shop_id = $1 and o.shop_id = $1 and e.sequence in (3, 4)
        and o.sequence = 7 - e.sequence`,
      "changed 3",
    ],
    [
      "an entry that took the place of a removed one",
      `with gone as (delete from audit_events ${one} = 2 returning 1)
        update audit_events set sequence = sequence - 1 ${one} > 2`,
      "reordered 2",
    ],
    ["another head", `update audit_chains set last_hash = sha256('x') where shop_id = $1`, "head_differs 6"],
  ];
  test.each(tampered)("%s", async (_, statement, found) => {
    await owner.query("drop index audit_events_sequence");
    await tamper(statement);
    expect(await verify()).toEqual([found]);
    await owner.query("delete from audit_chains where shop_id = $1", [shopId]);
    await tamper("delete from audit_events where shop_id = $1");
    await owner.query(
      "create unique index audit_events_sequence on audit_events (shop_id, sequence) where sequence is not null",
    );
  });

  const nothingOutside: AuditHeads = { append: () => Promise.resolve(), read: () => Promise.resolve([]) };

  test("a tail that is gone together with the head, by the head that was written outside", async () => {
    await tamper("delete from audit_events where shop_id = $1 and sequence > 4");
    await tamper(
      `update audit_chains c set last_sequence = 4, last_hash = e.hash from audit_events e
        where c.shop_id = $1 and e.shop_id = $1 and e.sequence = 4`,
    );
    expect(await verify({ heads: nothingOutside })).toEqual([4]);
    expect(await verify()).toEqual(["truncated 5"]);
  });

  test("a chain that was linked anew from a changed entry on, by the same", async () => {
    await tamper("update audit_events set action = 'order.changed' where shop_id = $1 and sequence = 2");
    await tamper(
      "update audit_events set sequence = null, previous_hash = null, hash = null where shop_id = $1",
    );
    await tamper("delete from audit_chains where shop_id = $1");
    await linkLog(system, { shopId, limit: 10 });
    expect(await verify({ heads: nothingOutside })).toEqual([6]);
    expect(await verify()).toEqual(["rewritten 6"]);
  });

  test("a log that is gone as a whole, with its chain or without", async () => {
    await tamper("delete from audit_chains where shop_id = $1");
    expect(await verify({ heads: nothingOutside })).toEqual(["head_differs 0"]);
    await tamper("delete from audit_events where shop_id = $1");
    expect(await verify()).toEqual(["truncated 1"]);
  });

  test("what was cut off before its time", async () => {
    await tamper(`update audit_chains c set anchor_sequence = 6, anchor_hash = last_hash where shop_id = $1`);
    await tamper("delete from audit_events where shop_id = $1");
    expect(await verify({ heads: nothingOutside })).toEqual([6]);
    expect(await verify()).toEqual(["cut_early 6"]);
  });
});

describe("an entry", () => {
  test("is changed and removed by no login of ours, linked or not", async () => {
    await write(2);
    await linkLog(system, { shopId, limit: 1 });
    for (const role of ["api", "worker", "admin", "system"] as const) {
      const client = new Client({ connectionString: database.urls[role] });
      await client.connect();
      await client.query("select set_config('app.shop_id', $1, false)", [shopId]);
      const where = "where shop_id = $1";
      for (const statement of [
        `update audit_events set action = 'x' ${where}`,
        `update audit_events set hash = sha256('x') ${where} and sequence is not null`,
        `delete from audit_events ${where}`,
        "truncate audit_events",
        `insert into audit_events (shop_id, id, at, actor_kind, action, sequence, hash, previous_hash)
          values ($1, gen_random_uuid(), now(), 'owner', 'x', 7, '', '')`,
        `update audit_chains set last_sequence = 0, anchor_sequence = 0 ${where}`,
      ]) {
        const done = client.query(statement, statement.includes("$1") ? [shopId] : []);
        await expect(done, `${role}: ${statement}`).rejects.toThrow(
          /permission denied|stays as it is|only grows/,
        );
      }
      await client.end();
    }
  });

  async function insertShop(): Promise<void> {
    await owner.query(
      `insert into shops (id, name, country, currency, time_zone, languages, agent_name, policies, order_timings,
        conversation_timings, created_at)
        values ($1, 'Shop', 'MM', 'MMK', 'Asia/Yangon', '{my}', 'Aye', '{}', '{}', '{}', now())`,
      [shopId],
    );
  }

  /** The daily run, in pages of three. */
  async function purge(): Promise<void> {
    const runId = await beginPurge(system, now);
    while ((await sweepRun(system, { runId, limit: 3 })).state === "more");
  }

  test("goes after seven years, with an anchor and a word about it, and the rest still holds", async () => {
    const past = new Date(now.getTime() - 8 * year);
    await insertShop();
    await write(4, past);
    await chain(past);
    await write(2);
    await write(1, past); // written late, with an old time: it waits for its turn
    await chain(new Date(now.getTime() + 1));
    await write(1, past); // it has no place yet
    await purge();
    await purge();
    await chain();
    expect(await numbers()).toEqual([5, 6, 7, 8, 9, 10]);
    expect(await verify()).toEqual([10]);
    const { rows } = await owner.query(
      "select data from audit_events where shop_id = $1 and action = 'audit.cut' order by sequence",
      [shopId],
    );
    expect(rows).toEqual([{ data: { upTo: 3, removed: 3 } }, { data: { upTo: 4, removed: 1 } }]);
    await tamper("update audit_chains set anchor_hash = sha256('x') where shop_id = $1");
    expect(await verify()).toEqual(["rewritten 4"]);
  });
});

describe("heads outside", () => {
  test("are written when they moved, once an hour, and again where a crash lost the mark", async () => {
    await write(1);
    await chain();
    await write(1);
    await chain(new Date(now.getTime() + 59 * 60_000));
    const lines = async () => (await heads.read()).filter((head) => head.shopId === shopId);
    expect((await lines()).map(({ sequence }) => sequence)).toEqual([1]);
    await chain(new Date(now.getTime() + 61 * 60_000));
    expect((await lines()).map(({ sequence }) => sequence)).toEqual([1, 2]);
    await owner.query(
      "update audit_chains set exported_sequence = 1, exported_at = null where shop_id = $1",
      [shopId],
    );
    // The crash came in the middle of a line.
    await truncate(file, (await readFile(file)).length - 20);
    await chain();
    expect((await lines()).map(({ sequence }) => sequence)).toEqual([1, 2]);
    expect(await verify()).toEqual([2]);
  });
});
