import { createCertificateSigner, newKey } from "../../clients/certificate-signer.ts";
import type { CertificateSigner } from "../../domain/ports/certificate-signer.ts";
import type { ErasureEntry, ErasureList } from "../../domain/ports/erasure-list.ts";
import type { Executions, Run } from "../../domain/ports/executions.ts";
import { defaultErasureTimings } from "../../domain/privacy/erasure-timings.ts";
import type { ErasureTimings } from "../../domain/privacy/erasure-timings.ts";

/** The same code in seconds. */
export const shortErasureTimings: ErasureTimings = {
  ...defaultErasureTimings,
  closeWaitMs: 300,
  pollMs: 100,
  keyCacheMs: 50,
  holdCheckMs: 300,
  finalCheckMs: 300,
  activityTimeoutMs: 60_000,
  activityRetryMs: 100,
};

/** Temporal as an erasure sees it, where a run is deleted as soon as it is asked away. */
export class MemoryExecutions implements Executions {
  runs: Run[] = [];
  readonly terminated: string[] = [];
  readonly removed: string[] = [];

  listRuns(workflowIds: readonly string[]): Promise<Run[]> {
    return Promise.resolve(this.runs.filter(({ workflowId }) => workflowIds.includes(workflowId)));
  }

  terminate({ runId }: Run): Promise<void> {
    this.terminated.push(runId);
    this.runs = this.runs.map((run) => (run.runId === runId ? { ...run, isRunning: false } : run));
    return Promise.resolve();
  }

  remove({ runId }: Run): Promise<void> {
    this.removed.push(runId);
    this.runs = this.runs.filter((run) => run.runId !== runId);
    return Promise.resolve();
  }
}

export function memoryErasureList(): ErasureList & { entries: ErasureEntry[] } {
  const entries: ErasureEntry[] = [];
  return {
    entries,
    append: (more) => {
      entries.push(...more);
      return Promise.resolve();
    },
    read: () => Promise.resolve(entries),
  };
}

export function testSigner(): CertificateSigner {
  return createCertificateSigner(newKey());
}
