import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { getPriority } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Client } from "pg";
import { expect, onTestFinished, test } from "vitest";
import { clearLeftovers } from "../../runtime/postgres-leftovers.ts";
import type { RunFacts } from "../../runtime/run-file.ts";
import { findProcess } from "../../runtime/running-process.ts";
import { endLeftBehindTemporal } from "../../runtime/temporal-leftovers.ts";
import { anyPorts } from "../support/any-ports.ts";
import { eventually } from "../support/eventually.ts";
import { tempFolder } from "../support/temp-folder.ts";

const program = fileURLToPath(new URL("./fixtures/start-fake-system.ts", import.meta.url));

test("starts again whatever is killed, on the same addresses, and says so", async () => {
  const home = await claimTempHome();
  const system = await start(home);
  const before = readRunFile(home);
  for (const name of ["worker", "api", "sim", "postgres", "temporal"] as const) {
    const pid = before.processes[name];
    process.kill(pid ?? 0, "SIGKILL");
    await eventually(`${name} has a new process`, () => {
      const now = readRunFile(home).processes[name];
      return now !== null && now !== pid && findProcess(now) !== undefined;
    });
  }
  expect(readRunFile(home)).toEqual({ ...before, processes: expect.anything() });
  await query(before.databaseUrl, "select 1");
  expect(system.output()).toContain("worker ended (SIGKILL); starting it again");
  expect(system.output()).toContain("Temporal ended unexpectedly; starting it again");
}, 120_000);

test.runIf(process.platform === "linux")(
  "lets the door go first: the worker has a lower priority than the API, also when it was started again",
  async () => {
    const home = await claimTempHome();
    await start(home);
    const { api, worker } = readRunFile(home).processes;
    expect(nicenessOf(worker)).toBeGreaterThan(nicenessOf(api));
    process.kill(worker ?? 0, "SIGKILL");
    const again = await eventually("the worker has a new process", () => {
      const now = readRunFile(home).processes.worker;
      return now !== worker && now !== null && now;
    });
    await eventually("it stands back too", () => nicenessOf(again) > nicenessOf(api));
  },
  120_000,
);

test("stops cleanly: no process is left, run.json is gone, data are kept", async () => {
  const home = await claimTempHome();
  const system = await start(home);
  const { processes, databaseUrl } = readRunFile(home);
  await query(databaseUrl, "create table kept (id int)");
  system.child.kill("SIGTERM");
  await eventually("the supervisor has ended", () => system.child.exitCode === 0, 40_000);
  expect(Object.values(processes).filter((pid) => pid !== null && findProcess(pid))).toEqual([]);
  expect(existsSync(join(home, "run.json"))).toBe(false);
  expect(readFileSync(join(home, "logs", "worker.log"), "utf8")).toContain("stopped");

  await start(home);
  await query(readRunFile(home).databaseUrl, "select * from kept");
}, 120_000);

test("recovers by itself after everything was killed at once", async () => {
  const home = await claimTempHome();
  const system = await start(home);
  const before = readRunFile(home);
  await query(before.databaseUrl, "create table kept (id int)");
  for (const pid of [before.pid, ...Object.values(before.processes)]) process.kill(pid ?? 0, "SIGKILL");
  await eventually("it has ended", () => system.child.signalCode === "SIGKILL");

  await start(home);
  const after = readRunFile(home);
  await query(after.databaseUrl, "select * from kept");
  expect(after.demo).toEqual(before.demo);
}, 120_000);

test("adopts the servers, and ends the processes, of a start that was killed alone", async () => {
  const home = await claimTempHome();
  const system = await start(home);
  const before = readRunFile(home);
  system.child.kill("SIGKILL");
  await eventually("it has ended", () => system.child.signalCode === "SIGKILL");

  await start(home);
  const after = readRunFile(home);
  expect(after.processes).toMatchObject({
    postgres: before.processes.postgres,
    temporal: before.processes.temporal,
  });
  expect(findProcess(before.processes.worker ?? 0)).toBeUndefined();
}, 120_000);

test("refuses a second start in the same state folder", async () => {
  const home = await claimTempHome();
  await start(home);
  const second = spawnSystem(home);
  await eventually("the second start has ended", () => second.child.exitCode !== null, 40_000);
  expect(second.child.exitCode).not.toBe(0);
  expect(second.output()).toContain("Shopthread runs already in");
  expect(existsSync(join(home, "run.json"))).toBe(true);
}, 120_000);

test("gives up with the part's own words, and stops the rest, when a part cannot start", async () => {
  const home = await claimTempHome();
  const system = spawnSystem(home, { FAKE_PART_FAILS: "worker" });
  await eventually("the start has failed", () => system.child.exitCode !== null, 60_000);
  expect(system.output()).toContain("worker did not start (exit code 3;");
  expect(system.output()).toContain("the fake part cannot start");
  expect(existsSync(join(home, "postgres", "postmaster.pid"))).toBe(false);
}, 120_000);

/** The one that counts: the session's where the kernel schedules by session, else the process's. */
function nicenessOf(pid: number | null): number {
  const session = `/proc/${pid}/autogroup`;
  if (!existsSync(session)) return getPriority(pid ?? 0);
  return Number(/nice (-?\d+)/.exec(readFileSync(session, "utf8"))?.[1]);
}

type System = { child: ChildProcess; output: () => string };

async function start(home: string): Promise<System> {
  const system = spawnSystem(home);
  await eventually(
    "the system is ready",
    () => {
      if (system.child.exitCode !== null) throw new Error(`the start failed:\n${system.output()}`);
      return system.output().includes("READY");
    },
    60_000,
  );
  return system;
}

function spawnSystem(home: string, env: NodeJS.ProcessEnv = {}): System {
  const child = spawn(process.execPath, ["--import", "tsx", program], {
    env: { ...process.env, ...anyPorts, SHOPTHREAD_HOME: home, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += String(chunk)));
  onTestFinished(async () => {
    child.kill("SIGTERM");
    await eventually("it has ended", () => child.exitCode !== null || child.signalCode !== null, 40_000);
  });
  return { child, output: () => output };
}

/** Cleared of servers after the test, whatever it did. */
async function claimTempHome(): Promise<string> {
  const home = await tempFolder();
  onTestFinished(async () => {
    await clearLeftovers(join(home, "postgres"));
    const temporal = join(home, "temporal");
    const files = { stateFile: join(temporal, "server.json"), dbFile: join(temporal, "temporal.db") };
    await endLeftBehindTemporal(files, () => undefined);
  });
  return home;
}

function readRunFile(home: string): RunFacts {
  return JSON.parse(readFileSync(join(home, "run.json"), "utf8")) as RunFacts;
}

async function query(url: string, text: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(text);
  } finally {
    await client.end();
  }
}
