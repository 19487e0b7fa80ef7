import type { BreachDeadline } from "../domain/breach/deadlines.ts";
import type { Containment, IncidentState, LateReason } from "../domain/breach/states.ts";
import type { IncidentId, ShopId } from "../domain/id.ts";
import type { DecisionBy } from "./order.contract.ts";

/** `breach/inc_…`; the argument is the incident's TypeID text. */
export function breachWorkflowId(incident: string): string {
  return `breach/${incident}`;
}

/** Name under which the worker registers the workflow. */
export const breachWorkflow = "breach";

/** `shopId`: the platform's own, by which its tasks take turns with the shops'. */
export type BreachRef = { shopId: ShopId; incidentId: IncidentId };
export type BreachInput = BreachRef & { version: 1 };

/** Signal: the papers were changed, or nobody has stood behind the row; look. */
export const breachChanged = "breachChanged";

/** The incident as its row stands. The wait is milliseconds by the product's clock. */
export type BreachSnapshot = {
  version: 1;
  /** The row's version: of two snapshots the higher one is the newer. */
  rowVersion: number;
  state: IncidentState;
  /** Null: a person's word is waited for, or it has ended (`isOver`). */
  next: { deadline: BreachDeadline; waitMs: number } | null;
  isOver: boolean;
  /** Options of the further activities, from the incident's timings. */
  activity: { timeoutMs: number; retryMs: number };
};

/** Of the papers as they were read: `noticeVersion`. Another person approves just these. */
export type ProposeBreachDecision = {
  by: DecisionBy;
  proposal: "notify" | "dismiss";
  noticeVersion: number;
};
export type ApproveBreachDecision = ProposeBreachDecision;
/** `shopIds`: null for all shops. */
export type ContainBreach = { by: DecisionBy; measure: Containment; shopIds: ShopId[] | null };
export type CloseIncident = { by: DecisionBy; lateReason: LateReason | null };

/** Names of the updates; the client and the workflow share them. */
export type BreachUpdates = {
  proposeBreachDecision: ProposeBreachDecision;
  approveBreachDecision: ApproveBreachDecision;
  containBreach: ContainBreach;
  closeIncident: CloseIncident;
};
export type BreachUpdateName = keyof BreachUpdates;

/** As an order's decision: `decided` now, `already` before, or `refused` with a stable code. */
export type BreachDecisionResult = {
  outcome: "decided" | "already" | "refused";
  reason: string | null;
  snapshot: BreachSnapshot;
};

export type DecideBreach = {
  [Name in BreachUpdateName]: BreachRef & { name: Name; request: BreachUpdates[Name] };
}[BreachUpdateName];

export interface BreachActivities {
  loadBreach(ref: BreachRef): Promise<BreachSnapshot>;
  /** Carries out a person's decision by a guarded update of the row. */
  decideBreach(decision: DecideBreach): Promise<BreachDecisionResult>;
  /** Of how much time of the 72 hours is gone: whoever may decide is mailed. */
  raiseAlarm(ref: BreachRef): Promise<BreachSnapshot>;
  /** Writes down who is affected, without opening anything. */
  listAffected(ref: BreachRef): Promise<BreachSnapshot>;
  /** Queues the notice for a page of them. */
  tellAffected(ref: BreachRef): Promise<BreachSnapshot>;
  /** What became of the notices; who was not reached is reached another way. */
  readReceipts(ref: BreachRef): Promise<BreachSnapshot>;
}
