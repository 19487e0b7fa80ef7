import { randomBytes } from "node:crypto";
import { cp, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { inject, onTestFinished } from "vitest";
import { endProcess, findProcess } from "../../runtime/running-process.ts";
import { startTemporalServer } from "../../runtime/temporal-server.ts";
import type { TemporalServer } from "../../runtime/temporal-server.ts";
import "./provided.ts";
import { tempFolder } from "./temp-folder.ts";

export type OwnTemporal = {
  address: string;
  namespace: string;
  taskQueue: string;
  dbFile: string;
  /** What its starts have said. */
  said: string[];
  /** `kill -9`; the database file stays. */
  kill: () => Promise<void>;
  /** Starts it again on the same address. */
  start: () => Promise<void>;
  /** Kills it and deletes its database; `start` makes an empty one. */
  wipe: () => Promise<void>;
  /** Kills it, keeps a copy of its database as it is now, and starts it again. */
  keepCopy: () => Promise<void>;
  /** Kills it and puts the kept copy back; `start` goes on from there. */
  restoreCopy: () => Promise<void>;
};

/** A Temporal server of this test alone, for what would disturb others; it ends with the test. */
export async function startOwnTemporal({
  namespace = "own",
  folder,
}: { namespace?: string; folder?: string } = {}): Promise<OwnTemporal> {
  folder ??= await tempFolder();
  const dbFile = join(folder, "temporal", "temporal.db");
  const said: string[] = [];
  const { binary } = inject("temporal");
  const launch = (port: number) =>
    startTemporalServer({
      binary,
      dbFile,
      logFile: join(folder, "temporal.log"),
      stateFile: join(folder, "temporal", "server.json"),
      port,
      uiPort: "headless",
      namespaces: [namespace],
      progress: (line) => void said.push(line),
    });
  let server = await launch(0);
  onTestFinished(() => server.stop());
  const kill = () => killServer(server);
  const start = async () => {
    server = await launch(server.port);
  };
  const copy = join(folder, "temporal-copy");
  return {
    address: server.address,
    namespace,
    taskQueue: `test-${randomBytes(6).toString("hex")}`,
    dbFile,
    said,
    kill,
    start,
    wipe: async () => {
      await kill();
      for (const suffix of ["", "-wal", "-shm", ".ready"]) await rm(`${dbFile}${suffix}`, { force: true });
    },
    keepCopy: async () => {
      await kill();
      await cp(dirname(dbFile), copy, { recursive: true });
      await start();
    },
    restoreCopy: async () => {
      await kill();
      await rm(dirname(dbFile), { recursive: true });
      await cp(copy, dirname(dbFile), { recursive: true });
    },
  };
}

async function killServer({ pid }: TemporalServer): Promise<void> {
  const running = findProcess(pid);
  if (running) await endProcess({ pid, startToken: running.startToken, signal: "SIGKILL", graceMs: 5_000 });
}
