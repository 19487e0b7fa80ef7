import type { EvidenceId, MessageId, PaymentMethodId, ShopId } from "../domain/id.ts";
import type { DecisionBy } from "./order.contract.ts";

/** `evidence/evd_…`; the argument is the slip's TypeID text. */
export function evidenceWorkflowId(evidence: string): string {
  return `evidence/${evidence}`;
}

/** Name under which the worker registers the workflow. */
export const evidenceWorkflow = "evidence";

export type EvidenceRef = { shopId: ShopId; evidenceId: EvidenceId };
export type EvidenceInput = EvidenceRef & { version: 1 };

/** Signal: the slip's row changed; look. */
export const evidenceChanged = "evidenceChanged";

/** The slip as its row stands. The wait is milliseconds by the product's clock. */
export type EvidenceSnapshot = {
  version: 1;
  /** False: it is decided, or belongs to an order, which goes on with it. */
  isUnmatched: boolean;
  /** Until the owner is reminded. */
  waitMs: number;
  /** Options of the further activities, from the shop's timings. */
  activity: { timeoutMs: number; retryMs: number };
};

/** The money came and belonged to nothing: the shop has given it back. */
export type ReturnPayment = {
  by: DecisionBy;
  /** Minor units; null: what was read from the slip. */
  amountMinor: number | null;
  /** Where the money arrived; null: the shop's only way of transfer. */
  paymentMethodId: PaymentMethodId | null;
};
/** The slip proves no payment. */
export type RefuseEvidence = { by: DecisionBy; reasonIntakeId: MessageId | null };

/** Names of the updates; the client and the workflow share them. */
export type EvidenceUpdates = { returnPayment: ReturnPayment; refuseEvidence: RefuseEvidence };
export type EvidenceUpdateName = keyof EvidenceUpdates;

/** As an order's decision: `decided` now, `already` before, or `refused` with a stable code. */
export type EvidenceDecisionResult = {
  outcome: "decided" | "already" | "refused";
  reason: string | null;
  snapshot: EvidenceSnapshot;
};

export type DecideEvidence = {
  [Name in EvidenceUpdateName]: EvidenceRef & { name: Name; request: EvidenceUpdates[Name] };
}[EvidenceUpdateName];

export interface EvidenceActivities {
  loadEvidence(ref: EvidenceRef): Promise<EvidenceSnapshot>;
  /** Carries out the owner's decision by a guarded update of the row. */
  decideEvidence(decision: DecideEvidence): Promise<EvidenceDecisionResult>;
  remindOfEvidence(ref: EvidenceRef): Promise<EvidenceSnapshot>;
}
