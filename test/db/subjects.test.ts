import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { Client } from "pg";

import { insertSubjects, lockSubjectStates } from "../../db/subjects.ts";
import { openDatabase } from "../../db/connection.ts";
import type { Database } from "../../db/connection.ts";
import { openKeyRows } from "../../db/key-rows.ts";
import type { KeyRowStore } from "../../db/key-rows.ts";
import { newId } from "../../domain/id.ts";
import type { ShopId, SubjectId } from "../../domain/id.ts";
import type { NewKey } from "../../domain/sealing.ts";
import { createTestDatabase } from "../support/test-database.ts";
import type { TestDatabase } from "../support/test-database.ts";

let database: TestDatabase;
let db: Database;
let keyRows: KeyRowStore;
let owner: Client;
beforeAll(async () => {
  database = await createTestDatabase();
  db = openDatabase({ url: database.urls.api, maxConnections: 3, name: "test" });
  keyRows = openKeyRows({ url: database.urls.keyring, maxConnections: 2, name: "test" });
  owner = new Client({ connectionString: database.urls.owner });
  owner.on("error", () => undefined);
  await owner.connect();
});
afterAll(async () => {
  await Promise.all([db.close(), keyRows.close(), owner.end()]);
  await database.drop();
});

let shopId: ShopId;
let subjectId: SubjectId;
beforeEach(() => {
  shopId = newId<ShopId>();
  subjectId = newId<SubjectId>();
});

function keyOf(epoch: number): NewKey {
  return { id: newId<string>(), shopId, subjectId, purpose: "chat", epoch, wrapped: Buffer.from("wrapped") };
}

function insert(keys: NewKey[]): Promise<void> {
  const subjects = [{ id: subjectId, kind: "customer" as const }];
  return db.withShop(shopId, (trx) => insertSubjects(trx, { shopId, subjects, keys, now: new Date() }));
}

test("stores a subject with its keys, which only the keyring can read", async () => {
  const key = keyOf(await keyRows.currentEpoch());
  await insert([key]);
  const ref = { shopId, subjectId, purpose: "chat" as const };
  expect(await keyRows.find({ refs: [ref], ids: [] })).toEqual([key]);
  expect(await keyRows.find({ refs: [], ids: [key.id] })).toEqual([key]);
  expect(await keyRows.find({ refs: [ref], ids: [key.id, newId<string>()] })).toEqual([key]);
  const read = db.withShop(shopId, (trx) => trx.selectFrom("subject_keys").selectAll().execute());
  await expect(read).rejects.toMatchObject({ code: "42501" });
});

test("leaves out keys that nobody asked for", async () => {
  await insert([keyOf(1)]);
  expect(await keyRows.find({ refs: [], ids: [] })).toEqual([]);
  expect(await keyRows.find({ refs: [{ shopId, subjectId, purpose: "order" }], ids: [] })).toEqual([]);
});

test("refuses keys of an epoch that was closed, and stores nothing", async () => {
  await owner.query("insert into key_epochs (id, state, opened_at) values (9, 'closed', now())");
  await expect(insert([keyOf(9)])).rejects.toMatchObject({ kind: "conflict", code: "key.epoch_closed" });
  const { rows } = await owner.query("select 1 from subjects where id = $1", [subjectId]);
  expect(rows).toEqual([]);
});

test("keeps the epoch from being closed until it has committed", async () => {
  const closer = new Client({ connectionString: database.urls.owner });
  await closer.connect();
  try {
    const subjects = [{ id: subjectId, kind: "customer" as const }];
    await db.withShop(shopId, async (trx) => {
      await insertSubjects(trx, { shopId, subjects, keys: [keyOf(1)], now: new Date() });
      // The lock that an update of the epoch's state takes.
      const close = closer.query("select 1 from key_epochs where id = 1 for no key update nowait");
      await expect(close).rejects.toMatchObject({ code: "55P03" });
    });
    expect(
      (await closer.query("select 1 from key_epochs where id = 1 for no key update nowait")).rowCount,
    ).toBe(1);
  } finally {
    await closer.end();
  }
});

test("the fence holds a subject's state until commit", async () => {
  await insert([keyOf(1)]);
  await db.withShop(shopId, async (trx) => {
    const states = await lockSubjectStates(trx, { shopId, subjectIds: [subjectId] });
    expect(states).toEqual(new Map([[subjectId, "active"]]));
    const erase = owner.query("select 1 from subjects where id = $1 for update nowait", [subjectId]);
    await expect(erase).rejects.toMatchObject({ code: "55P03" });
  });
});
