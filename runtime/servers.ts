import { Connection } from "@temporalio/client";
import { AppError } from "../domain/app-error.ts";
import { startEmbeddedPostgres } from "./embedded-postgres.ts";
import { keepServer } from "./kept-server.ts";
import { checkDatabase, createDatabase, prepareDatabase } from "./prepare-database.ts";
import type { DatabaseLogins } from "./prepare-database.ts";
import type { Bringing } from "./bringing.ts";
import type { Config } from "./config.ts";
import { temporalTls } from "./tls.ts";
import { untilAborted } from "./steps.ts";
import { ensureNamespace } from "./temporal-namespace.ts";
import { findTemporalBinary } from "./temporal-binary.ts";
import { startTemporalServer } from "./temporal-server.ts";

export type PostgresUp = { ownerUrl: string; logins: DatabaseLogins };

/** The given or the embedded database, migrated. */
export async function bringUpPostgres(bringing: Bringing): Promise<PostgresUp> {
  const { config, secrets, step } = bringing;
  const ownerUrl = config.DATABASE_URL ?? (await embedPostgres(bringing));
  if (config.DATABASE_URL !== undefined)
    await step(
      "PostgreSQL",
      () => checkDatabase(ownerUrl),
      () => `given, at ${new URL(ownerUrl).host}`,
    );
  const { logins } = await step(
    "migrations",
    () => prepareDatabase(ownerUrl, config, secrets.rolePasswords),
    ({ migrations }) => (migrations.length === 0 ? "none is new" : `${migrations.length} applied`),
  );
  return { ownerUrl, logins };
}

async function embedPostgres({ config, paths, secrets, step, undo, runFile, progress }: Bringing) {
  const start = (port: number) =>
    startEmbeddedPostgres({
      dataFolder: paths.postgres,
      logFile: `${paths.logs}/postgres.log`,
      password: secrets.postgresPassword,
      port,
      progress,
    });
  const first = await step(
    "PostgreSQL",
    () => start(config.SHOPTHREAD_POSTGRES_PORT),
    (server) => `embedded, port ${server.port}`,
  );
  runFile.setProcess("postgres", first.pid);
  const kept = keepServer({
    name: "PostgreSQL",
    first,
    restart: () => start(first.port),
    onRestart: (server) => runFile.setProcess("postgres", server.pid),
    progress,
  });
  undo.push(async () => {
    await kept.stop();
    progress("PostgreSQL: stopped");
  });
  return createDatabase(first.url, "shopthread");
}

export type TemporalUp = { address: string; uiUrl?: string; uiPort?: number };

/** The given or the embedded Temporal server, with its namespace. */
export async function bringUpTemporal(bringing: Bringing): Promise<TemporalUp> {
  const { config, step } = bringing;
  const address = config.TEMPORAL_ADDRESS;
  if (address === undefined) return embedTemporal(bringing);
  await step(
    "Temporal",
    () => checkTemporal(address, config),
    () => `given, at ${address}`,
  );
  return { address };
}

async function embedTemporal(bringing: Bringing): Promise<TemporalUp> {
  const { config, paths, step, undo, runFile, progress, signal } = bringing;
  const finding = findTemporalBinary({ givenPath: config.TEMPORAL_CLI_PATH, progress });
  const binary = await untilAborted(finding, signal);
  const start = (port: number, uiPort: number) =>
    startTemporalServer({
      binary,
      dbFile: paths.temporalDb,
      logFile: `${paths.logs}/temporal.log`,
      stateFile: paths.temporalState,
      port,
      uiPort,
      namespaces: [config.TEMPORAL_NAMESPACE],
      progress,
    });
  const first = await step(
    "Temporal",
    () => start(config.SHOPTHREAD_TEMPORAL_PORT, config.SHOPTHREAD_TEMPORAL_UI_PORT),
    (server) => `embedded, port ${server.port}`,
  );
  const uiPort = first.uiUrl === undefined ? 0 : Number(new URL(first.uiUrl).port);
  runFile.setProcess("temporal", first.pid);
  const kept = keepServer({
    name: "Temporal",
    first,
    restart: () => start(first.port, uiPort),
    onRestart: (server) => runFile.setProcess("temporal", server.pid),
    progress,
  });
  undo.push(async () => {
    await kept.stop();
    progress("Temporal: stopped");
  });
  return { address: first.address, uiPort, ...(first.uiUrl === undefined ? {} : { uiUrl: first.uiUrl }) };
}

/** Refuses with one message when a server that was given from outside cannot be used; makes its namespace. */
export async function checkTemporal(address: string, config: Config): Promise<void> {
  const namespace = config.TEMPORAL_NAMESPACE;
  let connection: Connection | undefined;
  try {
    connection = await Connection.connect({
      address,
      tls: temporalTls(config) ?? null,
      connectTimeout: 10_000,
    });
    const { workflowService } = connection;
    await connection.withDeadline(Date.now() + 45_000, () => ensureNamespace(workflowService, namespace));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const message = `Temporal at ${address} (TEMPORAL_ADDRESS), namespace ${namespace}, cannot be used: ${reason}`;
    throw new AppError("unavailable", "runtime.temporal_away", {
      internal: message,
      public: message,
      cause: error,
    });
  } finally {
    await connection?.close();
  }
}
