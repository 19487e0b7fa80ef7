import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

import { startApp } from "./baseline/start-baseline.ts";
import type { AppWorld, RunningApp } from "./baseline/start-baseline.ts";

export type Peer = { name: string; start(world: AppWorld): Promise<RunningApp> };

const folder = fileURLToPath(new URL("./peers/", import.meta.url));

/** Installs the peers from their own lock file; they never are dependencies of the product. */
export function installPeers(): Peer[] {
  const { status } = spawnSync("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], {
    cwd: folder,
    stdio: ["ignore", "ignore", "inherit"],
  });
  if (status !== 0) throw new Error("the peers could not be installed");
  const peer = (name: string, program: string): Peer => ({
    name,
    start: (world) => startApp(folder + program, world, ["--import", "tsx"]),
  });
  return [
    peer("DBOS, steps durable", "dbos-process.ts"),
    peer("Restate, steps durable", "restate-process.ts"),
  ];
}
