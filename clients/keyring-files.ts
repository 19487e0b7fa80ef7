import { randomBytes } from "node:crypto";
import { chmod, mkdir, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { AppError } from "../domain/app-error.ts";
import { openEnvelope, sealEnvelope } from "./envelope.ts";
import { createPrivateFile, hasErrorCode, readPrivateFile } from "./private-file.ts";

export type KeyFiles = {
  epochs: Map<number, Buffer>;
  /** Master of the blind index keys. */
  index: Buffer;
};

const keyLength = 32;
const rootFile = "root.key";
const indexFile = "index-1.key";
const epochPattern = /^epoch-(\d{1,9})\.key$/;

/**
 * Reads the keys of a folder; an empty folder gets a root key, epoch 1 and an index key.
 * Several processes may do this at once: whichever links a file first wins, the others read it.
 */
export async function loadKeyFiles(folder: string): Promise<KeyFiles> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await chmod(folder, 0o700);
  const root = await loadRoot(folder);
  if ((await listEpochs(folder)).length === 0) await createWrapped(folder, root, epochFile(1));
  await createWrapped(folder, root, indexFile);
  const epochs = new Map<number, Buffer>();
  for (const epoch of await listEpochs(folder)) {
    epochs.set(epoch, await readWrapped(folder, root, epochFile(epoch)));
  }
  return { epochs, index: await readWrapped(folder, root, indexFile) };
}

async function loadRoot(folder: string): Promise<Buffer> {
  const path = join(folder, rootFile);
  if (!(await exists(path))) {
    if ((await listEpochs(folder)).length > 0 && !(await exists(path))) {
      throw new AppError("internal", "keyring.root_missing", {
        internal: `${folder} has epoch keys but no ${rootFile}; restore it from its backup`,
      });
    }
    await createPrivateFile(folder, rootFile, randomBytes(keyLength));
  }
  const root = await readPrivateFile(path);
  if (root.length !== keyLength) throw broken(rootFile);
  return root;
}

async function createWrapped(folder: string, root: Buffer, name: string): Promise<void> {
  if (await exists(join(folder, name))) return;
  const wrapped = sealEnvelope({
    key: root,
    kid: Buffer.alloc(16),
    boundTo: `keyring|${name}`,
    plaintext: randomBytes(keyLength),
  });
  await createPrivateFile(folder, name, wrapped);
}

async function readWrapped(folder: string, root: Buffer, name: string): Promise<Buffer> {
  try {
    const sealed = await readPrivateFile(join(folder, name));
    return openEnvelope({ key: root, boundTo: `keyring|${name}`, sealed });
  } catch (cause) {
    if (cause instanceof AppError && cause.code !== "seal.damaged") throw cause;
    throw broken(name, cause);
  }
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
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (hasErrorCode(error, "ENOENT")) return false;
    throw error;
  }
}

function broken(name: string, cause?: unknown): AppError {
  return new AppError("internal", "keyring.file_broken", {
    internal: `${name} is damaged or belongs to another root key; restore the keyring folder from its backup`,
    cause,
  });
}
