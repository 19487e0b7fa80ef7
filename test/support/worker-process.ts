import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { onTestFinished } from "vitest";

import { checkoutFolder } from "../../runtime/config.ts";
import type { House } from "./house.ts";

/** A worker in a process of its own, as `npm start` runs it, against the house's world; it ends with the test. */
export function spawnWorker(house: House): { kill9(): Promise<void> } {
  const child = spawn(process.execPath, ["runtime/start.js", "--only", "worker"], {
    cwd: checkoutFolder,
    env: { PATH: process.env["PATH"], TZ: "UTC", ...settingsOf(house) },
    stdio: ["ignore", "ignore", "inherit"],
  });
  const kill9 = () => end(child);
  onTestFinished(kill9);
  return { kill9 };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  child.kill("SIGKILL");
  await exited;
}

/** The parsed settings as the environment has them. */
export function settingsOf({ config }: House): Record<string, string> {
  return Object.fromEntries(
    Object.entries(config).flatMap(([name, value]) => {
      if (name !== name.toUpperCase() || value === undefined) return [];
      return [[name, Array.isArray(value) ? value.join(",") : String(value)]];
    }),
  );
}
