import { resolve } from "node:path";
import { parseArgs } from "node:util";

import { loadBackupKey } from "../clients/backup-folder.ts";
import type { BackupSecret } from "../clients/backup-folder.ts";
import { AppError } from "../domain/app-error.ts";
import { backUp } from "./backup.ts";
import { findRunning, readOutsideConfig } from "./command-config.ts";
import type { Config } from "./config.ts";
import { systemClock } from "./open-core.ts";
import { readPassphrase } from "./read-passphrase.ts";
import { UsageError, demandOption, runCommand } from "./run-command.ts";
import { statePaths } from "./state-paths.ts";

const mostKeepDays = 30;

const help = `npm run backup -- --to <folder>

Writes an encrypted set of all rows and objects into <folder>/data, and the newest keys into <folder>/keys in the place of
the last ones, while the system works. Give the two folders different homes: rows without keys are noise. Sets that are
older than --keep-days go.

  --keep-days <n>           1 to ${mostKeepDays}; ${mostKeepDays} unless said otherwise
  --passphrase-file <file>  seals with a passphrase of at least 20 characters instead of keyring/backup.key

Neither keyring/root.key nor keyring/backup.key is in a backup: keep a copy of both where no backup is.

Works on the npm start that runs in SHOPTHREAD_HOME, else on what DATABASE_URL (the owner) and SHOPTHREAD_HOME name.`;

await runCommand({ help, run });

async function run(args: string[]): Promise<boolean> {
  const text = { type: "string" } as const;
  const options = { to: text, "keep-days": text, "passphrase-file": text };
  const { values } = parseArgs({ args, options });
  const config = readOutsideConfig();
  const home = config.SHOPTHREAD_HOME;
  const startedMs = performance.now();
  const done = await backUp({
    ownerUrl: ownerUrlOf(config),
    home,
    to: resolve(demandOption("to", values.to)),
    secret: await readSecretOf(values["passphrase-file"], statePaths(home).keyring),
    keepDays: readDays(values["keep-days"]),
    clock: systemClock,
  });
  const seconds = ((performance.now() - startedMs) / 1_000).toFixed(1);
  console.log(
    `${done.name}: ${done.rows} rows, ${done.objects} objects, ${done.bytes} bytes in ${seconds} s`,
  );
  for (const name of done.pruned) console.log(`${name}: too old, removed`);
  return true;
}

function ownerUrlOf(config: Config): string {
  const url = findRunning(config)?.databaseUrl ?? config.DATABASE_URL;
  if (url !== undefined) return url;
  const message = `Nothing runs in ${config.SHOPTHREAD_HOME}: start it, or set DATABASE_URL to the owner of the database.`;
  throw new AppError("unavailable", "command.nothing_runs", { internal: message, public: message });
}

function readDays(given = String(mostKeepDays)): number {
  const days = Number(given);
  if (Number.isInteger(days) && days >= 1 && days <= mostKeepDays) return days;
  throw new UsageError(`--keep-days must be a number from 1 to ${mostKeepDays}`);
}

async function readSecretOf(file: string | undefined, keyring: string): Promise<BackupSecret> {
  return file === undefined ? loadBackupKey(keyring) : readPassphrase(file);
}
