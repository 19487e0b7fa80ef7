import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export type ObjectFiles = {
  put: (id: string, bytes: Uint8Array) => void;
  get: (id: string) => Uint8Array | undefined;
};

/** Bytes of pictures and files: in the folder when there is one, else in memory. Ids are ours, never user input. */
export function createObjectFiles(stateDir: string | undefined): ObjectFiles {
  if (stateDir === undefined) {
    const kept = new Map<string, Uint8Array>();
    return { put: (id, bytes) => void kept.set(id, bytes), get: (id) => kept.get(id) };
  }
  const dir = join(stateDir, "objects");
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  return {
    put(id, bytes) {
      const fresh = join(dir, `${id}.tmp`);
      writeFileSync(fresh, bytes, { mode: 0o600 });
      renameSync(fresh, join(dir, id));
    },
    get(id) {
      try {
        return readFileSync(join(dir, id));
      } catch {
        return undefined;
      }
    },
  };
}
