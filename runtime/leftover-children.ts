import { rmSync } from "node:fs";
import type { Progress } from "./progress.ts";
import { endProcess, findProcess, isSameProcess } from "./running-process.ts";
import { readStateFile, writeStateFile } from "./state-file.ts";

type Remembered = { name: string; pid: number; startToken: string };

/** Remembers the pids of api, worker and sim, so that a start after a killed one can end what is left of it. */
export class ChildList {
  private readonly path: string;
  private children: Remembered[] = [];

  constructor(path: string) {
    this.path = path;
  }

  remember(name: string, pid: number): void {
    const startToken = findProcess(pid)?.startToken;
    if (startToken === undefined) return;
    this.children = [...this.children.filter((child) => child.name !== name), { name, pid, startToken }];
    writeStateFile(this.path, this.children);
  }

  forget(): void {
    rmSync(this.path, { force: true });
  }
}

/** They end by themselves when their supervisor is gone, but may not have finished yet. */
export async function endLeftoverChildren(path: string, progress: Progress): Promise<void> {
  const left = readStateFile<Remembered[]>(path) ?? [];
  const alive = left.filter((child) => isSameProcess(child.pid, child.startToken));
  if (alive.length > 0)
    progress(`Ending what an earlier start left behind: ${alive.map((child) => child.name).join(", ")}`);
  await Promise.all(
    alive.map(({ pid, startToken }) => endProcess({ pid, startToken, signal: "SIGTERM", graceMs: 10_000 })),
  );
  rmSync(path, { force: true });
}
