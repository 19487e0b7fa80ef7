import { spawn } from "node:child_process";
import { closeSync, existsSync, openSync, readFileSync, statSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { Client } from "pg";
import { AppError } from "../domain/app-error.ts";
import { findFreePort } from "./free-port.ts";
import { findPostgresBinaries } from "./postgres-binaries.ts";
import { createPostgresData, folderArgument, postgresEnvironment, postgresUser } from "./postgres-data.ts";
import { clearLeftovers, findLeftBehindPostgres, readPostgresPidFile } from "./postgres-leftovers.ts";
import type { Progress } from "./progress.ts";
import { endProcess, findProcess, isSameProcess } from "./running-process.ts";
import { waitUntil } from "./wait-until.ts";

export type EmbeddedPostgresOptions = {
  dataFolder: string;
  logFile: string;
  /** Of the superuser `postgres`; decided when the data folder is made. */
  password: string;
  /** 0 takes any free port. */
  port: number;
  /** Further server settings, e.g. `{ fsync: "off" }` for data that nobody keeps. */
  settings?: Record<string, string>;
  progress: Progress;
};

export type EmbeddedPostgres = {
  pid: number;
  port: number;
  /** Superuser on the maintenance database `postgres`. */
  url: string;
  wasAdopted: boolean;
  isRunning: () => boolean;
  stop: () => Promise<void>;
};

/**
 * A real PostgreSQL on loopback, for local use and the demonstration only. It outlives a killed parent, so
 * a live server that was left behind in `dataFolder` is adopted, and a broken one is ended first.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const adopted = await adoptLeftBehind(options);
  if (adopted) return adopted;
  const binaries = await findPostgresBinaries(options.progress, {
    mustBePublic: postgresUser() !== undefined,
  });
  if (!existsSync(options.dataFolder)) await createPostgresData(binaries, options);
  await mkdir(dirname(options.logFile), { recursive: true });
  return launchWithRetries(binaries.postgres, options);
}

async function adoptLeftBehind(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres | undefined> {
  const found = findLeftBehindPostgres(options.dataFolder);
  if (found && (options.port === 0 || options.port === found.port)) {
    const url = superuserUrl(options.password, found.port);
    if (await waitUntil(() => canConnect(url), { timeoutMs: 3_000, everyMs: 200 })) {
      options.progress(
        `PostgreSQL of an earlier start still runs (pid ${found.process.pid}, port ${found.port}): adopted`,
      );
      return describeServer(found.process.pid, found.port, url, true);
    }
  }
  if (found) options.progress(`Ending PostgreSQL of an earlier start (pid ${found.process.pid})`);
  await clearLeftovers(options.dataFolder);
  return undefined;
}

async function launchWithRetries(
  program: string,
  options: EmbeddedPostgresOptions,
): Promise<EmbeddedPostgres> {
  const deadline = performance.now() + 15_000;
  while (true) {
    const port = await findFreePort(options.port, "SHOPTHREAD_POSTGRES_PORT");
    const logStart = existsSync(options.logFile) ? statSync(options.logFile).size : 0;
    const pid = await launch(program, port, options);
    if (pid !== undefined) return describeServer(pid, port, superuserUrl(options.password, port), false);
    const complaint = readFileSync(options.logFile, "utf8").slice(logStart).trim();
    // A server killed a moment ago still holds its pid, its shared memory or its port for a little while.
    const isPassing = /lock file|shared memory block|could not bind|Address already in use/i.test(complaint);
    if (!isPassing || performance.now() > deadline) throw startFailure(options.logFile, complaint);
    await wait(300);
  }
}

async function launch(
  program: string,
  port: number,
  options: EmbeddedPostgresOptions,
): Promise<number | undefined> {
  const log = openSync(options.logFile, "a", 0o600);
  const child = spawn(
    program,
    ["-D", folderArgument(options.dataFolder), ...serverArguments(port, options)],
    {
      cwd: options.dataFolder,
      detached: true, // Ctrl-C in the terminal must not reach it before the processes that use it have ended
      stdio: ["ignore", log, log],
      env: postgresEnvironment(),
      ...postgresUser(),
    },
  );
  closeSync(log);
  child.unref();
  let hasEnded = false;
  child.once("exit", () => (hasEnded = true));
  child.once("error", () => (hasEnded = true));
  const url = superuserUrl(options.password, port);
  const isReady = await waitUntil(
    async () => {
      if (hasEnded) return "ended";
      const isUp = readPostgresPidFile(options.dataFolder)?.pid === child.pid && (await canConnect(url));
      return isUp ? "ready" : undefined;
    },
    { timeoutMs: 60_000, everyMs: 30 },
  );
  if (isReady === "ready") return child.pid;
  if (!hasEnded && child.pid !== undefined) process.kill(child.pid, "SIGKILL");
  return undefined;
}

function serverArguments(port: number, options: EmbeddedPostgresOptions): string[] {
  const settings = {
    listen_addresses: "127.0.0.1",
    port: String(port),
    unix_socket_directories: "",
    max_connections: "200",
    jit: "off",
    timezone: "UTC",
    // The log must never show data: no statements, no parameters, no "Key (phone)=(…)" details.
    log_min_messages: "log", // no errors: "invalid input syntax for type integer: …" quotes the value
    log_min_error_statement: "panic",
    log_parameter_max_length: "0",
    log_parameter_max_length_on_error: "0",
    log_error_verbosity: "terse",
    ...options.settings,
  };
  return Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
}

function describeServer(pid: number, port: number, url: string, wasAdopted: boolean): EmbeddedPostgres {
  const startToken = findProcess(pid)?.startToken ?? "";
  // SIGINT is PostgreSQL's fast shutdown: open transactions roll back, everything is written, 10–50 ms.
  const stop = () => endProcess({ pid, startToken, signal: "SIGINT", graceMs: 10_000 });
  return { pid, port, url, wasAdopted, isRunning: () => isSameProcess(pid, startToken), stop };
}

function superuserUrl(password: string, port: number): string {
  return `postgres://postgres:${encodeURIComponent(password)}@127.0.0.1:${port}/postgres`;
}

async function canConnect(url: string): Promise<true | undefined> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
  client.on("error", () => undefined);
  try {
    await client.connect();
    await client.query("select 1");
    return true;
  } catch {
    return undefined;
  } finally {
    await client.end().catch(() => undefined);
  }
}

function startFailure(logFile: string, complaint: string): AppError {
  const reason = complaint.split("\n").slice(-5).join("\n") || "it did not answer within a minute";
  const message = `PostgreSQL did not start (log: ${logFile}):\n${reason}`;
  return new AppError("unavailable", "runtime.postgres_failed", { internal: message, public: message });
}
