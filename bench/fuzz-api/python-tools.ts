import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { AppError } from "../../domain/app-error.ts";
import { cacheFolder } from "../../runtime/cache-folder.ts";
import type { Progress } from "../../runtime/progress.ts";

const requirements = fileURLToPath(new URL("./requirements.txt", import.meta.url));
const execute = promisify(execFile);
/** Thirty wheels over a slow line. */
const installMs = 10 * 60_000;

/** The `st` program of the pinned schemathesis, from PyPI into the user's cache once; nothing else is touched. */
export async function findSchemathesis(progress: Progress): Promise<string> {
  const hash = createHash("sha256").update(readFileSync(requirements)).digest("hex").slice(0, 12);
  const folder = join(cacheFolder(), `schemathesis-${hash}`);
  const program = join(folder, "bin", "st");
  const mark = join(folder, "complete");
  if (existsSync(mark)) return program;
  progress(`schemathesis: installing from PyPI into ${folder} (once)`);
  await rm(folder, { recursive: true, force: true }); // what an interrupted installation left
  await mkdir(cacheFolder(), { recursive: true });
  await makeEnvironment(folder);
  await install(folder);
  await writeFile(mark, "");
  return program;
}

async function makeEnvironment(folder: string): Promise<void> {
  try {
    await execute("python3", ["-m", "venv", folder]);
  } catch (cause) {
    throw unavailable(
      "python3 with its module venv is needed for schemathesis (Debian: apt-get install python3 python3-venv).",
      cause,
    );
  }
}

async function install(folder: string): Promise<void> {
  const pip = [
    "-m",
    "pip",
    "install",
    "--quiet",
    "--disable-pip-version-check",
    "--requirement",
    requirements,
  ];
  try {
    await execute(join(folder, "bin", "python"), pip, { timeout: installMs });
  } catch (cause) {
    throw unavailable(`pip could not install ${requirements}: is PyPI reached?`, cause);
  }
}

function unavailable(message: string, cause: unknown): AppError {
  const said = cause instanceof Error && "stderr" in cause ? `\n${String(cause.stderr)}` : "";
  return new AppError("unavailable", "fuzz.no_schemathesis", {
    internal: message,
    public: message + said,
    cause,
  });
}
