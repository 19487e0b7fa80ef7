import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { Client } from "pg";

import { childEnvironment } from "../../runtime/child-environment.ts";
import { readConfig } from "../../runtime/config.ts";
import type { Config } from "../../runtime/config.ts";
import { findFreePort } from "../../runtime/free-port.ts";
import { openCore } from "../../runtime/open-core.ts";
import type { Core } from "../../runtime/open-core.ts";
import { createDatabase, prepareDatabase } from "../../runtime/prepare-database.ts";
import { taskQueues } from "../../runtime/queues.ts";
import { loadSecrets } from "../../runtime/secrets.ts";
import { statePaths } from "../../runtime/state-paths.ts";
import type { StatePaths } from "../../runtime/state-paths.ts";
import { UndoStack } from "../../runtime/undo-stack.ts";
import { writeWorkflowBundle } from "../../runtime/workflow-bundle.ts";
import { Outside } from "../../test/support/outside.ts";
import { Member } from "./member.ts";
import type { MemberEnd } from "./member.ts";
import { launchPostgres, launchTemporal } from "./servers.ts";
import { mountSmallDisk } from "./small-disk.ts";
import type { SmallDisk } from "./small-disk.ts";

export type Rows = <Row extends object>(text: string, values?: unknown[]) => Promise<Row[]>;

/** The whole system as separate processes, each of which can be struck. */
export type Town = {
  paths: StatePaths;
  config: Config;
  /** With the API's login, for look-ups and shops; no failpoint touches it. */
  core: Core;
  /** As the superuser, whom row security does not bind; a connection of its own each time. */
  rows: Rows;
  apiUrl: string;
  sim: { url: string };
  outside: Outside;
  postgres: Awaited<ReturnType<typeof launchPostgres>>;
  temporal: Awaited<ReturnType<typeof launchTemporal>>;
  taskQueue: string;
  /** When an older copy of Temporal's database was put back. */
  restores: number[];
  api: Member;
  workers: readonly [Member, Member];
  /** Absent where no file system may be mounted. */
  disks: { postgres: SmallDisk; objects: SmallDisk } | undefined;
  /** Failpoints are written here before they strike. */
  journal: string;
  /** The book of the bank that pays payouts. */
  bankFolder: string;
  close(): Promise<void>;
};

export type TownOptions = {
  home: string;
  /** Disks that can be filled up: needs the right to mount. */
  hasSmallDisks: boolean;
  onEnd: (end: MemberEnd) => void;
};

const postgresMegabytes = 2_000;
const objectsMegabytes = 200;

export async function openTown(options: TownOptions): Promise<Town> {
  const undo = new UndoStack();
  try {
    return await build(options, undo);
  } catch (error) {
    await undo.unwind();
    throw error;
  }
}

async function build(options: TownOptions, undo: UndoStack): Promise<Town> {
  const { home } = options;
  const paths = statePaths(home);
  await mkdir(paths.logs, { recursive: true });
  const disks = options.hasSmallDisks ? await mountDisks(paths, undo) : undefined;
  const secrets = loadSecrets(paths.secrets);
  const postgres = await launchPostgres(paths.postgres, secrets.postgresPassword);
  undo.push(() => postgres.stop());
  const temporalFiles = {
    dbFile: paths.temporalDb,
    stateFile: paths.temporalState,
    logFile: join(paths.logs, "temporal.log"),
  };
  const temporal = await launchTemporal(temporalFiles, "shopthread");
  undo.push(() => temporal.stop());
  const ownerUrl = await createDatabase(postgres.now.url, "shopthread");
  const given = { SHOPTHREAD_HOME: home, SHOPTHREAD_DEMO: "on", SHOPTHREAD_LOG_LEVEL: "warn" };
  const { logins } = await prepareDatabase(ownerUrl, readConfig(given), secrets.rolePasswords);
  const journal = join(paths.logs, "failpoints.jsonl");
  const addresses = await chooseAddresses(temporal.now.address);
  const world = childEnvironment({ config: readConfig(given), given, secrets, logins, addresses });
  // Bundled once: a worker that is killed every few seconds should be back soon.
  const bundle = join(home, "workflows.js");
  await writeWorkflowBundle(bundle);
  const bankFolder = join(home, "bank");
  const own = { CAMPAIGN_JOURNAL: journal, CAMPAIGN_BUNDLE: bundle, CAMPAIGN_BANK: bankFolder };
  const env = { ...process.env, ...world, ...own };
  const config = readConfig(world);
  const member = (kind: "api" | "worker" | "sim", name: string) => {
    const logFile = join(paths.logs, `${name}.log`);
    const made = new Member({ kind, name, env, logFile, onEnd: options.onEnd });
    undo.push(() => made.stop());
    made.start();
    return made;
  };
  await member("sim", "sim").ready();
  const core = await openCore(config, { name: "campaign", login: "api", connections: 4 });
  undo.push(() => core.close());
  const [api, first, second] = [
    member("api", "api"),
    member("worker", "worker-1"),
    member("worker", "worker-2"),
  ];
  await Promise.all([api, first, second].map((one) => one.ready()));
  return {
    paths,
    config,
    core,
    rows: rowsOf(ownerUrl),
    apiUrl: addresses.api,
    sim: { url: addresses.sim },
    outside: new Outside({ sim: { url: addresses.sim } }),
    postgres,
    temporal,
    taskQueue: taskQueues.main,
    restores: [],
    api,
    workers: [first, second],
    disks,
    journal,
    bankFolder,
    close: () => undo.unwind(),
  };
}

async function chooseAddresses(temporal: string) {
  const [apiPort, simPort, simMailPort] = [
    await findFreePort(0, "SHOPTHREAD_PORT"),
    await findFreePort(0, "SHOPTHREAD_SIM_PORT"),
    await findFreePort(0, "SHOPTHREAD_SIM_MAIL_PORT"),
  ];
  return {
    api: `http://127.0.0.1:${apiPort}`,
    apiPort,
    sim: `http://127.0.0.1:${simPort}`,
    simPort,
    simMailPort,
    temporal,
    temporalUiPort: 0,
    workerMetricsPort: 0,
  };
}

async function mountDisks(paths: StatePaths, undo: UndoStack): Promise<Town["disks"]> {
  const postgres = await mountSmallDisk(paths.postgres, postgresMegabytes);
  if (!postgres) return undefined;
  undo.push(() => postgres.unmount());
  const objects = await mountSmallDisk(paths.objects, objectsMegabytes);
  if (!objects) return undefined;
  undo.push(() => objects.unmount());
  return { postgres, objects };
}

function rowsOf(connectionString: string): Rows {
  return async <Row extends object>(text: string, values: unknown[] = []) => {
    const client = new Client({ connectionString });
    client.on("error", () => undefined); // the query tells of it
    await client.connect();
    try {
      return (await client.query<Row>(text, values)).rows;
    } finally {
      await client.end().catch(() => undefined);
    }
  };
}
