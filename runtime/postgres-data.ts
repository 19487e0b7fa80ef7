import { spawn } from "node:child_process";
import { chownSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { AppError } from "../domain/app-error.ts";
import type { PostgresBinaries } from "./postgres-binaries.ts";
import { withSlowNotice } from "./progress.ts";
import type { Progress } from "./progress.ts";

const NOBODY = 65_534;

/** PostgreSQL refuses to run as root; then it runs as an unprivileged user. Undefined: as we are. */
export function postgresUser(): { uid: number; gid: number } | undefined {
  return process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : undefined;
}

/**
 * How the server is told its data folder, with that folder as working folder. The unprivileged user often
 * cannot walk the path to it (a checkout under a 0700 home), but it can always reach where it stands.
 */
export function folderArgument(dataFolder: string): string {
  return postgresUser() && process.platform === "linux" ? "/proc/self/cwd" : dataFolder;
}

export function postgresEnvironment(): NodeJS.ProcessEnv {
  return { PATH: process.env["PATH"] ?? "/usr/bin:/bin", LC_ALL: "C", TZ: "UTC" };
}

export type NewDatabase = {
  dataFolder: string;
  password: string;
  settings?: Record<string, string>;
  progress: Progress;
};

/** Makes the data folder under another name first, so that an interrupted attempt is never taken for a database. */
export async function createPostgresData(
  binaries: PostgresBinaries,
  { dataFolder, password, settings, progress }: NewDatabase,
): Promise<void> {
  const making = `${dataFolder}.new`;
  await rm(making, { recursive: true, force: true });
  await mkdir(making, { recursive: true, mode: 0o700 });
  const secrets = await mkdtemp(join(binaries.scratch, "initdb-"));
  const passwordFile = join(secrets, "password");
  try {
    await writeFile(passwordFile, `${password}\n`, { mode: 0o600 });
    const user = postgresUser();
    if (user) for (const path of [making, secrets, passwordFile]) chownSync(path, user.uid, user.gid);
    await withSlowNotice(progress, "making the database folder", () =>
      runInitdb(binaries.initdb, making, [
        `--pwfile=${passwordFile}`,
        ...(settings?.["fsync"] === "off" ? ["--no-sync"] : []),
      ]),
    );
  } finally {
    await rm(secrets, { recursive: true, force: true });
  }
  await rename(making, dataFolder);
}

function runInitdb(program: string, folder: string, further: string[]): Promise<void> {
  const args = [
    ["-D", folderArgument(folder)],
    ["--username=postgres", "--auth=scram-sha-256", ...further],
    ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"],
  ].flat();
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: folder,
      stdio: ["ignore", "pipe", "pipe"],
      env: postgresEnvironment(),
      ...postgresUser(),
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (chunk) => (output += String(chunk)));
    child.once("error", (error) => reject(initFailure(error.message)));
    child.once("exit", (code) => (code === 0 ? resolve() : reject(initFailure(output.trim()))));
  });
}

function initFailure(reason: string): AppError {
  const message = `The database folder could not be made: ${reason.split("\n").slice(-5).join("\n")}`;
  return new AppError("unavailable", "runtime.initdb_failed", { internal: message, public: message });
}
