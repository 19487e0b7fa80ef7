import { cp, mkdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";

import { startEmbeddedPostgres } from "../../runtime/embedded-postgres.ts";
import { endProcess, findProcess } from "../../runtime/running-process.ts";
import { findTemporalBinary } from "../../runtime/temporal-binary.ts";
import { startTemporalServer } from "../../runtime/temporal-server.ts";

type Running = { pid: number; port: number; isRunning(): boolean; stop(): Promise<void> };

/** A server of the town that can be struck, and starts again on its port. */
export class Server<T extends Running> {
  private readonly launch: (port: number) => Promise<T>;
  private current: T;
  private changing: Promise<unknown> = Promise.resolve();

  private constructor(launch: (port: number) => Promise<T>, first: T) {
    this.launch = launch;
    this.current = first;
  }

  static async start<T extends Running>(launch: (port: number) => Promise<T>): Promise<Server<T>> {
    return new Server(launch, await launch(0));
  }

  get now(): T {
    return this.current;
  }

  kill(signal: NodeJS.Signals = "SIGKILL"): Promise<void> {
    return this.inTurn(async () => {
      const running = findProcess(this.current.pid);
      if (running) await endProcess({ ...running, signal, graceMs: 5_000 });
    });
  }

  /** Starts it again if it does not run. */
  revive(): Promise<void> {
    return this.inTurn(async () => {
      if (!this.current.isRunning()) this.current = await this.launch(this.current.port);
    });
  }

  async freeze(ms: number): Promise<void> {
    const { pid } = this.current;
    process.kill(pid, "SIGSTOP");
    await wait(ms);
    process.kill(pid, "SIGCONT");
  }

  stop(): Promise<void> {
    return this.inTurn(() => this.current.stop());
  }

  private inTurn(work: () => Promise<void>): Promise<void> {
    const next = this.changing.then(work, work);
    this.changing = next.catch(() => undefined);
    return next;
  }
}

const quiet = () => undefined;

export function launchPostgres(folder: string, password: string) {
  return Server.start((port) =>
    startEmbeddedPostgres({
      dataFolder: join(folder, "data"),
      logFile: join(dirname(folder), "logs", "postgres.log"),
      password,
      port,
      progress: quiet,
    }),
  );
}

export async function launchTemporal(
  paths: { dbFile: string; stateFile: string; logFile: string },
  namespace: string,
) {
  const binary = await findTemporalBinary({ progress: quiet });
  return Server.start((port) =>
    startTemporalServer({
      ...paths,
      binary,
      port,
      uiPort: "headless",
      namespaces: [namespace],
      progress: quiet,
    }),
  );
}

const databaseParts = ["", "-wal", "-shm", ".ready"];

/** Takes a copy of a stopped Temporal database. */
export async function copyTemporal(dbFile: string, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const part of databaseParts) {
    await cp(`${dbFile}${part}`, join(folder, `copy${part}`), { force: true }).catch(ignoreMissing);
  }
}

/** Puts the copy in the place of a stopped database; without a copy there is none afterwards. */
export async function restoreTemporal(dbFile: string, folder: string | undefined): Promise<void> {
  for (const part of databaseParts) {
    await rm(`${dbFile}${part}`, { force: true });
    if (folder === undefined) continue;
    await cp(join(folder, `copy${part}`), `${dbFile}${part}`).catch(ignoreMissing);
  }
}

function ignoreMissing(error: unknown): void {
  if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
}
