import type { ConversationTimings } from "../conversation/timings.ts";
import type {
  CustomerId,
  EvidenceId,
  IncidentId,
  OrderId,
  PageId,
  ParticipantId,
  PayoutId,
  PrivacyRequestId,
  ShopId,
  RetentionRunId,
  UpgradeRequestId,
} from "../id.ts";

/**
 * Starts and wakes processes. Every call is harmless when it is repeated and when the process already runs;
 * each rejects with `AppError("unavailable", …)` while Temporal is away, and nothing is lost by that:
 * the row is the truth, and the sweeper or `reconcile` rings later.
 */
export interface Processes {
  /** signal-with-start of `conversation/{customerId}`. */
  ringConversation(
    ref: Bell & { shopId: ShopId; customerId: CustomerId; timings: ConversationTimings },
  ): Promise<void>;
  /** signal-with-start of `erasure/{requestId}`. */
  ringErasure(ref: Bell & { shopId: ShopId; requestId: PrivacyRequestId }): Promise<void>;
  /** signal-with-start of `evidence/{evidenceId}`. */
  ringEvidence(ref: Bell & { shopId: ShopId; evidenceId: EvidenceId }): Promise<void>;
  /** signal-with-start of `order/{orderId}`. */
  ringOrder(ref: Bell & { shopId: ShopId; orderId: OrderId }): Promise<void>;
  /** signal-with-start of `upgrade/{requestId}`. */
  ringUpgrade(ref: Bell & { shopId: ShopId; requestId: UpgradeRequestId }): Promise<void>;
  /** signal-with-start of `payout/{participantId}/{period}`. */
  ringPayout(ref: Bell & { payoutId: PayoutId; participantId: ParticipantId; period: string }): Promise<void>;
  /** signal-with-start of `privacy/{requestId}`. */
  ringPrivacyRequest(ref: Bell & { shopId: ShopId; requestId: PrivacyRequestId }): Promise<void>;
  /** signal-with-start of `subscription/{shopId}`. */
  ringSubscription(ref: Bell & { shopId: ShopId }): Promise<void>;
  /** signal-with-start of `breach/{incidentId}`. */
  ringBreach(ref: Bell & { incidentId: IncidentId }): Promise<void>;
  /** Starts `retention/{runId}`, a run that somebody asked for; one that runs goes on. */
  sweepRetention(ref: { runId: RetentionRunId }): Promise<void>;
  /** signal-with-start of `page-check/{pageId}`: looks at one Page at once, and reads back what it missed. */
  tendPage(ref: { shopId: ShopId; pageId: PageId }): Promise<void>;
}

/** `isLate`: the row waits for what should long have happened, so that a run that cannot move is ended first. */
export type Bell = { isLate?: boolean | undefined };
