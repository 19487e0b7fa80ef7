import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Client } from "pg";

import { readConfig } from "../../runtime/config.ts";
import { startEmbeddedPostgres } from "../../runtime/embedded-postgres.ts";
import { openCore } from "../../runtime/open-core.ts";
import type { Core } from "../../runtime/open-core.ts";
import type { PartName } from "../../runtime/parts.ts";
import { createDatabase, loginsFor } from "../../runtime/prepare-database.ts";
import type { RunFacts } from "../../runtime/run-file.ts";
import { loadSecrets } from "../../runtime/secrets.ts";
import { readStateFile } from "../../runtime/state-file.ts";
import { statePaths } from "../../runtime/state-paths.ts";
import { startSystem } from "../../runtime/supervisor.ts";
import { UndoStack } from "../../runtime/undo-stack.ts";
import type { Pids } from "../measure/processes.ts";
import { Outside } from "../outside/outside.ts";
import { openBenchShop } from "./bench-shop.ts";
import type { BenchShop } from "./bench-shop.ts";
import { anyPorts } from "../../test/support/any-ports.ts";

export type BenchSystem = {
  outside: Outside;
  shops: BenchShop[];
  appSecret: string;
  webhookUrl: string;
  core: Core;
  /** The superuser, in the product's database. */
  owner: Client;
  ownerUrl: string;
  /** Of every process; `load` is this one: the load, the Graph API and the model. */
  pids(): Pids;
  /** From nothing to ready, with the databases made. */
  startUpMs: number;
  stop(): Promise<void>;
};

export type BenchSystemOptions = {
  shops: number;
  progress: (line: string) => void;
  /** A folder for V8's processor profiles of worker and API. */
  profileTo?: string;
};

export const appId = "990000000000001";

/** The whole product as its own processes in a temporary folder, with an outside world in this process. */
export async function startBenchSystem(options: BenchSystemOptions): Promise<BenchSystem> {
  const undo = new UndoStack();
  try {
    return await start(options, undo);
  } catch (error) {
    await undo.unwind();
    throw error;
  }
}

async function start(options: BenchSystemOptions, undo: UndoStack): Promise<BenchSystem> {
  const { progress, profileTo } = options;
  const home = await mkdtemp(join(tmpdir(), "shopthread-bench-"));
  undo.push(() => rm(home, { recursive: true, force: true, maxRetries: 5 }));
  const outside = await Outside.start(appId);
  undo.push(() => outside.close());
  const startedAt = performance.now();
  const postgres = await startPostgres(home, undo, progress);
  const appSecret = randomBytes(16).toString("hex");
  const env = environment({ home, ownerUrl: postgres.ownerUrl, outside, appSecret });
  const config = readConfig(env);
  const abort = new AbortController();
  const system = await startSystem({
    config,
    env,
    progress,
    signal: abort.signal,
    ...(profileTo === undefined ? {} : { partCommand: await profiled(profileTo) }),
  });
  undo.push(() => system.stop());
  const startUpMs = performance.now() - startedAt;
  const { facts } = system;
  const paths = statePaths(home);
  const logins = loginsFor(postgres.ownerUrl, config, loadSecrets(paths.secrets).rolePasswords);
  const core = await openCore(readConfig({ ...env, ...logins, TEMPORAL_ADDRESS: facts.temporalAddress }), {
    name: "bench",
    login: "api",
    connections: 4,
  });
  undo.push(() => core.close());
  const shops = [];
  for (let number = 1; number <= options.shops; number += 1) {
    shops.push(await openBenchShop(core, outside, number));
  }
  return {
    outside,
    shops,
    appSecret,
    webhookUrl: `${facts.api}/webhooks/messenger`,
    core,
    owner: postgres.owner,
    ownerUrl: postgres.ownerUrl,
    pids: () => ({ ...pidsOf(paths.runFile), postgres: postgres.pid, load: process.pid }),
    startUpMs,
    stop: () => undo.unwind(),
  };
}

/** As the product embeds it, and counting statements. */
async function startPostgres(home: string, undo: UndoStack, progress: (line: string) => void) {
  const paths = statePaths(home);
  const server = await startEmbeddedPostgres({
    dataFolder: paths.postgres,
    logFile: join(paths.logs, "postgres.log"),
    password: randomBytes(16).toString("hex"),
    port: 0,
    settings: {
      shared_preload_libraries: "pg_stat_statements",
      "pg_stat_statements.track_planning": "on",
    },
    progress,
  });
  undo.push(() => server.stop());
  const ownerUrl = await createDatabase(server.url, "shopthread");
  const owner = new Client({ connectionString: ownerUrl, application_name: "bench" });
  owner.on("error", () => undefined);
  await owner.connect();
  undo.push(() => owner.end());
  await owner.query("create extension if not exists pg_stat_statements");
  return { pid: server.pid, owner, ownerUrl };
}

type World = { home: string; ownerUrl: string; outside: Outside; appSecret: string };

/** Nothing of the caller's own settings gets in. */
function environment({ home, ownerUrl, outside, appSecret }: World): NodeJS.ProcessEnv {
  const { PATH, HOME, TEMPORAL_CLI_PATH } = process.env;
  return {
    PATH,
    HOME,
    TEMPORAL_CLI_PATH,
    SHOPTHREAD_HOME: home,
    SHOPTHREAD_DEMO: "off",
    ...anyPorts,
    DATABASE_URL: ownerUrl,
    GRAPH_BASE_URL: outside.url,
    OPENAI_BASE_URL: `${outside.url}/model/v1`,
    OPENAI_API_KEY: "sk-bench",
    META_APP_ID: appId,
    META_APP_SECRET: appSecret,
    META_VERIFY_TOKEN: randomBytes(16).toString("hex"),
  };
}

function pidsOf(runFile: string): Pids {
  const processes = readStateFile<RunFacts>(runFile)?.processes;
  const named = Object.entries(processes ?? {}).flatMap(([name, pid]) => (pid === null ? [] : [[name, pid]]));
  return Object.fromEntries(named) as Pids;
}

async function profiled(folder: string): Promise<(part: PartName) => string[]> {
  await mkdir(folder, { recursive: true });
  const program = fileURLToPath(new URL("../../runtime/start.js", import.meta.url));
  return (part) => [
    process.execPath,
    "--cpu-prof",
    `--cpu-prof-dir=${join(folder, part)}`, // a file for each of its threads
    program,
    "--only",
    part,
  ];
}
