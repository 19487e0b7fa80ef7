import { createWriteStream } from "node:fs";
import { link, mkdir, open, readdir, unlink } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";

import { AppError } from "../domain/app-error.ts";
import { ByteReader } from "./byte-reader.ts";
import { hasErrorCode, syncFolder } from "./private-file.ts";

const headLength = 10;
const safePath = /^(?:[\w-][\w.-]*\/)*[\w-][\w.-]*$/;

/** Paths of all files below a folder, relative to it; hidden ones and unfinished ones are left out. */
export async function listFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true }).catch((error: unknown) => {
    if (hasErrorCode(error, "ENOENT")) return [];
    throw error;
  });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .filter((path) => safePath.test(path) && !path.endsWith(".part"))
    .sort();
}

/** One stream of many files, each with its path and size before it. A file that is gone by then is left out. */
export async function* packFiles(home: string, paths: readonly string[]): AsyncGenerator<Buffer> {
  for (const path of paths) {
    const file = await open(join(home, path), "r").catch((error: unknown) => {
      if (hasErrorCode(error, "ENOENT")) return undefined;
      throw error;
    });
    if (file !== undefined) yield* packFile(file, path);
  }
}

/** The same, of what was read before. */
export function* packBuffers(files: ReadonlyMap<string, Buffer>): Generator<Buffer> {
  for (const [path, content] of files) {
    yield headOf(path, content.length);
    yield content;
  }
}

function headOf(path: string, size: number): Buffer {
  const name = Buffer.from(path, "utf8");
  const head = Buffer.alloc(headLength);
  head.writeUInt16BE(name.length, 0);
  head.writeBigUInt64BE(BigInt(size), 2);
  return Buffer.concat([head, name]);
}

async function* packFile(file: FileHandle, path: string): AsyncGenerator<Buffer> {
  try {
    const { size } = await file.stat();
    yield headOf(path, size);
    if (size > 0) yield* file.createReadStream({ start: 0, end: size - 1, autoClose: false });
  } finally {
    await file.close();
  }
}

/** Writes each file below `home`, whole and durable; one that is there stays. Answers how many came. */
export async function unpackFiles(source: AsyncIterable<Uint8Array>, home: string): Promise<number> {
  const reader = new ByteReader(source);
  for (let count = 0; ; count += 1) {
    const head = await reader.read(headLength);
    if (head === undefined) return count;
    const path = (await reader.read(head.readUInt16BE(0)))?.toString("utf8") ?? "";
    if (!safePath.test(path))
      throw new AppError("invalid", "backup.damaged", { internal: "a path is not ours" });
    await writeFile(join(home, path), reader.stream(Number(head.readBigUInt64BE(2))));
  }
}

async function writeFile(path: string, content: AsyncIterable<Buffer>): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const part = `${path}.part`;
  await pipeline(content, createWriteStream(part, { mode: 0o600, flush: true }));
  await link(part, path).catch((error: unknown) => {
    if (!hasErrorCode(error, "EEXIST")) throw error;
  });
  await unlink(part);
  await syncFolder(dirname(path));
}
