import { randomBytes } from "node:crypto";
import { chmod, mkdir, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { AppError } from "../domain/app-error.ts";
import { openEnvelope, sealEnvelope } from "./envelope.ts";
import { createPrivateFile, destroyPrivateFile, hasErrorCode, readPrivateFile } from "./private-file.ts";

export type KeyFiles = {
  epochs: Map<number, Buffer>;
  /** Master of the blind index keys. */
  index: Buffer;
};

export const keyLength = 32;
export const rootFile = "root.key";
/** The root key to be, while the files are wrapped anew. */
export const nextRootFile = "root-next.key";
export const indexFile = "index-1.key";
const epochPattern = /^epoch-(\d{1,9})\.key$/;

/**
 * Reads the keys of a folder; an empty folder gets a root key, epoch 1 and an index key.
 * Several processes may do this at once: whichever links a file first wins, the others read it.
 */
export async function loadKeyFiles(folder: string): Promise<KeyFiles> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await chmod(folder, 0o700);
  const { root } = await loadRoots(folder);
  if ((await listEpochs(folder)).length === 0) await createWrapped(folder, root, epochFile(1));
  await createWrapped(folder, root, indexFile);
  try {
    return await readAll(folder);
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== "keyring.file_broken") throw error;
    return readAll(folder); // the root key was changed between its reading and the others'
  }
}

/** Safe to run twice: an epoch that has its key keeps it. */
export async function createEpochFile(folder: string, epoch: number): Promise<void> {
  const { root, next } = await loadRoots(folder);
  await createWrapped(folder, next ?? root, epochFile(epoch));
  await readWrapped(folder, await loadRoots(folder), epochFile(epoch)); // else the root key was changed meanwhile
}

export async function destroyEpochFile(folder: string, epoch: number): Promise<void> {
  await destroyPrivateFile(folder, epochFile(epoch));
}

async function readAll(folder: string): Promise<KeyFiles> {
  const roots = await loadRoots(folder);
  const epochs = new Map<number, Buffer>();
  for (const epoch of await listEpochs(folder)) {
    const key = await readWrapped(folder, roots, epochFile(epoch));
    if (key !== undefined) epochs.set(epoch, key); // else destroyed meanwhile
  }
  const index = await readWrapped(folder, roots, indexFile);
  if (index === undefined) throw broken(indexFile);
  return { epochs, index };
}

export type RootKeys = { root: Buffer; next: Buffer | undefined };

export async function loadRoots(folder: string): Promise<RootKeys> {
  const path = join(folder, rootFile);
  if (!(await exists(path))) {
    if ((await listEpochs(folder)).length > 0 && !(await exists(path))) {
      throw new AppError("internal", "keyring.root_missing", {
        internal: `${folder} has epoch keys but no ${rootFile}; restore it from its backup`,
      });
    }
    await createPrivateFile(folder, rootFile, randomBytes(keyLength));
  }
  const next = await readRoot(folder, nextRootFile);
  const root = await readRoot(folder, rootFile);
  if (root === undefined) throw broken(rootFile);
  return { root, next };
}

/** Undefined: there is none, and none is made. */
export async function findRoot(folder: string): Promise<Buffer | undefined> {
  return readRoot(folder, rootFile);
}

async function readRoot(folder: string, name: string): Promise<Buffer | undefined> {
  const key = await readPrivateFile(join(folder, name)).catch(undefinedIfGone);
  if (key !== undefined && key.length !== keyLength) throw broken(name);
  return key;
}

async function createWrapped(folder: string, root: Buffer, name: string): Promise<void> {
  if (await exists(join(folder, name))) return;
  await createPrivateFile(folder, name, wrapFile(root, name, randomBytes(keyLength)));
}

export function wrapFile(root: Buffer, name: string, plaintext: Buffer): Buffer {
  return sealEnvelope({ key: root, kid: Buffer.alloc(16), boundTo: `keyring|${name}`, plaintext });
}

/** Undefined: there is no such file. While the root key is changed, either opens it. */
export async function readWrapped(
  folder: string,
  { root, next }: RootKeys,
  name: string,
): Promise<Buffer | undefined> {
  const sealed = await readPrivateFile(join(folder, name)).catch(undefinedIfGone);
  if (sealed === undefined) return undefined;
  const open = (key: Buffer) => openEnvelope({ key, boundTo: `keyring|${name}`, sealed });
  try {
    return open(root);
  } catch (cause) {
    if (next === undefined) throw broken(name, cause);
  }
  try {
    return open(next);
  } catch (cause) {
    throw broken(name, cause);
  }
}

/** All that a root key wraps. */
export async function listWrapped(folder: string): Promise<string[]> {
  return (await readdir(folder)).filter((name) => epochPattern.test(name) || name === indexFile);
}

async function listEpochs(folder: string): Promise<number[]> {
  const names = await readdir(folder);
  return names.flatMap((name) => {
    const match = epochPattern.exec(name);
    return match === null ? [] : [Number(match[1])];
  });
}

function epochFile(epoch: number): string {
  return `epoch-${epoch}.key`;
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(undefinedIfGone)) !== undefined;
}

function undefinedIfGone(error: unknown): undefined {
  if (!hasErrorCode(error, "ENOENT")) throw error;
  return undefined;
}

function broken(name: string, cause?: unknown): AppError {
  return new AppError("internal", "keyring.file_broken", {
    internal: `${name} is damaged or belongs to another root key; restore the keyring folder from its backup`,
    cause,
  });
}
