import type { PayoutId, ShopId, UploadId } from "../domain/id.ts";
import type { PayoutDeadline } from "../domain/payout/deadlines.ts";
import type { PayoutFailure, PayoutState } from "../domain/payout/states.ts";
import type { DecisionBy } from "./order.contract.ts";

/** `payout/ptc_…/2026-11`; the participant as TypeID text. */
export function payoutWorkflowId(participant: string, period: string): string {
  return `payout/${participant}/${period}`;
}

/** Name under which the worker registers the workflow. */
export const payoutWorkflow = "referralPayout";

/** `shopId`: the platform's own, by which its log is found and its tasks take turns with the shops'. */
export type PayoutRef = { shopId: ShopId; payoutId: PayoutId };
export type PayoutInput = PayoutRef & { version: 1 };

/** Signal: a flag was decided, an account was changed, or nobody has stood behind the row; look. */
export const payoutChanged = "payoutChanged";

/** The payout as its row stands. The wait is milliseconds by the product's clock. */
export type PayoutSnapshot = {
  version: 1;
  /** The row's version: of two snapshots the higher one is the newer. */
  rowVersion: number;
  state: PayoutState;
  /** Null: it has ended, and its participant knows. */
  next: { deadline: PayoutDeadline; waitMs: number } | null;
  /** Options of the further activities, from the payout's timings. */
  activity: { timeoutMs: number; retryMs: number };
};

export type ProposePayout = { by: DecisionBy };
/**
 * `accountVersion`: the account that was proposed; `proposedAt`: when, as an ISO text. About another account, or what was
 * proposed anew meanwhile, nothing is approved.
 */
export type ApprovePayout = { by: DecisionBy; accountVersion: number; proposedAt: string };
/** `attempt`: the order to pay that the admin carried out; about another one nothing is recorded. */
export type RecordPayoutPaid = { by: DecisionBy; attempt: number; uploadId: UploadId };
export type RecordPayoutFailed = { by: DecisionBy; attempt: number; failure: PayoutFailure };
export type CancelPayout = { by: DecisionBy };

/** Names of the updates; the client and the workflow share them. */
export type PayoutUpdates = {
  proposePayout: ProposePayout;
  approvePayout: ApprovePayout;
  recordPayoutPaid: RecordPayoutPaid;
  recordPayoutFailed: RecordPayoutFailed;
  cancelPayout: CancelPayout;
};
export type PayoutUpdateName = keyof PayoutUpdates;

/** As an order's decision: `decided` now, `already` before, or `refused` with a stable code. */
export type PayoutDecisionResult = {
  outcome: "decided" | "already" | "refused";
  reason: string | null;
  snapshot: PayoutSnapshot;
};

export type DecidePayout = {
  [Name in PayoutUpdateName]: PayoutRef & { name: Name; request: PayoutUpdates[Name] };
}[PayoutUpdateName];

export interface PayoutActivities {
  loadPayout(ref: PayoutRef): Promise<PayoutSnapshot>;
  /** Carries out a person's decision by a guarded update of the row. */
  decidePayout(decision: DecidePayout): Promise<PayoutDecisionResult>;
  /** Holds what something stands in the way of, and lets go on what nothing does any more. */
  gatePayout(ref: PayoutRef): Promise<PayoutSnapshot>;
  /** Orders the money once; what became of an order whose answer was lost is looked up. */
  executePayout(ref: PayoutRef): Promise<PayoutSnapshot>;
  remindOfPayout(ref: PayoutRef): Promise<PayoutSnapshot>;
  escalatePayout(ref: PayoutRef): Promise<PayoutSnapshot>;
  tellParticipant(ref: PayoutRef): Promise<PayoutSnapshot>;
}
