import type { Progress } from "./progress.ts";
import { endProcess, findProcess, listProcesses } from "./running-process.ts";
import type { RunningProcess } from "./running-process.ts";
import { readStateFile } from "./state-file.ts";

/** A dev server as its start wrote it down, for the next start. */
export type RememberedTemporal = {
  pid: number;
  startToken: string;
  port: number;
  uiPort: number | "headless";
  dbFile: string;
};

export type TemporalFiles = { stateFile: string; dbFile: string };

/** The server of an earlier start: the remembered pid still is that process, and it runs on this very file. */
export function findLeftBehindTemporal({ stateFile, dbFile }: TemporalFiles): RememberedTemporal | undefined {
  const left = readStateFile<RememberedTemporal>(stateFile);
  const running = left && findProcess(left.pid);
  if (!left || !running || running.startToken !== left.startToken) return undefined;
  return left.dbFile === dbFile && isServerOf(running, dbFile) ? left : undefined;
}

/** Ends every dev server on this file: two must never share it. */
export async function endLeftBehindTemporal(files: TemporalFiles, progress: Progress): Promise<void> {
  const left = findLeftBehindTemporal(files);
  if (left) await end(left, progress);
  // A start that was killed before it could remember its server.
  for (const other of listProcesses().filter((running) => isServerOf(running, files.dbFile)))
    await end(other, progress);
}

function isServerOf(running: RunningProcess, dbFile: string): boolean {
  return running.commandLine.includes("server start-dev ") && running.commandLine.includes(` ${dbFile} `);
}

async function end(server: { pid: number; startToken: string }, progress: Progress): Promise<void> {
  progress(`Ending Temporal of an earlier start (pid ${server.pid})`);
  await endProcess({ ...server, signal: "SIGTERM", graceMs: 5_000 });
}
