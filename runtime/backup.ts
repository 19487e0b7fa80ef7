import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";

import { beginSet, nameOfSet, removeOlder } from "../clients/backup-folder.ts";
import type { BackupSecret, Manifest, SetWriter } from "../clients/backup-folder.ts";
import { listFiles, packBuffers, packFiles } from "../clients/file-archive.ts";
import { findRoot, listWrapped, loadKeyFiles, loadRoots, rootFile } from "../clients/keyring-files.ts";
import { hasErrorCode } from "../clients/private-file.ts";
import { rootFingerprint } from "../clients/root-key.ts";
import { keyTables, openSnapshot } from "../db/backup-snapshot.ts";
import type { Snapshot, TableCopy } from "../db/backup-snapshot.ts";
import type { Clock } from "../domain/clock.ts";
import { AppError } from "../domain/app-error.ts";
import { statePaths } from "./state-paths.ts";

export type BackupOptions = {
  ownerUrl: string;
  home: string;
  to: string;
  secret: BackupSecret;
  /** Sets of rows that are older go. */
  keepDays: number;
  clock: Clock;
};

export type BackedUp = { name: string; rows: number; objects: number; bytes: number; pruned: string[] };

const dayMs = 86_400_000;

/**
 * One set of rows and objects, and the newest keys beside it in the place of the last ones; of one instant, while the system
 * works. Objects are copied after it: they are written before their rows, and what is gone by then was to go.
 */
export async function backUp({
  ownerUrl,
  home,
  to,
  secret,
  keepDays,
  clock,
}: BackupOptions): Promise<BackedUp> {
  const paths = statePaths(home);
  const takenAt = clock.now();
  const name = nameOfSet(takenAt);
  // Of a folder without keys new ones would be made, and the set that can still be read would go for one that cannot.
  if ((await findRoot(paths.keyring)) === undefined)
    throw new AppError("internal", "backup.no_keys", {
      internal: `${paths.keyring} has no ${rootFile}: run the backup where the keyring's folder is`,
    });
  await loadKeyFiles(paths.keyring);
  const { root } = await loadRoots(paths.keyring);
  const before = await readKeyFiles(home);
  const snapshot = await openSnapshot(ownerUrl);
  const facts = {
    takenAt: takenAt.toISOString(),
    migrations: snapshot.migrations,
    root: rootFingerprint(root),
  };
  try {
    const isKey = ({ name }: TableCopy) => keyTables.some((known) => known === name);
    const keys = await beginSet(to, { kind: "keys", name, secret });
    const keyRows = await addTables(keys, snapshot, snapshot.tables.filter(isKey));
    await keys.add("files", Readable.from(packBuffers(new Map([...before, ...(await readKeyFiles(home))]))));
    const data = await beginSet(to, { kind: "data", name, secret });
    const tables = await addTables(
      data,
      snapshot,
      snapshot.tables.filter((table) => !isKey(table)),
    );
    const objects = await listFiles(paths.objects);
    const packed = await data.add("objects", packFiles(paths.objects, objects));
    // The keys first: with new keys any older set can be read, with older keys a new set cannot.
    await keys.finish({ ...facts, tables: keyRows.tables });
    await data.finish({ ...facts, tables: tables.tables });
    // Keys of an earlier set go as soon as there are newer ones: they could open what was erased since.
    await removeOlder(to, "keys", name);
    const pruned = await removeOlder(to, "data", nameOfSet(new Date(takenAt.getTime() - keepDays * dayMs)));
    const bytes = keyRows.bytes + tables.bytes + packed.bytes;
    return { name, rows: tables.rows + keyRows.rows, objects: objects.length, bytes, pruned };
  } finally {
    await snapshot.close();
  }
}

async function addTables(
  set: SetWriter,
  snapshot: Snapshot,
  tables: TableCopy[],
): Promise<{ tables: Manifest["tables"]; rows: number; bytes: number }> {
  const done = { tables: [] as Manifest["tables"], rows: 0, bytes: 0 };
  for (const table of tables) {
    const stream = snapshot.copy(table);
    let rows = 0;
    const counted = async function* () {
      for await (const piece of stream as AsyncIterable<Buffer>) {
        for (const byte of piece) if (byte === newLine) rows += 1;
        yield piece;
      }
    };
    const { bytes } = await set.add(`table-${table.name}`, counted());
    done.tables.push({ ...table, rows });
    done.rows += rows;
    done.bytes += bytes;
  }
  return done;
}

/** A line feed inside a value is written as \n in COPY's text format: each one ends a row. */
const newLine = 10;

/**
 * Wrapped keys, the keys of Temporal's payloads and the list of erasures; never the root key, nor the backup's own. Read
 * before the snapshot and after it: an epoch may come or go meanwhile, and whatever the rows name was there once.
 */
async function readKeyFiles(home: string): Promise<Map<string, Buffer>> {
  const { keyring, payloadKeys, erasureList } = statePaths(home);
  const wanted = [
    ...(await listWrapped(keyring)).map((name) => ({ file: join(keyring, name), path: `keyring/${name}` })),
    ...(await listFiles(payloadKeys)).map((name) => ({
      file: join(payloadKeys, name),
      path: `payload-keys/${name}`,
    })),
    { file: erasureList, path: listInBackup },
  ];
  const files = new Map<string, Buffer>();
  for (const { file, path } of wanted) {
    const content = await readFile(file).catch((error: unknown) => {
      if (hasErrorCode(error, "ENOENT")) return undefined;
      throw error;
    });
    if (content !== undefined) files.set(path, content);
  }
  return files;
}

/** Beside the list of the house: what both say is erased again. */
export const listInBackup = "erasures/of-backup.jsonl";
