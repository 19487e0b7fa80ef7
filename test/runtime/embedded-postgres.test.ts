import { existsSync, readFileSync } from "node:fs";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { Client } from "pg";
import { expect, onTestFinished, test } from "vitest";
import { startEmbeddedPostgres } from "../../runtime/embedded-postgres.ts";
import type { EmbeddedPostgres } from "../../runtime/embedded-postgres.ts";
import { findProcess } from "../../runtime/running-process.ts";
import { tempFolder } from "../support/temp-folder.ts";

test("keeps what was committed when the server is killed and started again", async () => {
  const home = await tempFolder();
  const first = await start(home);
  await query(first.url, "create table kept (id int)");
  await query(first.url, "insert into kept values (7)");
  process.kill(first.pid, "SIGKILL");
  const second = await start(home);
  expect(second.wasAdopted).toBe(false);
  expect(await query(second.url, "select id from kept")).toEqual([{ id: 7 }]);
});

test("adopts the live server that an earlier start left behind", async () => {
  const home = await tempFolder();
  const first = await start(home);
  const second = await start(home);
  expect(second).toMatchObject({ pid: first.pid, port: first.port, wasAdopted: true });
});

test("ends a left-behind server that it cannot use, and starts its own", async () => {
  const home = await tempFolder();
  const first = await start(home);
  process.kill(first.pid, "SIGSTOP"); // alive, but deaf
  const second = await start(home);
  expect(second.pid).not.toBe(first.pid);
  expect(findProcess(first.pid)).toBeUndefined();
});

test("keeps values out of its log", async () => {
  const home = await tempFolder();
  const server = await start(home);
  await query(server.url, "create table people (phone text primary key)");
  await query(server.url, "insert into people values ('09-canary-1')");
  await expect(query(server.url, "insert into people values ('09-canary-1')")).rejects.toThrow(/duplicate/);
  await expect(query(server.url, "select $1::int", ["09-canary-2"])).rejects.toThrow(/integer/);
  const log = readFileSync(join(home, "logs", "postgres.log"), "utf8");
  expect(log).toContain("ready to accept connections");
  expect(log).not.toContain("canary");
});

test("stops without leaving a process or a pid file, and keeps the folder private", async () => {
  const home = await tempFolder();
  const server = await start(home);
  await server.stop();
  expect(findProcess(server.pid)).toBeUndefined();
  expect(existsSync(join(home, "postgres", "postmaster.pid"))).toBe(false);
  expect((await stat(join(home, "postgres"))).mode & 0o077).toBe(0);
});

test("refuses a taken port by naming its setting", async () => {
  const home = await tempFolder();
  const other = await start(await tempFolder());
  await expect(start(home, other.port)).rejects.toThrow(/SHOPTHREAD_POSTGRES_PORT/);
});

async function start(home: string, port = 0): Promise<EmbeddedPostgres> {
  const server = await startEmbeddedPostgres({
    dataFolder: join(home, "postgres"),
    logFile: join(home, "logs", "postgres.log"),
    password: "test password/@:",
    port,
    settings: { fsync: "off" }, // outlives the process all the same, only not the machine
    progress: () => undefined,
  });
  onTestFinished(() => server.stop());
  return server;
}

async function query(url: string, text: string, values: unknown[] = []): Promise<unknown[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(text, values)).rows as unknown[];
  } finally {
    await client.end();
  }
}
