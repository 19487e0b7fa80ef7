import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { AppError } from "../domain/app-error.ts";
import { cacheFolder } from "./cache-folder.ts";
import type { Progress } from "./progress.ts";
import { downloadTemporal } from "./temporal-download.ts";
import { withInstallLock } from "./install-lock.ts";
import { buildTemporal, findGo } from "./temporal-build.ts";

export const TEMPORAL_CLI_VERSION = "1.5.1";

export type FindTemporalOptions = {
  /** `TEMPORAL_CLI_PATH`, when set. */
  givenPath?: string | undefined;
  progress: Progress;
  env?: NodeJS.ProcessEnv;
  /** Where the SDKs download from; another address only in tests. */
  downloadFrom?: string;
  /** A download is given up after this long without a byte. */
  silenceMs?: number;
  /** Where Go may be, a name being looked up on the PATH; other places only in tests. */
  goPlaces?: string[];
};

/**
 * The Temporal CLI, whose `server start-dev` is the embedded server: the given path, the PATH, this project's
 * cache, the download, a build with Go. The last two fill the cache, under a lock, once for all starts.
 */
export async function findTemporalBinary(options: FindTemporalOptions): Promise<string> {
  const env = options.env ?? process.env;
  if (options.givenPath) return checkGivenPath(options.givenPath);
  const onPath = findOnPath(env);
  if (onPath && isRunnable(onPath)) {
    options.progress(`Temporal: ${onPath} (found on the PATH)`);
    return onPath;
  }
  const home = join(cacheFolder(env), `temporal-cli-${TEMPORAL_CLI_VERSION}`);
  const cached = join(home, "temporal");
  if (existsSync(cached) && isRunnable(cached)) {
    options.progress(`Temporal: ${cached} (cached)`);
    return cached;
  }
  options.progress(`Temporal: not on the PATH and not in ${home} yet; getting it now, this happens once`);
  return withInstallLock(home, options.progress, async () => {
    if (existsSync(cached) && isRunnable(cached)) return cached; // somebody else got it while we waited
    return install(cached, options, env);
  });
}

async function install(
  cached: string,
  options: FindTemporalOptions,
  env: NodeJS.ProcessEnv,
): Promise<string> {
  const { progress } = options;
  const download = await downloadTemporal({
    version: TEMPORAL_CLI_VERSION,
    target: cached,
    from: options.downloadFrom ?? "https://temporal.download",
    silenceMs: options.silenceMs ?? 10_000,
    progress,
  });
  if (download.ok && isRunnable(cached)) return cached;
  progress(`  download given up: ${download.ok ? "the program does not run here" : download.reason}`);
  const go = findGo(env, options.goPlaces);
  if (!go) {
    progress("  no Go on this machine to build it with");
    throw nothingFound(cached);
  }
  const build = await buildTemporal({ go, version: TEMPORAL_CLI_VERSION, target: cached, env, progress });
  if (build.ok && isRunnable(cached)) return cached;
  progress(`  build failed: ${build.ok ? "the program does not run here" : build.reason}`);
  throw nothingFound(cached);
}

function checkGivenPath(path: string): string {
  if (isRunnable(path)) return path;
  const message = `TEMPORAL_CLI_PATH is ${path}, but that is not a Temporal CLI that runs here.`;
  throw new AppError("unavailable", "runtime.temporal_path", { internal: message, public: message });
}

function findOnPath(env: NodeJS.ProcessEnv): string | undefined {
  const folders = (env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
  return folders.map((folder) => join(folder, "temporal")).find((path) => existsSync(path));
}

function isRunnable(path: string): boolean {
  const { status, stdout } = spawnSync(path, ["--version"], { encoding: "utf8", timeout: 20_000 });
  return status === 0 && /temporal version/i.test(stdout);
}

function nothingFound(cached: string): AppError {
  const message = [
    "No Temporal server could be found, downloaded or built. Do one of these and start again:",
    `  - install the Temporal CLI (https://docs.temporal.io/cli) so that \`temporal\` is on the PATH, or put it at ${cached};`,
    "  - set TEMPORAL_CLI_PATH to it;",
    "  - install Go 1.25 or newer, with which it is built by itself;",
    "  - set TEMPORAL_ADDRESS to a Temporal server that runs already.",
  ].join("\n");
  return new AppError("unavailable", "runtime.temporal_missing", { internal: message, public: message });
}
