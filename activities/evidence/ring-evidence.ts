import type { EvidenceRef } from "../../workflows/evidence.contract.ts";
import type { ActivityDeps } from "../deps.ts";

/** What happened is in its row, so a Temporal that is away only makes the slip's process start later. */
export async function ringEvidence(deps: ActivityDeps, ref: EvidenceRef): Promise<void> {
  try {
    await deps.processes.ringEvidence(ref);
  } catch (err) {
    deps.log.warn({ ...ref, err }, "evidence.ring_failed");
  }
}
