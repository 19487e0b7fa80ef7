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

/** Loaded when wanted, so that the API process never loads the worker's code and the other way round. */
export async function loadPart(name: PartName): Promise<StartPart> {
  switch (name) {
    case "api":
      return (await import("./api.ts")).startApi;
    case "worker":
      return (await import("./worker.ts")).startWorker;
    case "sim":
      return (await import("./sim.ts")).startSim;
    case "keyring":
      return (await import("./keyring.ts")).startKeyring;
  }
}
