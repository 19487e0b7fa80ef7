import { execFile } from "node:child_process";
import { mkdir, rm, statfs, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** A small file system of its own, which can be filled up; only where this process may mount one. */
export type SmallDisk = { fill(): Promise<void>; empty(): Promise<void>; unmount(): Promise<void> };

/** Undefined where mounting is not allowed. */
export async function mountSmallDisk(folder: string, megabytes: number): Promise<SmallDisk | undefined> {
  await mkdir(folder, { recursive: true, mode: 0o755 });
  try {
    await run("mount", ["-t", "tmpfs", "-o", `size=${megabytes}m,mode=0755`, "tmpfs", folder]);
  } catch {
    return undefined;
  }
  const ballast = join(folder, "ballast");
  return {
    async fill() {
      const { bavail, bsize } = await statfs(folder);
      // What others free meanwhile must not let them go on: the last page is taken too.
      await writeFile(ballast, Buffer.alloc(Math.max(0, bavail * bsize))).catch(isFull);
    },
    empty: () => rm(ballast, { force: true }),
    unmount: async () => {
      await run("umount", ["-l", folder]);
    },
  };
}

function isFull(error: unknown): void {
  if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
}
