import type { ConversationTimings } from "../domain/conversation/timings.ts";
import type { CustomerId, EvidenceId, OrderId, PrivacyRequestId, ShopId, TurnId } from "../domain/id.ts";
import type { ObjectionLimit, PrivacyKind } from "../domain/privacy/privacy-request.ts";

/** `conversation/cus_…`; the argument is the customer's TypeID text. */
export function conversationWorkflowId(customer: string): string {
  return `conversation/${customer}`;
}

/** Name under which the worker registers the workflow. */
export const conversationWorkflow = "conversation";

export type ConversationInput = {
  version: 1;
  shopId: ShopId;
  customerId: CustomerId;
  timings: ConversationTimings;
};

/** Signal: look, something is there. It carries no facts. */
export const bell = "bell";

export type TurnRef = { shopId: ShopId; customerId: CustomerId; timings: ConversationTimings };

/** What the turn found; ids and words only. */
export type TurnResult = {
  version: 1;
  turnId: TurnId | null;
  /** More is waiting: run another turn at once. */
  hasMore: boolean;
  decision: Decision | null;
};

export type Decision =
  | { kind: "place_order"; orderId: OrderId; hash: string }
  | { kind: "cancel_order"; orderId: OrderId }
  | { kind: "match_evidence"; orderId: OrderId; evidenceId: EvidenceId }
  /** Somebody asks about their own data. `show`: they typed the code of a request that the public page took. */
  | { kind: "ask_privacy"; right: PrivacyKind; objectsTo: ObjectionLimit | null }
  | { kind: "privacy"; act: "show" | "confirm" | "withdraw"; requestId: PrivacyRequestId };

export type DecisionRef = { shopId: ShopId; customerId: CustomerId; turnId: TurnId; decision: Decision };

export interface ConversationActivities {
  /**
   * Claims the burst, answers it, stores the turn before it returns, sends.
   * A retry finds the stored turn and never pays the model twice.
   */
  runTurn(ref: TurnRef): Promise<TurnResult>;
  /** Places, cancels or matches as the stored turn decided; carries out a decision once however often it runs. */
  carryOutDecision(ref: DecisionRef): Promise<void>;
}
