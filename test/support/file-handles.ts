import { execFile } from "node:child_process";
import { readdir } from "node:fs/promises";
import { promisify } from "node:util";

const run = promisify(execFile);

/**
 * From now on a process has the file handles that it has, and gets no other; answers how to let it have more again.
 * Undefined where the system has no `prlimit` (util-linux).
 */
export async function exhaustHandles(pid: number): Promise<(() => Promise<void>) | undefined> {
  const limit = await softLimit(pid);
  if (limit === undefined) return undefined;
  await setSoftLimit(pid, String(await firstFree(pid)));
  return () => setSoftLimit(pid, limit);
}

async function softLimit(pid: number): Promise<string | undefined> {
  try {
    const show = ["--pid", String(pid), "--nofile", "--output", "SOFT", "--noheadings", "--raw"];
    return (await run("prlimit", show)).stdout.trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

async function setSoftLimit(pid: number, limit: string): Promise<void> {
  await run("prlimit", ["--pid", String(pid), `--nofile=${limit}:`]);
}

/** The next handle would get this number. */
async function firstFree(pid: number): Promise<number> {
  const open = new Set((await readdir(`/proc/${pid}/fd`)).map(Number));
  let next = 0;
  while (open.has(next)) next += 1;
  return next;
}
