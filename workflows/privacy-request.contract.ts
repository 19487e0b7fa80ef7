import type { MessageId, PrivacyRequestId, ShopId, SubjectId } from "../domain/id.ts";
import type {
  PrivacyAnswer,
  PrivacyDeadline,
  PrivacyDenial,
  PrivacyKind,
  PrivacyState,
} from "../domain/privacy/privacy-request.ts";
import type { DecisionBy } from "./order.contract.ts";

/** `privacy/pvr_…`; the argument is the request's TypeID text. */
export function privacyWorkflowId(request: string): string {
  return `privacy/${request}`;
}

/** Name under which the worker registers the workflow. */
export const privacyWorkflow = "privacyRequest";

export type PrivacyRef = { shopId: ShopId; requestId: PrivacyRequestId };
export type PrivacyInput = PrivacyRef & { version: 1 };

/** Signal: the request's row changed, or nobody has stood behind it; look. */
export const privacyChanged = "privacyChanged";

/** What is to be done for a request that is carried out. */
export type PrivacyTask = { what: "erase" | "package"; subjectId: SubjectId; kind: PrivacyKind };

/** The request as its row stands. The wait is milliseconds by the product's clock. */
export type PrivacySnapshot = {
  version: 1;
  /** The row's version: of two snapshots the higher one is the newer. */
  rowVersion: number;
  state: PrivacyState;
  /** People are waited for, or what is under way. */
  isOpen: boolean;
  next: { deadline: PrivacyDeadline; waitMs: number } | null;
  task: PrivacyTask | null;
  /** Options of the further activities, from the request's timings. */
  activity: { timeoutMs: number; retryMs: number };
};

/** As whom somebody decides: about their own account, for the shop, or for the platform. */
export type PrivacyRole = "account" | "owner" | "admin";
export type PrivacyDecision = { by: DecisionBy; as: PrivacyRole };

/** Names of the updates; the client and the workflow share them. */
export type PrivacyUpdates = {
  cancelPrivacyRequest: PrivacyDecision;
  /** `carry_out`: the platform does what was asked. `corrected`: whoever judged it has changed the data. */
  answerPrivacyRequest: PrivacyDecision & { answer: "carry_out" | "corrected" };
  /** `reasonNoteId`: their own words, sealed among the request's notes. */
  denyPrivacyRequest: PrivacyDecision & { denial: PrivacyDenial; reasonNoteId: MessageId | null };
};
export type PrivacyUpdateName = keyof PrivacyUpdates;

/** As an order's decision: `decided` now, `already` before, or `refused` with a stable code. */
export type PrivacyDecisionResult = {
  outcome: "decided" | "already" | "refused";
  reason: string | null;
  snapshot: PrivacySnapshot;
};

export type DecidePrivacy = {
  [Name in PrivacyUpdateName]: PrivacyRef & { name: Name; request: PrivacyUpdates[Name] };
}[PrivacyUpdateName];

export interface PrivacyActivities {
  loadPrivacyRequest(ref: PrivacyRef): Promise<PrivacySnapshot>;
  /** Carries out a person's decision by a guarded update of the row. */
  decidePrivacyRequest(decision: DecidePrivacy): Promise<PrivacyDecisionResult>;
  /** Due as soon as there is something that the person has not been told. */
  tellPrivacyPerson(ref: PrivacyRef): Promise<PrivacySnapshot>;
  lapsePrivacyRequest(ref: PrivacyRef): Promise<PrivacySnapshot>;
  /** An accepted request goes where its kind leads. */
  routePrivacyRequest(ref: PrivacyRef): Promise<PrivacySnapshot>;
  /** The window is over, or the shop was silent for too long. */
  beginPrivacyRequest(ref: PrivacyRef): Promise<PrivacySnapshot>;
  remindOfPrivacyRequest(ref: PrivacyRef): Promise<PrivacySnapshot>;
  raisePrivacyAlarm(ref: PrivacyRef): Promise<PrivacySnapshot>;
  /** A sealed object with all that is kept of the person, behind a link by code. */
  buildPackage(ref: PrivacyRef & { subjectId: SubjectId; kind: PrivacyKind }): Promise<void>;
  /** What was to be done is done: the answer stands in the row. */
  finishPrivacyRequest(ref: PrivacyRef & { answer: PrivacyAnswer }): Promise<PrivacySnapshot>;
  closePrivacyRequest(ref: PrivacyRef): Promise<PrivacySnapshot>;
}
