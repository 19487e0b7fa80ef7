import { readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { clearLeftovers } from "../../runtime/postgres-leftovers.ts";
import type { Progress } from "../../runtime/progress.ts";
import { findProcess, isSameProcess } from "../../runtime/running-process.ts";
import { readStateFile, writeStateFile } from "../../runtime/state-file.ts";
import { endLeftBehindTemporal } from "../../runtime/temporal-leftovers.ts";

export const RUN_FOLDER_PREFIX = "shopthread-test-";

type Owner = { pid: number; startToken: string };

export function claimRunFolder(folder: string): void {
  const startToken = findProcess(process.pid)?.startToken ?? "";
  writeStateFile(join(folder, "owner.json"), { pid: process.pid, startToken } satisfies Owner);
}

/** Ends the servers, and removes the folders, of test runs that were killed before they could do so. */
export async function sweepDeadRuns(progress: Progress): Promise<void> {
  const names = (await readdir(tmpdir())).filter((name) => name.startsWith(RUN_FOLDER_PREFIX));
  for (const folder of names.map((name) => join(tmpdir(), name))) {
    const owner = readStateFile<Owner>(join(folder, "owner.json"));
    if (!owner || isSameProcess(owner.pid, owner.startToken)) continue;
    progress(`removing ${folder} of a run that was killed`);
    await clearLeftovers(join(folder, "postgres"));
    await endLeftBehindTemporal(
      { stateFile: join(folder, "temporal", "server.json"), dbFile: join(folder, "temporal", "temporal.db") },
      progress,
    );
    await rm(folder, { recursive: true, force: true });
  }
}
