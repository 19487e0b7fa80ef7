import type { ErasureActivities } from "../../workflows/erasure.contract.ts";
import { completeCertificate, issueCertificate } from "./certify.ts";
import { closeProcesses } from "./close-processes.ts";
import { countRunning, deleteExecutions, terminateStragglers } from "./delete-executions.ts";
import { destroyKeys } from "./destroy-keys.ts";
import { endHolds } from "./end-holds.ts";
import type { ErasureDeps } from "./erasure-deps.ts";
import { fenceSubject } from "./fence-subject.ts";
import { loadErasure, planErasure } from "./plan-erasure.ts";
import { proveUnreadable } from "./prove-unreadable.ts";
import { removeRows } from "./remove-rows.ts";

export function createErasureActivities(deps: ErasureDeps): ErasureActivities {
  return {
    planErasure: (ref) => planErasure(deps, ref),
    loadErasure: (input) => loadErasure(deps, input),
    fenceSubject: (ref) => fenceSubject(deps, ref),
    closeProcesses: (ref) => closeProcesses(deps, ref),
    countRunning: (ref) => countRunning(deps, ref),
    terminateStragglers: (ref) => terminateStragglers(deps, ref),
    deleteExecutions: (ref) => deleteExecutions(deps, ref),
    destroyKeys: (ref) => destroyKeys(deps, ref),
    proveUnreadable: (ref) => proveUnreadable(deps, ref),
    removeRows: (ref) => removeRows(deps, ref),
    issueCertificate: (ref) => issueCertificate(deps, ref),
    endHolds: (ref) => endHolds(deps, ref),
    completeCertificate: (ref) => completeCertificate(deps, ref),
  };
}
