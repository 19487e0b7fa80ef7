import { randomBytes } from "node:crypto";
import { link, open, readdir, readFile, rename, stat, unlink } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { AppError } from "../domain/app-error.ts";

/** A link cannot overwrite: the file appears whole and durable, once, or was there before and stays. */
export async function createPrivateFile(folder: string, name: string, bytes: Uint8Array): Promise<void> {
  const temporary = join(folder, `.${name}.${randomBytes(8).toString("hex")}`);
  const file = await open(temporary, "wx", 0o600);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
  try {
    await link(temporary, join(folder, name));
  } catch (error) {
    if (!hasErrorCode(error, "EEXIST")) throw error;
  } finally {
    await unlink(temporary);
  }
  await syncFolder(folder);
}

/** Throws `keyring.file_too_open` when others may read the file. */
export async function readPrivateFile(path: string): Promise<Buffer> {
  const { mode } = await stat(path);
  if ((mode & 0o077) !== 0) {
    throw new AppError("internal", "keyring.file_too_open", {
      internal: `${path} can be read by others; run: chmod 600 ${path}`,
    });
  }
  return readFile(path);
}

/** The old content stands until the new one does, whole and durable; then it is destroyed. */
export async function replacePrivateFile(folder: string, name: string, bytes: Uint8Array): Promise<void> {
  const next = `.${name}.next`;
  await destroyPrivateFile(folder, next);
  await createPrivateFile(folder, next, bytes);
  await promotePrivateFile(folder, next, name);
}

/** Gives a file the name of another, whose content is destroyed. */
export async function promotePrivateFile(folder: string, from: string, name: string): Promise<void> {
  await link(join(folder, name), hidden(folder, name)).catch(ifThere);
  await rename(join(folder, from), join(folder, name));
  await syncFolder(folder);
  await destroyRemains(folder, name);
}

function hidden(folder: string, name: string): string {
  return join(folder, `.${name}.${randomBytes(8).toString("hex")}`);
}

/**
 * Overwritten and synced before it is unlinked, with what a killed write of it left behind. It loses its name first, so
 * that whoever reads the folder meanwhile meets the whole file or none. Harmless when there is no such file.
 */
export async function destroyPrivateFile(folder: string, name: string): Promise<void> {
  await rename(join(folder, name), hidden(folder, name)).catch(ifThere);
  await syncFolder(folder);
  await destroyRemains(folder, name);
}

async function destroyRemains(folder: string, name: string): Promise<void> {
  const remains = (await readdir(folder)).filter((found) => found.startsWith(`.${name}.`));
  for (const remain of remains) await destroyRemain(join(folder, remain)).catch(ifThere); // else another was faster
  if (remains.length > 0) await syncFolder(folder);
}

async function destroyRemain(path: string): Promise<void> {
  const file = await open(path, "r+");
  try {
    const { size, nlink } = await file.stat();
    // Else a second name of what is still used, of a write killed between link and unlink.
    if (nlink === 1) await overwrite(file, size);
    await file.sync();
  } finally {
    await file.close();
  }
  await unlink(path);
}

async function overwrite(file: FileHandle, size: number): Promise<void> {
  const step = 1_048_576;
  for (let at = 0; at < size; at += step) {
    const length = Math.min(step, size - at);
    await file.write(randomBytes(length), 0, length, at);
  }
}

function ifThere(error: unknown): void {
  if (!hasErrorCode(error, "ENOENT")) throw error;
}

/** A new name survives a power cut only when its folder is synced too. */
export async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

export function hasErrorCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
