import { existsSync } from "node:fs";
import { AppError } from "../domain/app-error.ts";
import { childEnvironment } from "./child-environment.ts";
import { loadEnvFile, readConfig } from "./config.ts";
import type { Config } from "./config.ts";
import { loginsFor } from "./prepare-database.ts";
import { findProcess } from "./running-process.ts";
import type { RunFacts } from "./run-file.ts";
import { takeSecretFiles } from "./secret-files.ts";
import { loadSecrets } from "./secrets.ts";
import { readStateFile } from "./state-file.ts";
import { statePaths } from "./state-paths.ts";

/** Of the `npm start` that runs in the state folder; undefined when none does. */
export function findRunning(config: Config): RunFacts | undefined {
  const facts = readStateFile<RunFacts>(statePaths(config.SHOPTHREAD_HOME).runFile);
  return facts !== undefined && findProcess(facts.pid) !== undefined ? facts : undefined;
}

/** The settings from the environment and `.env`. */
export function readOutsideConfig(): Config {
  loadEnvFile();
  takeSecretFiles(process.env);
  return readConfig(process.env);
}

/** The settings that the processes have: from the running `npm start`, else from the environment alone. */
export function readCommandConfig(): Config {
  const config = readOutsideConfig();
  const running = findRunning(config);
  if (running) return configOfRunning(config, running);
  const outside = [config.DATABASE_URL, config.DATABASE_URL_API, config.TEMPORAL_ADDRESS];
  if (outside.every((address) => address === undefined)) throw nothingRuns(config);
  const { secrets } = statePaths(config.SHOPTHREAD_HOME);
  const isGiven = config.DATABASE_URL === undefined || !existsSync(secrets);
  if (isGiven) return config;
  return { ...config, ...loginsFor(config.DATABASE_URL ?? "", config, loadSecrets(secrets).rolePasswords) };
}

function configOfRunning(config: Config, facts: RunFacts): Config {
  const secrets = loadSecrets(statePaths(config.SHOPTHREAD_HOME).secrets);
  const env = childEnvironment({
    config,
    given: process.env,
    secrets,
    logins: loginsFor(facts.databaseUrl, config, secrets.rolePasswords),
    addresses: {
      api: facts.api,
      apiPort: portOf(facts.api),
      sim: facts.sim ?? undefined,
      simPort: facts.sim === null ? config.SHOPTHREAD_SIM_PORT : portOf(facts.sim),
      simMailPort: config.SHOPTHREAD_SIM_MAIL_PORT, // commands queue mails, the worker sends them
      temporal: facts.temporalAddress,
      temporalUiPort:
        facts.temporalUi === null ? config.SHOPTHREAD_TEMPORAL_UI_PORT : portOf(facts.temporalUi),
      workerMetricsPort: facts.workerMetrics === null ? "off" : portOf(facts.workerMetrics),
    },
  });
  return readConfig(env);
}

function portOf(address: string): number {
  return Number(new URL(address).port);
}

function nothingRuns(config: Config): AppError {
  const message =
    `Nothing runs in ${config.SHOPTHREAD_HOME}. Start it with npm start, name another folder by SHOPTHREAD_HOME, ` +
    "or set DATABASE_URL and TEMPORAL_ADDRESS.";
  return new AppError("unavailable", "command.nothing_runs", { internal: message, public: message });
}
