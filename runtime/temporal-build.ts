import { spawn, spawnSync } from "node:child_process";
import { mkdir, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { withHeartbeat } from "./progress.ts";
import type { Progress } from "./progress.ts";
import type { InstallOutcome } from "./temporal-download.ts";

const usualPlaces = ["go", "/usr/local/go/bin/go", "/opt/homebrew/bin/go"];

export function findGo(env: NodeJS.ProcessEnv, places = usualPlaces): string | undefined {
  return places.find((go) => spawnSync(go, ["version"], { env, timeout: 20_000 }).status === 0);
}

type Build = { go: string; version: string; target: string; env: NodeJS.ProcessEnv; progress: Progress };

/** `go install` of the last CLI version that can be installed so (1.6 and later use replace directives). */
export async function buildTemporal({ go, version, target, env, progress }: Build): Promise<InstallOutcome> {
  const folder = join(dirname(target), `build.${process.pid}`);
  await mkdir(folder, { recursive: true });
  try {
    const label = `  Building the Temporal server with Go (about three minutes on two cores); kept in ${target}`;
    const beat = { label, still: "  still building", everyMs: 5_000 };
    const outcome = await withHeartbeat(progress, beat, () => runGo(go, version, { ...env, GOBIN: folder }));
    if (outcome.ok) await rename(join(folder, "temporal"), target);
    return outcome;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function runGo(go: string, version: string, env: NodeJS.ProcessEnv): Promise<InstallOutcome> {
  const module = `github.com/temporalio/cli/cmd/temporal@v${version}`;
  return new Promise((resolve) => {
    const child = spawn(go, ["install", "-trimpath", "-ldflags=-s -w", module], {
      env: { ...env, GOFLAGS: "", CGO_ENABLED: "0" }, // all of it is Go; a C compiler is neither needed nor trusted
      stdio: ["ignore", "ignore", "pipe"],
    });
    const endWithUs = () => child.kill();
    process.once("exit", endWithUs);
    child.once("exit", () => process.off("exit", endWithUs));
    let complaint = "";
    child.stderr.on("data", (chunk) => (complaint = (complaint + String(chunk)).slice(-2_000)));
    child.once("error", (error) => resolve({ ok: false, reason: error.message }));
    child.once("exit", (code) =>
      resolve(
        code === 0 ? { ok: true } : { ok: false, reason: complaint.trim().split("\n").slice(-3).join(" ") },
      ),
    );
  });
}
