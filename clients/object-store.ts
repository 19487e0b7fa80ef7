import { createHash, randomBytes } from "node:crypto";
import { link, mkdir, open, readdir, readFile, unlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { AppError } from "../domain/app-error.ts";
import type { ObjectId } from "../domain/id.ts";
import type { ObjectStore } from "../domain/ports/object-store.ts";
import { openEnvelope, sealEnvelope } from "./envelope.ts";
import { hasErrorCode, syncFolder } from "./private-file.ts";

const noKid = Buffer.alloc(16);
const idPattern = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * Objects as files `aa/bb/{objectId}.{fingerprint of the key}`, sealed with a key of their own.
 * The fingerprint makes two attempts at one object two files: neither can spoil what the other's row points to.
 */
export function createObjectStore({ folder }: { folder: string }): ObjectStore {
  return {
    async put(objectId, bytes) {
      const key = randomBytes(32);
      const path = pathOf(folder, objectId, key);
      const sealed = sealEnvelope({ key, kid: noKid, boundTo: binding(objectId), plaintext: bytes });
      await writeOrRefuse(path, sealed);
      return { key, size: bytes.length };
    },

    async get(objectId, key) {
      const sealed = await readFile(pathOf(folder, objectId, key)).catch((cause: unknown) => {
        throw hasErrorCode(cause, "ENOENT")
          ? new AppError("not_found", "object.missing", { internal: `object ${objectId}`, cause })
          : unavailable(cause);
      });
      try {
        return openEnvelope({ key, boundTo: binding(objectId), sealed });
      } catch (cause) {
        throw new AppError("internal", "object.damaged", { internal: `object ${objectId}`, cause });
      }
    },

    async remove(objectId) {
      const home = folderOf(folder, objectId);
      const names = await readdir(home).catch((cause: unknown) => {
        if (hasErrorCode(cause, "ENOENT")) return [];
        throw unavailable(cause);
      });
      const own = names.filter((name) => name.startsWith(objectId));
      for (const name of own) await unlinkIfThere(join(home, name));
      if (own.length > 0) await syncFolder(home);
    },
  };
}

async function writeOrRefuse(path: string, bytes: Uint8Array): Promise<void> {
  try {
    await writeDurably(path, bytes);
  } catch (cause) {
    throw unavailable(cause);
  }
}

/** Whole or not at all: written beside, synced, linked to its name, and the folder synced. */
async function writeDurably(path: string, bytes: Uint8Array): Promise<void> {
  const home = dirname(path);
  await makeFolders(home);
  const temporary = `${path}.part`;
  try {
    const file = await open(temporary, "wx", 0o600);
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await link(temporary, path);
  } finally {
    await unlinkIfThere(temporary);
  }
  await syncFolder(home);
}

/** New folders are synced into their parents: else a power cut takes the object with its folder. */
async function makeFolders(home: string): Promise<void> {
  const first = await mkdir(home, { recursive: true, mode: 0o700 });
  if (first === undefined) return;
  for (let parent = dirname(home); parent.length >= dirname(first).length; parent = dirname(parent)) {
    await syncFolder(parent);
    if (parent === dirname(parent)) return;
  }
}

/** The last digits of a uuid v7 are random, so the folders fill evenly. */
function folderOf(folder: string, objectId: ObjectId): string {
  if (!idPattern.test(objectId)) {
    throw new AppError("internal", "object.bad_id", { internal: "object ids are lower-case uuids" });
  }
  return join(folder, objectId.slice(-2), objectId.slice(-4, -2));
}

function pathOf(folder: string, objectId: ObjectId, key: Uint8Array): string {
  const fingerprint = createHash("sha256").update("object file|").update(key).digest("hex").slice(0, 16);
  return join(folderOf(folder, objectId), `${objectId}.${fingerprint}`);
}

function binding(objectId: ObjectId): string {
  return `object|${objectId}|1`;
}

async function unlinkIfThere(path: string): Promise<void> {
  await unlink(path).catch((error: unknown) => {
    if (!hasErrorCode(error, "ENOENT")) throw error;
  });
}

function unavailable(cause: unknown): AppError {
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "unknown";
  return new AppError("unavailable", "object.store_unavailable", {
    internal: `file system said ${code}`,
    cause,
  });
}
