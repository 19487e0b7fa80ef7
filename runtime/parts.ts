import { AppError } from "../domain/app-error.ts";
import type { Config } from "./config.ts";

/** The processes that `npm start` runs, and `--only` runs alone. */
export const partNames = ["api", "worker", "sim", "keyring"] as const;
export type PartName = (typeof partNames)[number];

export type RunningPart = {
  /** Finishes what is in flight and lets go of everything; the process exits after it. */
  stop: () => Promise<void>;
};

/** Resolves when the part serves: the API listens, the worker polls. */
export type StartPart = (config: Config) => Promise<RunningPart>;

const exportNames: Record<PartName, string> = {
  api: "startApi",
  worker: "startWorker",
  sim: "startSim",
  keyring: "startKeyring",
};

/** Loaded by name, so that the API process never loads the worker's code and the other way round. */
export async function loadPart(name: PartName): Promise<StartPart> {
  const url = new URL(`./${name}.ts`, import.meta.url).href;
  const module = (await import(url)) as Record<string, unknown>;
  const start = module[exportNames[name]];
  if (typeof start === "function") return start as StartPart; // parts/{name}.ts satisfies StartPart
  throw new AppError("internal", "runtime.no_part", {
    internal: `${name}.ts exports no ${exportNames[name]}`,
  });
}
