import { rmSync } from "node:fs";
import type { Demo } from "./demo-contract.ts";
import { writeStateFile } from "./state-file.ts";

/** Null: that component was given from outside, or does not run. */
export type ProcessIds = Record<"api" | "worker" | "sim" | "temporal" | "postgres", number | null>;

/** What scripts from outside drive the product by; these names stay. */
export type RunFacts = {
  pid: number;
  processes: ProcessIds;
  api: string;
  console: string;
  chat: string | null;
  sim: string | null;
  temporalUi: string | null;
  /** Prometheus metrics of the worker; the API's are at its `/metrics`. */
  workerMetrics: string | null;
  temporalAddress: string;
  temporalNamespace: string;
  /** The owner's. */
  databaseUrl: string;
  /** Folder of the sealed objects. */
  objects: string;
  temporalDb: string | null;
  demo?: Demo & { page: { id: string; appId: string; appSecret: string; verifyToken: string } };
};

/** `run.json`: written when all is ready, kept true while processes are replaced, removed on a clean stop. */
export class RunFile {
  private readonly path: string;
  private readonly processes: ProcessIds = {
    api: null,
    worker: null,
    sim: null,
    temporal: null,
    postgres: null,
  };
  private facts: Omit<RunFacts, "pid" | "processes"> | undefined;

  constructor(path: string) {
    this.path = path;
  }

  setProcess(name: keyof ProcessIds, pid: number): void {
    this.processes[name] = pid;
    this.write();
  }

  publish(facts: Omit<RunFacts, "pid" | "processes">): void {
    this.facts = facts;
    this.write();
  }

  remove(): void {
    this.facts = undefined;
    rmSync(this.path, { force: true });
  }

  private write(): void {
    if (this.facts === undefined) return;
    const all: RunFacts = { pid: process.pid, processes: this.processes, ...this.facts };
    writeStateFile(this.path, all);
  }
}
