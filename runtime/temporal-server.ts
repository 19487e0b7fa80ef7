import { spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { Connection } from "@temporalio/client";
import { AppError } from "../domain/app-error.ts";
import { findFreePort } from "./free-port.ts";
import type { Progress } from "./progress.ts";
import { endProcess, findProcess, isSameProcess } from "./running-process.ts";
import { writeStateFile } from "./state-file.ts";
import { endLeftBehindTemporal, findLeftBehindTemporal } from "./temporal-leftovers.ts";
import type { RememberedTemporal } from "./temporal-leftovers.ts";
import { waitUntil } from "./wait-until.ts";

export type TemporalServerOptions = {
  binary: string;
  dbFile: string;
  logFile: string;
  /** Remembers the running server, so that the next start can adopt or end it. */
  stateFile: string;
  /** 0 takes any free port. */
  port: number;
  /** 0 takes any free port; `headless` starts no web UI. */
  uiPort: number | "headless";
  namespaces: string[];
  /** Further `name=value` of the server's dynamic config. */
  dynamicConfig?: string[];
  progress: Progress;
};

export type TemporalServer = {
  pid: number;
  port: number;
  address: string;
  /** Absent when headless. */
  uiUrl?: string;
  wasAdopted: boolean;
  isRunning: () => boolean;
  stop: () => Promise<void>;
};

// Else one shop's flood goes before everybody's next turn.
const fairness = "matching.enableFairness=true";
/** What decides how the server keeps its rows; see {@link dropUnusableDatabase}. */
const madeWith = `${fairness}\n`;

/** The embedded dev server on loopback; data live in `dbFile` and survive `kill -9` of the server. */
export async function startTemporalServer(options: TemporalServerOptions): Promise<TemporalServer> {
  const adopted = await adoptLeftBehind(options);
  if (adopted) return adopted;
  await mkdir(dirname(options.dbFile), { recursive: true });
  await mkdir(dirname(options.logFile), { recursive: true });
  await dropUnusableDatabase(options);
  for (let attempt = 1; ; attempt++) {
    const port = await findFreePort(options.port, "SHOPTHREAD_TEMPORAL_PORT");
    const uiPort =
      options.uiPort === "headless"
        ? "headless"
        : await findFreePort(options.uiPort, "SHOPTHREAD_TEMPORAL_UI_PORT");
    const server = await launch(options, port, uiPort);
    if (server) return server;
    if (attempt === 3) throw startFailure(options.logFile);
  }
}

/**
 * The server makes its tables only when the file is new, so a file whose first start was cut off is useless. And it
 * keeps tasks in other tables with another setting of fairness: those that wait in the old ones may never be handed out.
 * All that runs is started again from Postgres by reconcile, so nothing is lost with the file.
 */
async function dropUnusableDatabase({ dbFile, progress }: TemporalServerOptions): Promise<void> {
  const mark = await readMark(dbFile);
  if (mark === madeWith) return;
  if (mark !== undefined) {
    progress(
      "Temporal's database was made with other settings: made anew, what is open starts from Postgres",
    );
  }
  // The mark goes last: cut off before that, the next start drops the rest.
  for (const suffix of ["", "-wal", "-shm", ".ready"]) await rm(`${dbFile}${suffix}`, { force: true });
}

/** What a database was made with; undefined until it can be used. Earlier releases left it empty. */
async function readMark(dbFile: string): Promise<string | undefined> {
  try {
    return await readFile(readyMark(dbFile), "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

function readyMark(dbFile: string): string {
  return `${dbFile}.ready`;
}

/** Whole or not at all: half a mark would cost the database. */
async function markReady(dbFile: string): Promise<void> {
  if ((await readMark(dbFile)) === madeWith) return;
  const writing = `${readyMark(dbFile)}.${process.pid}`;
  await writeFile(writing, madeWith);
  await rename(writing, readyMark(dbFile));
}

async function adoptLeftBehind(options: TemporalServerOptions): Promise<TemporalServer | undefined> {
  const left = findLeftBehindTemporal(options);
  const isWanted = left && (options.port === 0 || options.port === left.port);
  const isAlike = (await readMark(options.dbFile)) === madeWith;
  if (isWanted && isAlike && (await answers(left.port, options.namespaces, 5_000))) {
    options.progress(`Temporal of an earlier start still runs (pid ${left.pid}, port ${left.port}): adopted`);
    return describeServer(left, true);
  }
  await endLeftBehindTemporal(options, options.progress);
  return undefined;
}

async function launch(
  options: TemporalServerOptions,
  port: number,
  uiPort: number | "headless",
): Promise<TemporalServer | undefined> {
  const log = openSync(options.logFile, "a", 0o600);
  const child = spawn(options.binary, serverArguments(options, port, uiPort), {
    detached: true, // Ctrl-C in the terminal must not reach it before the worker has ended
    stdio: ["ignore", log, log],
    env: { ...process.env, TZ: "UTC" },
  });
  closeSync(log);
  child.unref();
  let hasEnded = false;
  child.once("exit", () => (hasEnded = true));
  child.once("error", () => (hasEnded = true));
  const startToken = child.pid === undefined ? undefined : findProcess(child.pid)?.startToken;
  if (child.pid === undefined || startToken === undefined) return undefined;
  const remembered = { pid: child.pid, startToken, port, uiPort, dbFile: options.dbFile };
  writeStateFile(options.stateFile, remembered);
  const isReady = await waitUntil(
    async () => (hasEnded ? "ended" : (await answers(port, options.namespaces, 2_000)) ? "ready" : undefined),
    { timeoutMs: 60_000, everyMs: 30 },
  );
  if (isReady === "ready") {
    await markReady(options.dbFile);
    return describeServer(remembered, false);
  }
  await endProcess({ pid: child.pid, startToken, signal: "SIGKILL", graceMs: 0 });
  return undefined;
}

function serverArguments(
  options: TemporalServerOptions,
  port: number,
  uiPort: number | "headless",
): string[] {
  const dynamicConfig = [
    "frontend.enableServerVersionCheck=false",
    "system.enableActivityEagerExecution=true", // a turn takes 35 ms instead of 122 ms
    'history.timerProcessorMaxTimeShift="100ms"', // else every timer below one second fires a second late
    "matching.numTaskqueueReadPartitions=1",
    "matching.numTaskqueueWritePartitions=1",
    fairness,
    ...(options.dynamicConfig ?? []),
  ];
  return [
    ["server", "start-dev", "--ip", "127.0.0.1", "--port", String(port), "--log-level", "warn"],
    [
      "--db-filename",
      options.dbFile,
      "--sqlite-pragma",
      "journal_mode=WAL",
      "--sqlite-pragma",
      "synchronous=1",
    ],
    uiPort === "headless" ? ["--headless"] : ["--ui-port", String(uiPort)],
    options.namespaces.flatMap((namespace) => ["--namespace", namespace]),
    dynamicConfig.flatMap((value) => ["--dynamic-config-value", value]),
  ].flat();
}

async function answers(port: number, namespaces: string[], timeoutMs: number): Promise<boolean> {
  let connection: Connection | undefined;
  try {
    connection = await Connection.connect({
      address: `127.0.0.1:${port}`,
      connectTimeout: timeoutMs,
      channelArgs: { "grpc.initial_reconnect_backoff_ms": 50, "grpc.max_reconnect_backoff_ms": 50 },
    });
    const { workflowService } = connection;
    await connection.withDeadline(Date.now() + 5_000, () =>
      Promise.all(namespaces.map((namespace) => workflowService.describeNamespace({ namespace }))),
    );
    return true;
  } catch {
    return false;
  } finally {
    await connection?.close();
  }
}

function describeServer(server: RememberedTemporal, wasAdopted: boolean): TemporalServer {
  const { pid, startToken, port, uiPort } = server;
  return {
    pid,
    port,
    address: `127.0.0.1:${port}`,
    ...(uiPort === "headless" ? {} : { uiUrl: `http://127.0.0.1:${uiPort}` }),
    wasAdopted,
    isRunning: () => isSameProcess(pid, startToken),
    stop: () => endProcess({ pid, startToken, signal: "SIGTERM", graceMs: 5_000 }),
  };
}

function startFailure(logFile: string): AppError {
  const lines = readFileSync(logFile, "utf8").trim().split("\n").slice(-5).join("\n");
  const message = `The Temporal server did not start (log: ${logFile}):\n${lines}`;
  return new AppError("unavailable", "runtime.temporal_failed", { internal: message, public: message });
}
