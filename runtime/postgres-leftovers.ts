import { readFileSync, realpathSync, rmSync } from "node:fs";
import { join } from "node:path";
import { endProcess, findProcess, listProcesses } from "./running-process.ts";
import type { RunningProcess } from "./running-process.ts";
import { waitUntil } from "./wait-until.ts";

export type PostgresPidFile = { pid: number; startedAtMs: number; port: number };

export function readPostgresPidFile(dataFolder: string): PostgresPidFile | undefined {
  try {
    const lines = readFileSync(join(dataFolder, "postmaster.pid"), "utf8").split("\n");
    const [pid, startedAtSeconds, port] = [lines[0], lines[2], lines[3]].map(Number);
    if (!pid || !startedAtSeconds || !port) return undefined;
    return { pid, startedAtMs: startedAtSeconds * 1_000, port };
  } catch {
    return undefined;
  }
}

/** The server of an earlier start: its pid runs, since the time in its pid file, in this very data folder. */
export function findLeftBehindPostgres(
  dataFolder: string,
): { process: RunningProcess; port: number } | undefined {
  const file = readPostgresPidFile(dataFolder);
  const running = file && findProcess(file.pid);
  if (!file || !running || !isPostgresOf(running, dataFolder)) return undefined;
  // The file has whole seconds, and is written a moment after the process has begun.
  if (Math.abs(running.startedAtMs - file.startedAtMs) > 5_000) return undefined;
  return { process: running, port: file.port };
}

/** Ends every PostgreSQL process of this data folder, and forgets a pid that now is somebody else's. */
export async function clearLeftovers(dataFolder: string): Promise<void> {
  const file = readPostgresPidFile(dataFolder);
  const server = file && findProcess(file.pid);
  if (server && isPostgresOf(server, dataFolder)) {
    await endProcess({ pid: server.pid, startToken: server.startToken, signal: "SIGINT", graceMs: 5_000 });
  } else if (server) {
    await endOrphans(dataFolder);
    rmSync(join(dataFolder, "postmaster.pid"), { force: true });
  }
  await endOrphans(dataFolder);
}

/** Server processes whose parent was killed leave by themselves within moments; those that do not are ended. */
async function endOrphans(dataFolder: string): Promise<void> {
  const areGone = () => (listPostgresOf(dataFolder).length === 0 ? true : undefined);
  if (await waitUntil(areGone, { timeoutMs: 3_000 })) return;
  for (const { pid, startToken } of listPostgresOf(dataFolder))
    await endProcess({ pid, startToken, signal: "SIGQUIT", graceMs: 1_000 });
}

function listPostgresOf(dataFolder: string): RunningProcess[] {
  return listProcesses().filter((running) => isPostgresOf(running, dataFolder));
}

function isPostgresOf(running: RunningProcess, dataFolder: string): boolean {
  if (!running.commandLine.includes("postgres")) return false;
  const folder = realFolder(dataFolder);
  if (running.workingFolder !== undefined) return running.workingFolder === folder;
  return running.commandLine.includes(folder) || running.commandLine.includes(dataFolder);
}

function realFolder(folder: string): string {
  try {
    return realpathSync(folder);
  } catch {
    return folder;
  }
}
