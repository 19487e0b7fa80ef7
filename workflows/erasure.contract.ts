import type { PrivacyRequestId, ShopId, SubjectId } from "../domain/id.ts";

/** `erasure/pvr_…`; the argument is the request's TypeID text. */
export function erasureWorkflowId(request: string): string {
  return `erasure/${request}`;
}

/** Name under which the worker registers the workflow. */
export const erasureWorkflow = "erasure";

export type ErasureInput = { version: 1; shopId: ShopId; requestId: PrivacyRequestId };

/** Signal: a hold may have ended; look. */
export const erasureChanged = "erasureChanged";

/** One person of a shop, for one request. */
export type ErasureRef = { shopId: ShopId; requestId: PrivacyRequestId; subjectId: SubjectId };

export type ErasurePlan = {
  version: 1;
  waits: {
    closeWaitMs: number;
    pollMs: number;
    keyCacheMs: number;
    holdCheckMs: number;
    finalCheckMs: number;
  };
  /** Options of the further activities, from the erasure's timings. */
  activity: { timeoutMs: number; retryMs: number };
};

/** What is certified. `openOrders`: so many orders go on, and a further leg comes when they are over. */
export type ErasureResult = {
  version: 1;
  certificateId: string;
  revision: number;
  openOrders: number;
  /** The epochs of all destroyed keys are destroyed. */
  isFinal: boolean;
};

/** Each is safe to run twice: the erasure's stage is moved by a guarded update, in the transaction of what it stands for. */
export interface ErasureActivities {
  /** Writes down what is there, once. */
  planErasure(ref: ErasureRef): Promise<ErasurePlan>;
  /** Of one that was planned. */
  loadErasure(input: ErasureInput): Promise<{ ref: ErasureRef; plan: ErasurePlan }>;
  /** The subject is `erasing` from here on; late events of the sender create nothing. */
  fenceSubject(ref: ErasureRef): Promise<void>;
  /** Cancels what may be cancelled, closes slips that belong to no order, and holds what must be kept. */
  closeProcesses(ref: ErasureRef): Promise<void>;
  /** Of the workflows that no hold keeps. */
  countRunning(ref: ErasureRef): Promise<number>;
  terminateStragglers(ref: ErasureRef): Promise<void>;
  /** Returns when Temporal keeps no run of any chain that no hold keeps. */
  deleteExecutions(ref: ErasureRef): Promise<void>;
  /** Notes it outside the database first. */
  destroyKeys(ref: ErasureRef): Promise<void>;
  /** Fails for as long as one sealed value opens. */
  proveUnreadable(ref: ErasureRef): Promise<void>;
  removeRows(ref: ErasureRef): Promise<void>;
  issueCertificate(ref: ErasureRef): Promise<ErasureResult>;
  /** True when a hold has ended, so that what it kept is to go. */
  endHolds(ref: ErasureRef): Promise<boolean>;
  /** Certifies once more when the epochs of the destroyed keys are destroyed. */
  completeCertificate(ref: ErasureRef): Promise<ErasureResult>;
}
