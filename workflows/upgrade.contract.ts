import type { GatewayPaymentId, MessageId, ShopId, UpgradeRequestId, UploadId } from "../domain/id.ts";
import type { RefundWay } from "../domain/subscription/reversal.ts";
import type { UpgradeDeadline, UpgradeState } from "../domain/subscription/upgrade.ts";
import type { DecisionBy } from "./order.contract.ts";

/** `upgrade/upg_…`; the argument is the request's TypeID text. */
export function upgradeWorkflowId(request: string): string {
  return `upgrade/${request}`;
}

/** Name under which the worker registers the workflow. */
export const upgradeWorkflow = "subscriptionUpgrade";

export type UpgradeRef = { shopId: ShopId; requestId: UpgradeRequestId };
export type UpgradeInput = UpgradeRef & { version: 1 };

/** Signal: the request's row changed, or nobody has stood behind it; look. */
export const upgradeChanged = "upgradeChanged";

/** The request as its row stands. The wait is milliseconds by the product's clock. */
export type UpgradeSnapshot = {
  version: 1;
  /** The row's version: of two snapshots the higher one is the newer. */
  rowVersion: number;
  state: UpgradeState;
  /** Null: it has ended, and nothing of its evidence is left. */
  next: { deadline: UpgradeDeadline; waitMs: number } | null;
  /** Options of the further activities, from the request's timings. */
  activity: { timeoutMs: number; retryMs: number };
};

/** The owner hands in evidence, at first or when asked again. */
export type SubmitUpgrade = {
  by: DecisionBy;
  uploadId: UploadId;
  /** The payment reference, sealed among the request's notes. */
  referenceNoteId: MessageId;
};
export type CancelUpgrade = { by: DecisionBy };
/**
 * `uploadId`: the evidence that the admin has seen; about any other nothing is decided. `referenceNoteId`: the payment
 * reference as the admin reads it there, sealed among the request's notes.
 */
export type ApproveUpgrade = { by: DecisionBy; uploadId: UploadId; referenceNoteId: MessageId };
export type RefuseUpgrade = { by: DecisionBy; uploadId: UploadId; reasonNoteId: MessageId };

/**
 * Money that came by code and bought nothing goes back to whoever paid it: through the provider, or, when that has refused,
 * by a transfer that the admin has made.
 */
export type RefundUpgradeMoney = {
  by: DecisionBy;
  paymentId: GatewayPaymentId;
  /** From the Idempotency-Key: one that failed may be asked for again, under another key. */
  effectKey: string;
  /** Through the gateway without it. */
  way?: RefundWay;
};

/** Names of the updates; the client and the workflow share them. */
export type UpgradeUpdates = {
  submitUpgrade: SubmitUpgrade;
  cancelUpgrade: CancelUpgrade;
  approveUpgrade: ApproveUpgrade;
  rejectUpgrade: RefuseUpgrade;
  requestUpgradeEvidenceAgain: RefuseUpgrade;
  refundUpgradeMoney: RefundUpgradeMoney;
};
export type UpgradeUpdateName = keyof UpgradeUpdates;

/** As an order's decision: `decided` now, `already` before, or `refused` with a stable code. */
export type UpgradeDecisionResult = {
  outcome: "decided" | "already" | "refused";
  reason: string | null;
  snapshot: UpgradeSnapshot;
};

export type DecideUpgrade = {
  [Name in UpgradeUpdateName]: UpgradeRef & { name: Name; request: UpgradeUpdates[Name] };
}[UpgradeUpdateName];

export interface UpgradeActivities {
  loadUpgrade(ref: UpgradeRef): Promise<UpgradeSnapshot>;
  /** Carries out a person's decision by a guarded update of the row. */
  decideUpgrade(decision: DecideUpgrade): Promise<UpgradeDecisionResult>;
  /** Books what the payment provider has told of; due at once. */
  bookUpgradeMoney(ref: UpgradeRef): Promise<UpgradeSnapshot>;
  remindOfUpgrade(ref: UpgradeRef): Promise<UpgradeSnapshot>;
  escalateUpgrade(ref: UpgradeRef): Promise<UpgradeSnapshot>;
  lapseUpgrade(ref: UpgradeRef): Promise<UpgradeSnapshot>;
  purgeUpgradeEvidence(ref: UpgradeRef): Promise<UpgradeSnapshot>;
}
