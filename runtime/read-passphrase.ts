import { readFile } from "node:fs/promises";

import type { BackupSecret } from "../clients/backup-folder.ts";
import { UsageError } from "./run-command.ts";

const shortest = 20;

/** The first line of a file. */
export async function readPassphrase(file: string): Promise<BackupSecret> {
  const text = await readFile(file, "utf8").catch(() => {
    throw new UsageError(`--passphrase-file: ${file} cannot be read`);
  });
  const passphrase = text.split("\n")[0]?.trim() ?? "";
  if (passphrase.length < shortest)
    throw new UsageError(`--passphrase-file: the passphrase needs at least ${shortest} characters`);
  return { passphrase };
}
