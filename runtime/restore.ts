import { rm } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";

import { listSets, openSet } from "../clients/backup-folder.ts";
import type { BackupSecret, SetKind, SetReader } from "../clients/backup-folder.ts";
import { createErasureList } from "../clients/erasure-list.ts";
import { unpackFiles } from "../clients/file-archive.ts";
import { findRoot, loadKeyFiles } from "../clients/keyring-files.ts";
import { createObjectStore } from "../clients/object-store.ts";
import { rootFingerprint } from "../clients/root-key.ts";
import { migrateToLatest } from "../db/migrate.ts";
import { migrationTexts } from "../db/migrations/index.ts";
import { openRestoreDatabase } from "../db/restore-database.ts";
import type { RestoreDatabase, TableToLoad } from "../db/restore-database.ts";
import { AppError } from "../domain/app-error.ts";
import type { ObjectId } from "../domain/id.ts";
import type { ErasureEntry } from "../domain/ports/erasure-list.ts";
import { listInBackup } from "./backup.ts";
import type { Progress } from "./progress.ts";
import { statePaths } from "./state-paths.ts";

export type RestoreOptions = {
  ownerUrl: string;
  home: string;
  from: string;
  /** The newest, when none is named. */
  set?: string | undefined;
  secret: BackupSecret;
  mayEmpty: boolean;
  progress: Progress;
};

export type Restored = { name: string; rows: number; objects: number; erased: number };

/**
 * Everything is checked before anything is touched. Then: rows into an empty database of the backup's own schema, newer
 * migrations, the newest keys, and once more the erasures of the list outside; only then can API and workers connect.
 */
export async function restore(options: RestoreOptions): Promise<Restored> {
  const { ownerUrl, home, progress } = options;
  const { data, keys } = await openChecked(options);
  const { keyring, objects } = statePaths(home);
  const database = await openRestoreDatabase(ownerUrl);
  try {
    await database.prepare({ mayEmpty: options.mayEmpty });
    await unpackFiles(keys.open("files"), home);
    await loadKeyFiles(keyring); // each opens with the root key
    await loadRows(database, { ownerUrl, data, keys });
    progress(`restored the rows of ${data.manifest.name} and the keys of ${keys.manifest.name}`);
    const count = await unpackFiles(data.open("objects"), objects);
    const erased = await database.erase(await joinLists(home));
    const store = createObjectStore({ folder: objects });
    for (const id of erased.objectIds) await store.remove(id as ObjectId);
    progress(`erased again ${erased.subjects} subjects of the list outside`);
    await database.openDoors();
    const rows = data.manifest.tables.reduce((sum, table) => sum + table.rows, 0);
    return { name: data.manifest.name, rows, objects: count, erased: erased.subjects };
  } finally {
    await database.close();
  }
}

/** What the backup's list has and the house's has not is added to it. */
async function joinLists(home: string): Promise<ErasureEntry[]> {
  const path = join(home, listInBackup);
  const [list, older] = [createErasureList(statePaths(home).erasureList), createErasureList(path)];
  const textOf = (entry: ErasureEntry) => JSON.stringify(entry);
  const known = new Set((await list.read()).map(textOf));
  await list.append((await older.read()).filter((entry) => !known.has(textOf(entry))));
  await rm(path, { force: true });
  return list.read();
}

async function openChecked(options: RestoreOptions): Promise<{ data: SetReader; keys: SetReader }> {
  const { from, secret, home } = options;
  const open = async (kind: SetKind, wanted?: string) => {
    const name = wanted ?? (await listSets(from, kind)).at(-1);
    if (name === undefined) throw refused("backup.missing", `There is no backup in ${from}/${kind}.`);
    return openSet(from, { kind, name, secret });
  };
  const [data, keys] = [await open("data", options.set), await open("keys")];
  await demandRoot(statePaths(home).keyring, keys);
  for (const { manifest } of [data, keys]) demandKnownSchema(manifest.migrations);
  await data.verify();
  await keys.verify();
  return { data, keys };
}

async function demandRoot(keyring: string, { manifest }: SetReader): Promise<void> {
  const root = await findRoot(keyring);
  if (root === undefined)
    throw refused(
      "restore.root_missing",
      `${keyring} has no root.key, which is in no backup: put it there, or give it back with npm run keys -- join-root.`,
    );
  if (rootFingerprint(root) === manifest.root) return;
  throw refused(
    "restore.other_root",
    `The keys of ${manifest.name} are wrapped by root key ${manifest.root}, and ${keyring} has ${rootFingerprint(root)}.`,
  );
}

function demandKnownSchema(migrations: string[]): void {
  const unknown = migrations.find((name) => migrationTexts[name] === undefined);
  if (unknown === undefined) return;
  throw refused(
    "restore.newer_schema",
    `The backup has the migration ${unknown}, which this version does not know: restore with the version that made it, or a newer one.`,
  );
}

async function loadRows(
  database: RestoreDatabase,
  { ownerUrl, data, keys }: { ownerUrl: string; data: SetReader; keys: SetReader },
): Promise<void> {
  const ran = new Set(data.manifest.migrations);
  await migrateToLatest(
    ownerUrl,
    Object.fromEntries(Object.entries(migrationTexts).filter(([name]) => ran.has(name))),
  );
  await database.load(tablesOf(data));
  await migrateToLatest(ownerUrl);
  await database.loadKeys(tablesOf(keys));
}

function tablesOf(set: SetReader): TableToLoad[] {
  return set.manifest.tables.map((table) => ({
    ...table,
    open: () => Readable.from(set.open(`table-${table.name}`), { objectMode: false }),
  }));
}

function refused(code: string, message: string): AppError {
  return new AppError("invalid", code, { internal: message, public: message });
}
