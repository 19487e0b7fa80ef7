import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { onTestFinished } from "vitest";

import { checkoutFolder } from "../../runtime/config.ts";
import type { House } from "./house.ts";

export type PartProcess = {
  pid: number;
  /** Resolves once it serves. */
  ready: Promise<unknown>;
  hasEnded(): boolean;
  kill9(): Promise<void>;
};

/** A worker in a process of its own, as `npm start` runs it, against the house's world; it ends with the test. */
export function spawnWorker(house: House): PartProcess {
  return spawnPart(house, "worker");
}

/** Likewise an API beside the house's own; its port is one of the settings. */
export function spawnApi(house: House, port: number): PartProcess {
  return spawnPart(house, "api", { SHOPTHREAD_PORT: String(port) });
}

function spawnPart(house: House, part: "api" | "worker", settings: Record<string, string> = {}): PartProcess {
  const child = spawn(process.execPath, ["runtime/start.js", "--only", part], {
    cwd: checkoutFolder,
    env: { PATH: process.env["PATH"], TZ: "UTC", ...settingsOf(house.config), ...settings },
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  const kill9 = () => end(child);
  onTestFinished(kill9);
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
  return { pid: child.pid ?? 0, ready: once(child, "message"), hasEnded, kill9 };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  child.kill("SIGKILL");
  await exited;
}

/** The parsed settings as the environment has them. */
export function settingsOf(config: House["config"]): Record<string, string> {
  return Object.fromEntries(
    Object.entries(config).flatMap(([name, value]) => {
      if (name !== name.toUpperCase() || value === undefined) return [];
      return [[name, settingText(value)]];
    }),
  );
}

function settingText(value: string | number | boolean | object): string {
  if (Array.isArray(value)) return value.join(",");
  if (typeof value !== "object") return String(value);
  return Object.entries(value)
    .map(([key, of]) => `${key}:${of}`)
    .join(",");
}
