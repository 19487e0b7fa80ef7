import { spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { chmod, mkdir, rename, rm } from "node:fs/promises";
import { arch, platform } from "node:os";
import { dirname, join } from "node:path";
import { withHeartbeat } from "./progress.ts";
import type { Progress } from "./progress.ts";

export type InstallOutcome = { ok: true } | { ok: false; reason: string };

type Download = { version: string; target: string; from: string; silenceMs: number; progress: Progress };

/** Fetches the archive that Temporal's SDKs fetch; never throws, because there is another way to get it. */
export async function downloadTemporal(download: Download): Promise<InstallOutcome> {
  const system = platform() === "win32" ? "windows" : platform();
  const machine = arch() === "x64" ? "amd64" : arch();
  const url = `${download.from}/cli/archive/v${download.version}?platform=${system}&arch=${machine}`;
  const folder = join(dirname(download.target), `download.${process.pid}`);
  try {
    await mkdir(folder, { recursive: true });
    const archive = join(folder, "temporal.tar.gz");
    const label = `  Downloading the Temporal server from ${download.from}`;
    await withHeartbeat(download.progress, { label, still: "  still downloading" }, () =>
      fetchToFile(url, archive, download.silenceMs),
    );
    await unpack(archive, folder);
    await chmod(join(folder, "temporal"), 0o755);
    await rename(join(folder, "temporal"), download.target);
    return { ok: true };
  } catch (error) {
    return { ok: false, reason: describe(error) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function fetchToFile(url: string, path: string, silenceMs: number): Promise<void> {
  const abort = new AbortController();
  const reason = new Error(`no byte for ${silenceMs / 1_000} s`);
  let timer = setTimeout(() => abort.abort(reason), silenceMs);
  const heard = () => {
    clearTimeout(timer);
    timer = setTimeout(() => abort.abort(reason), silenceMs);
  };
  try {
    const response = await fetch(url, { signal: abort.signal });
    if (!response.ok || !response.body) throw new Error(`answered ${response.status}`);
    const file = createWriteStream(path);
    for await (const chunk of response.body) {
      heard();
      if (!file.write(chunk)) await once(file, "drain");
    }
    file.end();
    await once(file, "close");
  } finally {
    clearTimeout(timer);
  }
}

async function unpack(archive: string, folder: string): Promise<void> {
  const child = spawn("tar", ["-xzf", archive, "-C", folder, "temporal"], { stdio: "ignore" });
  const [code] = (await once(child, "exit")) as [number | null];
  if (code !== 0) throw new Error("the archive could not be unpacked");
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message} (${error.cause.message})` : error.message;
}
