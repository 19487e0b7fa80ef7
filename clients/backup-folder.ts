import { createHash, createHmac, randomBytes, scryptSync, timingSafeEqual } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { z } from "zod";

import { AppError } from "../domain/app-error.ts";
import { openPart, sealPart } from "./backup-stream.ts";
import {
  createPrivateFile,
  destroyPrivateFile,
  hasErrorCode,
  readPrivateFile,
  syncFolder,
} from "./private-file.ts";

/** `data`: rows and objects, a set each time. `keys`: the keyring and the wrapped keys, of which only the newest set is kept. */
export type SetKind = "data" | "keys";

const Part = z.strictObject({ name: z.string(), bytes: z.int(), sha256: z.string() });
const Table = z.strictObject({ name: z.string(), columns: z.array(z.string()), rows: z.int() });
const Manifest = z.strictObject({
  version: z.literal(1),
  kind: z.enum(["data", "keys"]),
  name: z.string(),
  takenAt: z.iso.datetime(),
  migrations: z.array(z.string()),
  /** Fingerprint of the root key. */
  root: z.string(),
  tables: z.array(Table),
  parts: z.array(Part),
});
export type Manifest = z.output<typeof Manifest>;
export type Part = z.output<typeof Part>;
const Signed = z.strictObject({ manifest: Manifest, salt: z.string(), mac: z.string() });

/** The 32 bytes that a backup is sealed with, or the passphrase that gives them. */
export type BackupSecret = { key: Buffer } | { passphrase: string };

const manifestFile = "manifest.json";
const setName = /^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d-\d{3}Z$/;

export function nameOfSet(takenAt: Date): string {
  return takenAt.toISOString().replaceAll(/[:.]/g, "-");
}

export interface SetWriter {
  /** Seals a stream into the set, under its key. */
  add(name: string, content: AsyncIterable<Uint8Array>): Promise<Part>;
  /** From here on the set is there, whole. */
  finish(facts: Omit<Manifest, "version" | "kind" | "name" | "parts">): Promise<void>;
}

/** What a killed run left behind is no set: it has no manifest, and a hidden name. */
export async function beginSet(
  folder: string,
  { kind, name, secret }: { kind: SetKind; name: string; secret: BackupSecret },
): Promise<SetWriter> {
  const home = join(folder, kind);
  const building = join(home, `.${name}.part`);
  await mkdir(building, { recursive: true, mode: 0o700 });
  const salt = randomBytes(16);
  const key = keyOf(secret, salt);
  const parts: Part[] = [];
  return {
    async add(part, content) {
      const hash = createHash("sha256");
      let bytes = 0;
      const sealed = sealPart(content, { key, name: `${kind}/${name}/${part}` });
      const count = async function* () {
        for await (const piece of sealed) {
          hash.update(piece);
          bytes += piece.length;
          yield piece;
        }
      };
      await pipeline(
        count,
        createWriteStream(join(building, part), { mode: 0o600, flags: "wx", flush: true }),
      );
      const done = { name: part, bytes, sha256: hash.digest("hex") };
      parts.push(done);
      return done;
    },
    async finish(facts) {
      // Parsed, so that the order of its fields is the one that a reader meets.
      const manifest = Manifest.parse({ version: 1, kind, name, parts, ...facts });
      const signed = { manifest, salt: salt.toString("hex"), mac: macOf(key, manifest) };
      await createPrivateFile(building, manifestFile, Buffer.from(`${JSON.stringify(signed, null, 1)}\n`));
      await rename(building, join(home, name));
      await syncFolder(home);
    },
  };
}

/** Oldest first. */
export async function listSets(folder: string, kind: SetKind): Promise<string[]> {
  const names = await readdir(join(folder, kind)).catch((error: unknown) => {
    if (hasErrorCode(error, "ENOENT")) return [];
    throw error;
  });
  return names.filter((name) => setName.test(name)).sort();
}

/** Of a kind, all sets that are older than the named one, and what killed runs before it left behind; answers the sets. */
export async function removeOlder(folder: string, kind: SetKind, name: string): Promise<string[]> {
  const found = await readdir(join(folder, kind));
  const remains = found.filter((one) => one.startsWith(".") && one < `.${name}`);
  const sets = (await listSets(folder, kind)).filter((one) => one < name);
  for (const one of [...remains, ...sets]) await removeSet(join(folder, kind), one, kind);
  return sets;
}

/** Keys are overwritten before they go. */
async function removeSet(home: string, name: string, kind: SetKind): Promise<void> {
  const path = join(home, name);
  if (kind === "keys") for (const part of await readdir(path)) await destroyPrivateFile(path, part);
  await rm(path, { recursive: true });
  await syncFolder(home);
}

export interface SetReader {
  manifest: Manifest;
  /** Every part as it was written; throws `backup.damaged` naming one that is not. */
  verify(): Promise<void>;
  open(part: string): AsyncGenerator<Buffer>;
}

/** Throws `backup.wrong_key` when it was sealed with another secret, or its manifest was changed. */
export async function openSet(
  folder: string,
  { kind, name, secret }: { kind: SetKind; name: string; secret: BackupSecret },
): Promise<SetReader> {
  const home = join(folder, kind, name);
  const { manifest, salt, mac } = await readManifest(home, `${kind}/${name}`);
  const key = keyOf(secret, Buffer.from(salt, "hex"));
  if (!isSame(mac, macOf(key, manifest)))
    throw refused(
      "backup.wrong_key",
      `${kind}/${name} was sealed with another key or passphrase, or its manifest was changed.`,
    );
  if (manifest.kind !== kind || manifest.name !== name) throw damaged(`${kind}/${name}/${manifestFile}`);
  return {
    manifest,
    async verify() {
      for (const part of manifest.parts) {
        const hash = createHash("sha256");
        await pipeline(createReadStream(join(home, part.name)), hash).catch((error: unknown) => {
          throw hasErrorCode(error, "ENOENT") ? damaged(`${kind}/${name}/${part.name}`) : error;
        });
        if (hash.digest("hex") !== part.sha256) throw damaged(`${kind}/${name}/${part.name}`);
      }
    },
    open: (part) => openPart(createReadStream(join(home, part)), { key, name: `${kind}/${name}/${part}` }),
  };
}

/** Of the folder; a new one is made and stays. */
export async function loadBackupKey(folder: string): Promise<BackupSecret> {
  await createPrivateFile(folder, backupKeyFile, randomBytes(32));
  return { key: await readPrivateFile(join(folder, backupKeyFile)) };
}

/** Undefined: the folder has none. */
export async function findBackupKey(folder: string): Promise<BackupSecret | undefined> {
  const key = await readPrivateFile(join(folder, backupKeyFile)).catch((error: unknown) => {
    if (hasErrorCode(error, "ENOENT")) return undefined;
    throw error;
  });
  return key && { key };
}

const backupKeyFile = "backup.key";

async function readManifest(home: string, name: string): Promise<z.output<typeof Signed>> {
  const text = await readFile(join(home, manifestFile), "utf8").catch((cause: unknown) => {
    throw hasErrorCode(cause, "ENOENT") ? refused("backup.missing", `There is no set ${name}.`) : cause;
  });
  try {
    return Signed.parse(JSON.parse(text));
  } catch {
    throw damaged(`${name}/${manifestFile}`);
  }
}

function keyOf(secret: BackupSecret, salt: Buffer): Buffer {
  if ("key" in secret) return secret.key;
  return scryptSync(secret.passphrase.normalize("NFKC"), salt, 32, {
    N: 2 ** 17,
    r: 8,
    p: 1,
    maxmem: 2 ** 28,
  });
}

function macOf(key: Buffer, manifest: Manifest): string {
  return createHmac("sha256", key)
    .update(`manifest|${JSON.stringify(manifest)}`)
    .digest("hex");
}

function isSame(left: string, right: string): boolean {
  return left.length === right.length && timingSafeEqual(Buffer.from(left), Buffer.from(right));
}

function damaged(name: string): AppError {
  return refused("backup.damaged", `The backup cannot be used: ${name} is damaged. Take another set.`);
}

function refused(code: string, message: string): AppError {
  return new AppError("invalid", code, { internal: message, public: message });
}
