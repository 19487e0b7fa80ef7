import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

/** Undefined when the file is missing or broken; the shape is what {@link writeStateFile} wrote. */
export function readStateFile<T>(path: string): T | undefined {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as T;
  } catch {
    return undefined;
  }
}

/** Whole or not at all, readable by its owner only. */
export function writeStateFile(path: string, value: unknown): void {
  mkdirSync(dirname(path), { recursive: true });
  const writing = `${path}.${process.pid}`;
  writeFileSync(writing, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 });
  renameSync(writing, path);
}
