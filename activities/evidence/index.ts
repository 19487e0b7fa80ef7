import type { EvidenceActivities } from "../../workflows/evidence.contract.ts";
import type { ActivityDeps } from "../deps.ts";
import { decideEvidence } from "./decide-evidence.ts";
import { evidenceSnapshot, readEvidenceView } from "./evidence-view.ts";
import { remindOfEvidence } from "./remind-of-evidence.ts";

export function createEvidenceActivities(deps: ActivityDeps): EvidenceActivities {
  return {
    loadEvidence: async (ref) => evidenceSnapshot(await readEvidenceView(deps, ref)),
    decideEvidence: (decision) => decideEvidence(deps, decision),
    remindOfEvidence: (ref) => remindOfEvidence(deps, ref),
  };
}
