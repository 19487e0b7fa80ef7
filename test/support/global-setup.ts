import { generateKeyPairSync, randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "pg";
import type { TestProject } from "vitest/node";
import { startEmbeddedPostgres } from "../../runtime/embedded-postgres.ts";
import type { EmbeddedPostgres } from "../../runtime/embedded-postgres.ts";
import { findTemporalBinary } from "../../runtime/temporal-binary.ts";
import { startTemporalServer } from "../../runtime/temporal-server.ts";
import type { TemporalServer } from "../../runtime/temporal-server.ts";
import { writeWorkflowBundle } from "../../runtime/workflow-bundle.ts";
import type { ProvidedPostgres } from "./provided.ts";
import { claimRunFolder, RUN_FOLDER_PREFIX, sweepDeadRuns } from "./run-folders.ts";

const progress = (line: string) => process.stderr.write(`[test servers] ${line}\n`);
const namespaces = Array.from({ length: 8 }, (_, index) => `test-${index}`);

type Servers = { provide(project: TestProject): void; stop(): Promise<void> };
/** Each project of a run loads this file anew; the process is the same. */
const run = globalThis as { testServers?: { users: number; servers: Promise<Servers> } };

/** One PostgreSQL and one Temporal server for the whole run, in a temporary folder, on free ports. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const shared = (run.testServers ??= { users: 0, servers: startServers() });
  shared.users += 1;
  const servers = await shared.servers;
  servers.provide(project);
  return async () => {
    shared.users -= 1;
    if (shared.users === 0) await servers.stop();
  };
}

async function startServers(): Promise<Servers> {
  await sweepDeadRuns(progress);
  const folder = await mkdtemp(join(tmpdir(), RUN_FOLDER_PREFIX));
  claimRunFolder(folder);
  const stops: (() => Promise<void>)[] = [];
  const stop = async () => {
    await Promise.all(stops.map((end) => end()));
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  const starting = [
    startPostgres(folder, stops),
    startTemporal(folder, stops),
    bundleWorkflows(folder),
  ] as const;
  try {
    const [postgres, temporal, bundlePath] = await Promise.all(starting);
    const pushKeyPem = makePushKey();
    const provide = (project: TestProject) => {
      project.provide("postgres", postgres);
      project.provide("temporal", { address: temporal.server.address, namespaces, binary: temporal.binary });
      project.provide("workflowBundlePath", bundlePath);
      project.provide("pushKeyPem", pushKeyPem);
    };
    return { provide, stop };
  } catch (error) {
    await Promise.allSettled(starting); // a server that comes up after the end would stay
    await stop();
    throw error;
  }
}

async function startPostgres(folder: string, stops: (() => Promise<void>)[]): Promise<ProvidedPostgres> {
  const server = await startEmbeddedPostgres({
    dataFolder: join(folder, "postgres"),
    logFile: join(folder, "logs", "postgres.log"),
    password: randomBytes(16).toString("hex"),
    port: 0,
    settings: {
      fsync: "off",
      synchronous_commit: "off",
      full_page_writes: "off",
      autovacuum: "off",
      scram_iterations: "1", // each test file opens tens of connections
    },
    progress,
  });
  stops.push(server.stop);
  return migrateTemplate(server);
}

async function migrateTemplate(server: EmbeddedPostgres): Promise<ProvidedPostgres> {
  const { ensureLoginRoles, migrateToLatest } = await import("../../db/migrate.ts");
  const templateDatabase = "shopthread_template";
  const client = new Client({ connectionString: server.url });
  await client.connect();
  await client.query(`create database ${templateDatabase}`);
  await client.end();
  const secret = () => randomBytes(16).toString("hex");
  const rolePasswords = {
    app_api: secret(),
    app_worker: secret(),
    app_admin: secret(),
    app_system: secret(),
    keyring: secret(),
  };
  const templateUrl = new URL(server.url);
  templateUrl.pathname = `/${templateDatabase}`;
  await ensureLoginRoles(templateUrl.href, rolePasswords);
  await migrateToLatest(templateUrl.href);
  return { superuserUrl: server.url, templateDatabase, rolePasswords };
}

async function startTemporal(
  folder: string,
  stops: (() => Promise<void>)[],
): Promise<{ server: TemporalServer; binary: string }> {
  const binary = await findTemporalBinary({ givenPath: process.env["TEMPORAL_CLI_PATH"], progress });
  const server = await startTemporalServer({
    binary,
    dbFile: join(folder, "temporal", "temporal.db"),
    logFile: join(folder, "logs", "temporal.log"),
    stateFile: join(folder, "temporal", "server.json"),
    port: 0,
    uiPort: "headless",
    namespaces,
    // A run is deleted once what came before is known to be done: looked at every second instead of every thirty.
    dynamicConfig: ["transfer", "visibility", "timer"].map(
      (queue) => `history.${queue}ProcessorUpdateAckInterval="1s"`,
    ),
    progress,
  });
  stops.push(server.stop);
  return { server, binary };
}

async function bundleWorkflows(folder: string): Promise<string> {
  const path = join(folder, "workflow-bundle.js");
  return (await writeWorkflowBundle(path)) ? path : "";
}

function makePushKey(): string {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2_048 });
  return privateKey.export({ type: "pkcs8", format: "pem" }).toString();
}
