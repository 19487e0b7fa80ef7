import { cp, mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Client } from "pg";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";

import { findBackupKey, loadBackupKey } from "../../clients/backup-folder.ts";
import { createErasureList } from "../../clients/erasure-list.ts";
import { createKeyRotator } from "../../clients/key-rotator.ts";
import { createObjectStore } from "../../clients/object-store.ts";
import { openKeyRows } from "../../db/key-rows.ts";
import { insertSubjects } from "../../db/subjects.ts";
import { newId } from "../../domain/id.ts";
import type { ObjectId, ShopId, SubjectId } from "../../domain/id.ts";
import type { Sealed } from "../../domain/sealing.ts";
import { backUp } from "../../runtime/backup.ts";
import type { BackupOptions } from "../../runtime/backup.ts";
import { readConfig } from "../../runtime/config.ts";
import { openCore } from "../../runtime/open-core.ts";
import type { Core } from "../../runtime/open-core.ts";
import { restore } from "../../runtime/restore.ts";
import type { RestoreOptions } from "../../runtime/restore.ts";
import { statePaths } from "../../runtime/state-paths.ts";
import { createTestDatabase } from "../support/test-database.ts";
import type { TestDatabase } from "../support/test-database.ts";
import { tempFolder } from "../support/temp-folder.ts";

const shopId = newId<ShopId>();
const now = new Date("2026-11-29T10:00:00Z");

type Person = { id: SubjectId; sealed: Sealed };

let source: TestDatabase;
let target: TestDatabase;
let owner: Client;
beforeAll(async () => {
  [source, target] = [await createTestDatabase(), await createTestDatabase()];
  owner = new Client({ connectionString: source.urls.owner });
  owner.on("error", () => undefined);
  await owner.connect();
});
afterAll(async () => {
  await owner.end();
  await Promise.all([source.drop(), target.drop()]);
});

let home: string;
let to: string;
let x: Person;
let y: Person;
beforeEach(async () => {
  home = await tempFolder();
  to = await tempFolder();
  await owner.query(`delete from subject_keys; delete from subjects; delete from key_epochs;
    insert into key_epochs (id, state, opened_at) values (1, 'open', now())`);
  await withCore(source, async (core) => {
    [x, y] = [await meet(core, "the words of X"), await meet(core, "the words of Y")];
  });
});

/** A house without Temporal: rows, keys, files. */
async function withCore<T>(database: TestDatabase, work: (core: Core) => Promise<T>): Promise<T> {
  const core = await openCore(
    readConfig({
      SHOPTHREAD_HOME: home,
      SHOPTHREAD_DEMO: "on",
      SHOPTHREAD_LOG_LEVEL: "error",
      TEMPORAL_ADDRESS: "127.0.0.1:1",
      DATABASE_URL_API: database.urls.api,
      DATABASE_URL_WORKER: database.urls.worker,
      DATABASE_URL_ADMIN: database.urls.admin,
      DATABASE_URL_SYSTEM: database.urls.system,
      DATABASE_URL_KEYRING: database.urls.keyring,
    }),
    { name: "test", login: "api", connections: 2 },
  );
  try {
    return await work(core);
  } finally {
    await core.close();
  }
}

async function meet({ sealer, db }: Core, words: string): Promise<Person> {
  const id = newId<SubjectId>();
  const keys = await sealer.makeKeys([{ shopId, subjectId: id, kind: "customer" }]);
  const subjects = [{ id, kind: "customer" as const }];
  const [sealed] = await sealer.seal([{ place: placeOf(id), plaintext: words }]);
  if (sealed === undefined) throw new TypeError("nothing was sealed");
  await db.withShop(shopId, (trx) => insertSubjects(trx, { shopId, subjects, keys, now }));
  return { id, sealed };
}

const placeOf = (subjectId: SubjectId) =>
  ({ shopId, subjectId, purpose: "chat", field: "message.body", rowId: subjectId }) as const;

function wordsOf(database: TestDatabase, { id, sealed }: Person): Promise<string | undefined> {
  return withCore(database, async ({ sealer }) => {
    const [opened] = await sealer.open([{ place: placeOf(id), sealed }]);
    return opened?.toString("utf8");
  });
}

async function save(given: Partial<BackupOptions> = {}) {
  return backUp({
    ownerUrl: source.urls.owner,
    home,
    to,
    secret: await loadBackupKey(statePaths(home).keyring),
    keepDays: 30,
    clock: { now: () => now },
    ...given,
  });
}

async function bringBack(given: Partial<RestoreOptions> = {}) {
  const secret = await findBackupKey(statePaths(home).keyring);
  return restore({
    ownerUrl: target.urls.owner,
    home,
    from: to,
    secret: secret ?? { passphrase: "none" },
    mayEmpty: true,
    progress: () => undefined,
    ...given,
  });
}

async function erase({ id }: Person): Promise<void> {
  const entry = { shopId, subjectId: id, purposes: ["chat", "order", "finance"] as const, at: now };
  await createErasureList(statePaths(home).erasureList).append([{ ...entry, purposes: [...entry.purposes] }]);
  await owner.query("delete from subject_keys where subject_id = $1", [id]);
}

const later = (minutes: number) => ({ now: () => new Date(now.getTime() + minutes * 60_000) });

test("brings rows, objects and keys back, with rights, rules and row security as they were", async () => {
  const objects = createObjectStore({ folder: statePaths(home).objects });
  const objectId = newId<ObjectId>();
  const { key } = await objects.put(objectId, Buffer.from("a picture"));
  const saved = await save();
  expect(saved).toMatchObject({ objects: 1, pruned: [] });
  await rm(statePaths(home).objects, { recursive: true });
  for (const name of ["epoch-1.key", "index-1.key"]) await rm(join(statePaths(home).keyring, name));
  expect(await bringBack()).toMatchObject({ name: saved.name, objects: 1, erased: 0 });
  expect(await wordsOf(target, x)).toBe("the words of X");
  expect((await objects.get(objectId, key)).toString()).toBe("a picture");
  expect(await describeSchema(target)).toEqual(await describeSchema(source));
});

async function describeSchema({ urls }: TestDatabase): Promise<unknown> {
  const client = new Client({ connectionString: urls.owner });
  await client.connect();
  const { rows } = await client.query(`
    select 'constraint ' || conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid) as fact
      from pg_constraint where connamespace = 'public'::regnamespace
    union all select 'grant ' || table_name || ' ' || grantee || ' ' || privilege_type
      from information_schema.role_table_grants where table_schema = 'public' and grantee <> 'postgres'
    union all select 'trigger ' || tgrelid::regclass || ' ' || tgname || ' ' || tgenabled::text
      from pg_trigger where not tgisinternal
    union all select concat_ws(' ', 'security', relname, relrowsecurity, relforcerowsecurity)
      from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'
    order by 1`);
  await client.end();
  return rows;
}

test("whoever was erased since stays erased, and everybody else is whole, also after the epoch has changed", async () => {
  const { name } = await save();
  await cp(join(to, "keys"), join(to, "old-keys"), { recursive: true });
  await erase(x);
  await rotate();
  const list = await takeListAway();
  await withCore(source, (core) => meet(core, "the words of one who came later"));
  await save({ clock: later(5) });
  // By the newest keys alone.
  expect(await bringBack({ set: name })).toMatchObject({ erased: 0 });
  expect(await wordsOf(target, x)).toBeUndefined();
  expect(await wordsOf(target, y)).toBe("the words of Y");
  // By the list alone, when only keys of that time are left.
  await rm(join(to, "keys"), { recursive: true });
  await cp(join(to, "old-keys"), join(to, "keys"), { recursive: true });
  await writeFile(statePaths(home).erasureList, list);
  expect(await bringBack({ set: name })).toMatchObject({ erased: 1 });
  expect(await wordsOf(target, x)).toBeUndefined();
  expect(await wordsOf(target, y)).toBe("the words of Y");
  // And by neither: what keeps X away are those two.
  await takeListAway();
  await bringBack({ set: name });
  expect(await wordsOf(target, x)).toBe("the words of X");
});

async function takeListAway(): Promise<string> {
  const list = await readFile(statePaths(home).erasureList, "utf8");
  await rm(statePaths(home).erasureList);
  return list;
}

async function rotate(): Promise<void> {
  const rows = openKeyRows({ url: source.urls.keyring, maxConnections: 1, name: "test" });
  const rotator = createKeyRotator({ folder: statePaths(home).keyring, rows: rows.epochs });
  const epoch = await rotator.closeEpoch(now);
  await rotator.rewrapKeys({ epoch, after: null, limit: 100 });
  await rotator.destroyEpoch(epoch, now);
  await rows.close();
}

test("keeps no wrapped key in the sets of rows, of keys only the newest, and no root key anywhere", async () => {
  await save();
  const killed = join(to, "keys", ".2026-11-29T10-01-00-000Z.part");
  await mkdir(killed);
  await writeFile(join(killed, "table-subject_keys"), "what a killed run has left behind");
  await save({ clock: later(5) });
  expect(await readdir(join(to, "keys"))).toHaveLength(1);
  const sets = await readdir(join(to, "data"));
  expect(sets).toHaveLength(2);
  const parts = await readdir(join(to, "data", sets[0] ?? ""));
  expect(parts.filter((name) => /subject_keys|key_epochs/.test(name))).toEqual([]);
  const root = await readFile(join(statePaths(home).keyring, "root.key"));
  const entries = await readdir(to, { recursive: true, withFileTypes: true });
  for (const entry of entries.filter((one) => one.isFile())) {
    const bytes = await readFile(join(entry.parentPath, entry.name));
    expect(bytes.includes(root)).toBe(false);
    expect(bytes.includes(x.id)).toBe(false);
  }
});

test("sets of rows that are too old go", async () => {
  const day = (days: number) => later(days * 24 * 60);
  await save();
  await save({ clock: day(20) });
  const { pruned, name } = await save({ clock: day(31) });
  expect(pruned).toHaveLength(1);
  expect(await readdir(join(to, "data"))).toHaveLength(2);
  await save({ clock: day(31), keepDays: 1, to: await tempFolder() });
  const { pruned: more } = await save({ clock: day(40), keepDays: 10 });
  expect(more).toHaveLength(1);
  expect(await readdir(join(to, "data"))).toContain(name);
});

test("a set with one changed byte in any of its parts touches nothing", async () => {
  const { name } = await save();
  const marker = new Client({ connectionString: target.urls.owner });
  await marker.connect();
  await marker.query("create table untouched ()");
  for (const kind of ["data", "keys"]) {
    const home = join(to, kind, name);
    for (const part of ["manifest.json", "table-subjects", "objects", "table-subject_keys", "files"]) {
      const bytes = await readFile(join(home, part)).catch(() => undefined);
      if (bytes === undefined) continue;
      const at = part === "manifest.json" ? bytes.indexOf('"root": "') + 9 : bytes.length - 1;
      bytes[at] = (bytes[at] ?? 0) ^ 1;
      await writeFile(join(home, part), bytes);
      const isRefused = part === "manifest.json" ? "backup.wrong_key" : "backup.damaged";
      await expect(bringBack(), `${kind}/${part}`).rejects.toMatchObject({ code: isRefused });
      bytes[at] = (bytes[at] ?? 0) ^ 1;
      await writeFile(join(home, part), bytes);
    }
  }
  await rm(join(to, "data", name, "table-orders"));
  await expect(bringBack()).rejects.toMatchObject({ code: "backup.damaged" });
  await marker.query("drop table untouched");
  await marker.end();
});

test("refuses another root key, none, another backup key, a newer schema, a full database and a busy one", async () => {
  const keyring = statePaths(home).keyring;
  await save();
  await expect(bringBack({ mayEmpty: false })).rejects.toMatchObject({ code: "restore.not_empty" });
  await withCore(target, async ({ db }) => {
    await db.ping();
    await expect(bringBack()).rejects.toMatchObject({ code: "restore.in_use" });
  });
  const secret = { passphrase: "correct horse battery staple" };
  await expect(bringBack({ secret })).rejects.toMatchObject({ code: "backup.wrong_key" });
  await expect(bringBack({ from: await tempFolder() })).rejects.toMatchObject({ code: "backup.missing" });
  const root = await readFile(join(keyring, "root.key"));
  await writeFile(join(keyring, "root.key"), Buffer.alloc(32, 7));
  await expect(bringBack()).rejects.toMatchObject({ code: "restore.other_root" });
  await rm(join(keyring, "root.key"));
  await expect(bringBack()).rejects.toMatchObject({ code: "restore.root_missing" });
  await writeFile(join(keyring, "root.key"), root, { mode: 0o600 });
  await owner.query("insert into kysely_migration (name, timestamp) values ('9999-to-come', 'now')");
  try {
    await save({ clock: later(5) });
    await expect(bringBack()).rejects.toMatchObject({ code: "restore.newer_schema" });
  } finally {
    await owner.query("delete from kysely_migration where name = '9999-to-come'");
  }
});

test("a passphrase and the root key are all that it needs of a house that is lost, with its list of erasures", async () => {
  const secret = { passphrase: "correct horse battery staple" };
  await erase(x);
  await save({ secret });
  const root = await readFile(join(statePaths(home).keyring, "root.key"));
  await rm(home, { recursive: true });
  await mkdir(statePaths(home).keyring, { recursive: true, mode: 0o700 });
  await writeFile(join(statePaths(home).keyring, "root.key"), root, { mode: 0o600 });
  expect(await bringBack({ secret })).toMatchObject({ erased: 1 });
  expect(await wordsOf(target, y)).toBe("the words of Y");
  const list = await createErasureList(statePaths(home).erasureList).read();
  expect(list.map(({ subjectId }) => subjectId)).toEqual([x.id]);
});

test("nobody but the owner can connect until the listed are erased again", async () => {
  await save();
  await erase(x);
  await mkdir(join(home, "erasures"), { recursive: true });
  const list = await readFile(statePaths(home).erasureList, "utf8");
  await writeFile(statePaths(home).erasureList, list.replace('"purposes":["chat"', '"purposes":["order"'));
  await expect(bringBack()).rejects.toMatchObject({ code: "erasure_list.damaged" });
  await expect(wordsOf(target, x)).rejects.toMatchObject({ code: "42501" });
  await writeFile(statePaths(home).erasureList, list);
  await bringBack();
  expect(await wordsOf(target, x)).toBeUndefined();
  expect(await wordsOf(target, y)).toBe("the words of Y");
});

test("a login that row security binds is told so, and backs up nothing", async () => {
  await expect(save({ ownerUrl: source.urls.system })).rejects.toMatchObject({ code: "db.owner_bound" });
  expect(await readdir(to)).toEqual([]);
});

test("where no keys are, nothing is saved, and the set that stands is left", async () => {
  await save();
  const before = await readdir(to);
  await expect(
    save({
      home: await tempFolder(),
      secret: { passphrase: "of another machine" },
      clock: { now: () => new Date(now.getTime() + 60_000) },
    }),
  ).rejects.toMatchObject({ code: "backup.no_keys" });
  expect(await readdir(to)).toEqual(before);
});
