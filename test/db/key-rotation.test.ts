import { mkdtemp, readFile, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Pool } from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { createKeyring } from "../../clients/keyring.ts";
import { createKeyRotator } from "../../clients/key-rotator.ts";
import { openDatabase } from "../../db/connection.ts";
import type { Database } from "../../db/connection.ts";
import { openKeyRows } from "../../db/key-rows.ts";
import type { KeyRowStore } from "../../db/key-rows.ts";
import { insertSubjects } from "../../db/subjects.ts";
import { newId } from "../../domain/id.ts";
import type { ShopId, SubjectId } from "../../domain/id.ts";
import type { EpochRows, KeyRotator, Keyring } from "../../domain/ports/keyring.ts";
import type { NewKey } from "../../domain/sealing.ts";
import { startOverWhenEpochCloses } from "../../domain/start-over.ts";
import { fc, runs } from "../support/properties.ts";
import { createTestDatabase } from "../support/test-database.ts";
import type { TestDatabase } from "../support/test-database.ts";

const shopId = newId<ShopId>();
const now = new Date("2026-11-29T02:00:00Z");

let database: TestDatabase;
let db: Database;
let rows: KeyRowStore;
let owner: Pool;
let folder: string;
let keyring: Keyring;
let rotator: KeyRotator;
beforeAll(async () => {
  database = await createTestDatabase();
  db = openDatabase({ url: database.urls.api, maxConnections: 4, name: "test" });
  rows = openKeyRows({ url: database.urls.keyring, maxConnections: 4, name: "test" });
  owner = new Pool({ connectionString: database.urls.owner, max: 4 });
  owner.on("error", () => undefined); // dropping the database ends what is idle
});
afterAll(async () => {
  await Promise.all([db.close(), rows.close(), owner.end()]);
  await database.drop();
});

beforeEach(begin);

/** An empty table, epoch 1, a keyring of its own. */
async function begin(): Promise<void> {
  await owner.query(`delete from subject_keys; delete from subjects; delete from key_epochs;
    insert into key_epochs (id, state, opened_at) values (1, 'open', now())`);
  folder = await mkdtemp(join(tmpdir(), "rotation-"));
  keyring = await createKeyring({ folder, rows, filesTtlMs: 0 });
  rotator = createKeyRotator({ folder, rows: rows.epochs });
  return undefined;
}

type Person = { id: SubjectId; key: Buffer };

/** As sign-up and intake do it: keys first, then the row; `between` is where a rotation comes in. */
async function signUp(between: () => Promise<unknown> = () => Promise.resolve()): Promise<Person> {
  const id = newId<SubjectId>();
  return startOverWhenEpochCloses(async () => {
    const [made] = await keyring.makeKeys([{ shopId, subjectId: id, purpose: "chat" }]);
    if (made === undefined) throw new TypeError("no key was made");
    await between();
    await insert(id, made.row);
    return { id, key: made.dataKey.key };
  });
}

function insert(id: SubjectId, key: NewKey): Promise<void> {
  const subjects = [{ id, kind: "customer" as const }];
  return db.withShop(shopId, (trx) => insertSubjects(trx, { shopId, subjects, keys: [key], now }));
}

async function readKey(id: SubjectId): Promise<Buffer | undefined> {
  return (await keyring.unwrap({ refs: [{ shopId, subjectId: id, purpose: "chat" }], ids: [] }))[0]?.key;
}

async function rotate(): Promise<number> {
  const epoch = await rotator.closeEpoch(now);
  await emptyOut(epoch);
  await rotator.destroyEpoch(epoch, now);
  return epoch;
}

async function emptyOut(epoch: number): Promise<void> {
  for (let after: string | null = null; ;) {
    const { last } = await rotator.rewrapKeys({ epoch, after, limit: 2 });
    if (last === null) return;
    after = last;
  }
}

async function epochs(): Promise<string[]> {
  const { rows: found } = await owner.query("select id, state from key_epochs order by id");
  return found.map(({ id, state }) => `${id} ${state}`);
}

describe("the change of the epoch key", () => {
  test("keeps everybody's key, and nothing of the old epoch opens any more", async () => {
    const people = [await signUp(), await signUp(), await signUp()];
    const { rows: old } = await owner.query<{ epoch: number; wrapped: Buffer }>("select * from subject_keys");
    const epochKey = await readFile(join(folder, "epoch-1.key"));
    const epoch = await rotator.closeEpoch(now);
    people.push(await signUp()); // from here on the keyring holds both epochs
    await emptyOut(epoch);
    await rotator.destroyEpoch(epoch, now);
    for (const { id, key } of people) expect(await readKey(id)).toEqual(key);
    expect(await epochs()).toEqual(["1 destroyed", "2 open"]);
    expect((await readdir(folder)).sort()).toEqual(["epoch-2.key", "index-1.key", "root.key"]);
    expect(await findBytes(folder, epochKey)).toBe(false);
    // As a restored dump would have it.
    await owner.query("update subject_keys set epoch = 1, wrapped = $1", [old[0]?.wrapped]);
    await expect(readKey(people[0]?.id ?? newId<SubjectId>())).rejects.toMatchObject({
      code: "keyring.epoch_missing",
    });
  });

  test("refuses a key made for the epoch that was closed meanwhile, and the sign-up starts over", async () => {
    let rotations = 0;
    const person = await signUp(async () => {
      rotations += 1;
      if (rotations === 1) await rotate();
    });
    expect(rotations).toBe(2);
    expect(await readKey(person.id)).toEqual(person.key);
    expect(await epochs()).toEqual(["1 destroyed", "2 open"]);
  });

  test("waits for whoever stores a key of it, and takes that key along", async () => {
    const id = newId<SubjectId>();
    const [made] = await keyring.makeKeys([{ shopId, subjectId: id, purpose: "chat" }]);
    if (made === undefined) throw new TypeError("no key was made");
    let closing: Promise<number> | undefined;
    await db.withShop(shopId, async (trx) => {
      const subjects = [{ id, kind: "customer" as const }];
      await insertSubjects(trx, { shopId, subjects, keys: [made.row], now });
      closing = rotator.closeEpoch(now);
      await untilSomebodyWaits();
    });
    const epoch = await closing;
    await emptyOut(epoch ?? 0);
    await rotator.destroyEpoch(epoch ?? 0, now);
    expect(await readKey(id)).toEqual(made.dataKey.key);
  });

  async function untilSomebodyWaits(): Promise<void> {
    const waits = "select from pg_locks where not granted";
    while ((await owner.query(waits)).rowCount === 0);
  }

  test("leaves the keys of an open epoch as they are", async () => {
    const { id, key } = await signUp();
    expect(await rotator.rewrapKeys({ epoch: 1, after: null, limit: 1 })).toMatchObject({
      replaced: 0,
      last: null,
    });
    expect(await readKey(id)).toEqual(key);
  });

  test("destroys no epoch that is open or wraps a living key", async () => {
    await signUp();
    await expect(rotator.destroyEpoch(1, now)).rejects.toMatchObject({ code: "key.epoch_in_use" });
    await rotator.closeEpoch(now);
    await expect(rotator.destroyEpoch(1, now)).rejects.toMatchObject({ code: "key.epoch_in_use" });
    await expect(rotator.destroyEpoch(7, now)).rejects.toMatchObject({ code: "key.epoch_in_use" });
    expect(await readdir(folder)).toContain("epoch-1.key");
    await emptyOut(1);
    await rotator.destroyEpoch(1, now);
    await rotator.destroyEpoch(1, now);
    expect(await epochs()).toEqual(["1 destroyed", "2 open"]);
  });

  test("passes over a damaged key and keeps its epoch", async () => {
    const people = [await signUp(), await signUp(), await signUp()];
    await owner.query(
      "update subject_keys set wrapped = set_byte(wrapped, 40, 255 - get_byte(wrapped, 40)) where subject_id = $1",
      [people[1]?.id],
    );
    const epoch = await rotator.closeEpoch(now);
    expect(await rotator.rewrapKeys({ epoch, after: null, limit: 10 })).toEqual({
      replaced: 2,
      damaged: 1,
      last: null,
    });
    expect(await rotator.countKeys(epoch)).toBe(1);
    await expect(rotator.destroyEpoch(epoch, now)).rejects.toMatchObject({ code: "key.epoch_in_use" });
    expect(await readKey(people[0]?.id ?? newId<SubjectId>())).toEqual(people[0]?.key);
  });

  test("replaces nothing that names another epoch by then, and nothing under a closed one", async () => {
    await signUp();
    const epoch = await rotator.closeEpoch(now);
    const keys = await rows.epochs.listKeys({ epoch, after: null, limit: 10 });
    const late = keys.map((key) => ({ ...key, wrapped: Buffer.from("of a process that slept") }));
    expect(await rows.epochs.replaceKeys({ from: epoch + 5, to: epoch + 1, keys: late })).toBe(0);
    await expect(rows.epochs.replaceKeys({ from: epoch, to: epoch, keys: late })).rejects.toMatchObject({
      code: "key.epoch_closed",
    });
    expect(await rows.epochs.listKeys({ epoch, after: null, limit: 10 })).toEqual(keys);
  });

  test("leaves a key that was erased while it was wrapped anew erased", async () => {
    const [erased, stays] = [await signUp(), await signUp()];
    const epoch = await rotator.closeEpoch(now);
    const slow = createKeyRotator({
      folder,
      rows: {
        ...rows.epochs,
        replaceKeys: async (change) => {
          await owner.query("delete from subject_keys where subject_id = $1", [erased.id]);
          return rows.epochs.replaceKeys(change);
        },
      },
    });
    expect(await slow.rewrapKeys({ epoch, after: null, limit: 10 })).toMatchObject({ replaced: 1 });
    expect(await readKey(erased.id)).toBeUndefined();
    expect(await readKey(stays.id)).toEqual(stays.key);
  });
});

test("no living person's key is lost, wherever a rotation is killed while people sign up and are erased", async () => {
  const act = fc.constantFrom("sign up", "rotate", "erase", "sign up late" as const);
  const killedAt = fc.option(fc.nat({ max: 14 }), { nil: undefined });
  await fc.assert(
    fc.asyncProperty(fc.array(fc.record({ act, killedAt }), { minLength: 3, maxLength: 9 }), async (acts) => {
      await begin();
      const living = new Map<string, Person>();
      const pending: Promise<unknown>[] = [];
      const add = async (between?: () => Promise<unknown>) => {
        const person = await signUp(between);
        living.set(person.id, person);
      };
      await add();
      for (const { act, killedAt } of acts) {
        if (act === "sign up") pending.push(add());
        if (act === "sign up late") pending.push(add(atFirst(() => rotateUntilKilled(killedAt))));
        if (act === "rotate") pending.push(rotateUntilKilled(killedAt));
        if (act === "erase") {
          const [first] = living.keys();
          living.delete(first ?? "");
          pending.push(owner.query("delete from subject_keys where subject_id = $1", [first]));
        }
      }
      const ended = await Promise.allSettled(pending);
      expect(ended.filter(({ status }) => status === "rejected")).toEqual([]);
      await rotate();
      for (const { id, key } of living.values()) expect(await readKey(id)).toEqual(key);
      const { rows: left } = await owner.query("select distinct epoch from subject_keys order by epoch");
      for (const { epoch } of left) expect(await readdir(folder)).toContain(`epoch-${epoch}.key`);
      await rm(folder, { recursive: true });
    }),
    { numRuns: runs(25) },
  );
});

/** Who starts over meets no second rotation. */
function atFirst(work: () => Promise<void>): () => Promise<void> {
  let isFirst = true;
  return async () => {
    const [was] = [isFirst, (isFirst = false)];
    if (was) await work();
  };
}

/** A rotation whose process dies before the given step; another one beside it may go on. */
async function rotateUntilKilled(killedAt: number | undefined): Promise<void> {
  let steps = 0;
  const step = () => {
    if (steps === killedAt) throw new Killed();
    steps += 1;
  };
  const dying = Object.fromEntries(
    Object.entries(rows.epochs).map(([name, call]) => [
      name,
      async (...args: unknown[]) => {
        step();
        const result: unknown = await (call as (...given: unknown[]) => Promise<unknown>)(...args);
        step();
        return result;
      },
    ]),
  ) as unknown as EpochRows; // the same functions, each with its two steps
  const mortal = createKeyRotator({ folder, rows: dying });
  try {
    const epoch = await mortal.closeEpoch(now);
    for (let after: string | null = null; ;) {
      const { last } = await mortal.rewrapKeys({ epoch, after, limit: 2 });
      if (last === null) break;
      after = last;
    }
    await mortal.destroyEpoch(epoch, now);
  } catch (error) {
    // Another rotation was faster: this one would be tried again, and find its work done.
    const isBeaten = ["key.epoch_in_use", "key.epoch_closed", "keyring.epoch_missing"].includes(
      codeOf(error),
    );
    if (!(error instanceof Killed) && !isBeaten) throw error;
  }
}

function codeOf(error: unknown): string {
  return (error as { code?: string }).code ?? "";
}

class Killed extends Error {}

async function findBytes(home: string, bytes: Buffer): Promise<boolean> {
  const files = await Promise.all((await readdir(home)).map((name) => readFile(join(home, name))));
  return files.some((file) => file.includes(bytes.subarray(-32)));
}
