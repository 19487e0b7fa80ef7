import { mkdir } from "node:fs/promises";
import { resolve } from "node:path";
import { parseArgs } from "node:util";

import { findBackupKey } from "../clients/backup-folder.ts";
import type { BackupSecret } from "../clients/backup-folder.ts";
import { AppError } from "../domain/app-error.ts";
import { readOutsideConfig } from "./command-config.ts";
import type { Config } from "./config.ts";
import { startEmbeddedPostgres } from "./embedded-postgres.ts";
import { takePidLock } from "./pid-lock.ts";
import { createDatabase, prepareLogins } from "./prepare-database.ts";
import { readPassphrase } from "./read-passphrase.ts";
import { restore } from "./restore.ts";
import { demandOption, runCommand } from "./run-command.ts";
import { loadSecrets } from "./secrets.ts";
import { statePaths } from "./state-paths.ts";
import { UndoStack } from "./undo-stack.ts";

const help = `npm run restore -- --from <folder>

Fills an empty database and the folders of SHOPTHREAD_HOME from what npm run backup wrote. Everything is checked before
anything is touched. Whoever was erased since the backup is erased again, by the newest keys and by the list in
SHOPTHREAD_HOME/erasures together with the backup's; until then neither API nor workers can connect. npm start, or
npm run reconcile, then starts a workflow for whatever is open.

  --set <name>              a name in <folder>/data; the newest unless said otherwise
  --passphrase-file <file>  if it was sealed with one; else keyring/backup.key
  --force-empty             drops every table of a database that has some

SHOPTHREAD_HOME/keyring needs root.key, and backup.key unless there is a passphrase. Nothing may run meanwhile.

Works on the database that DATABASE_URL (the owner) names; without it on the embedded one in SHOPTHREAD_HOME.`;

const say = (line: string) => console.log(line);

await runCommand({ help, run });

async function run(args: string[]): Promise<boolean> {
  const text = { type: "string" } as const;
  const options = {
    from: text,
    set: text,
    "passphrase-file": text,
    "force-empty": { type: "boolean" },
  } as const;
  const { values } = parseArgs({ args, options });
  const from = resolve(demandOption("from", values.from));
  const config = readOutsideConfig();
  const home = config.SHOPTHREAD_HOME;
  const secret = await readSecretOf(values["passphrase-file"], statePaths(home).keyring);
  const startedMs = performance.now();
  const undo = new UndoStack();
  try {
    const ownerUrl = await bringUpDatabase(config, undo);
    const mayEmpty = values["force-empty"] === true;
    const done = await restore({ ownerUrl, home, from, set: values.set, secret, mayEmpty, progress: say });
    const seconds = ((performance.now() - startedMs) / 1_000).toFixed(1);
    say(`${done.name}: ${done.rows} rows, ${done.objects} objects in ${seconds} s`);
  } finally {
    await undo.unwind();
  }
  return true;
}

async function bringUpDatabase(config: Config, undo: UndoStack): Promise<string> {
  const paths = statePaths(config.SHOPTHREAD_HOME);
  await mkdir(paths.home, { recursive: true, mode: 0o700 });
  const lock = takePidLock(paths.lock);
  if (!lock.ok)
    throw refused(
      "restore.running",
      `npm start runs in ${paths.home} (pid ${lock.holderPid}): stop it first.`,
    );
  undo.push(lock.release);
  const secrets = loadSecrets(paths.secrets);
  const ownerUrl = config.DATABASE_URL ?? (await embed());
  await prepareLogins(ownerUrl, config, secrets.rolePasswords);
  return ownerUrl;

  async function embed(): Promise<string> {
    const server = await startEmbeddedPostgres({
      dataFolder: paths.postgres,
      logFile: `${paths.logs}/postgres.log`,
      password: secrets.postgresPassword,
      port: config.SHOPTHREAD_POSTGRES_PORT,
      progress: say,
    });
    undo.push(() => server.stop());
    return createDatabase(server.url, "shopthread");
  }
}

async function readSecretOf(file: string | undefined, keyring: string): Promise<BackupSecret> {
  if (file !== undefined) return readPassphrase(file);
  const key = await findBackupKey(keyring);
  if (key !== undefined) return key;
  throw refused(
    "restore.key_missing",
    `${keyring} has no backup.key, which is in no backup: put it there, or name the passphrase by --passphrase-file.`,
  );
}

function refused(code: string, message: string): AppError {
  return new AppError("invalid", code, { internal: message, public: message });
}
