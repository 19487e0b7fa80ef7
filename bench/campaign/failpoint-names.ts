import type { ConversationActivities } from "../../workflows/conversation.contract.ts";
import type { EvidenceActivities, EvidenceUpdateName } from "../../workflows/evidence.contract.ts";
import type { OrderActivities, OrderUpdateName } from "../../workflows/order.contract.ts";
import type { PayoutActivities, PayoutUpdateName } from "../../workflows/payout.contract.ts";
import type {
  SubscriptionActivities,
  SubscriptionUpdateName,
} from "../../workflows/subscription.contract.ts";
import type { UpgradeActivities, UpgradeUpdateName } from "../../workflows/upgrade.contract.ts";
import type { RetentionActivities } from "../../workflows/retention.contract.ts";
import type { UpkeepActivities } from "../../workflows/upkeep.contract.ts";

type Activities = ConversationActivities &
  OrderActivities &
  EvidenceActivities &
  UpgradeActivities &
  SubscriptionActivities &
  PayoutActivities &
  RetentionActivities &
  UpkeepActivities;
type Name = Exclude<
  keyof Activities,
  "decideOrder" | "decideEvidence" | "decideUpgrade" | "decideSubscription" | "decidePayout"
>;
type Label =
  | Name
  | `decideOrder:${OrderUpdateName}`
  | `decideEvidence:${EvidenceUpdateName}`
  | `decideUpgrade:${UpgradeUpdateName}`
  | `decideSubscription:${SubscriptionUpdateName}`
  | `decidePayout:${PayoutUpdateName}`;

/** False: no story of a campaign leads there; a test of its own strikes it. */
const isPassed: Record<Label, boolean> = {
  runTurn: true,
  carryOutDecision: true,
  loadOrder: true,
  reviewEvidence: true,
  warnBeforeExpiry: true,
  expireOrder: true,
  remindOfReview: true,
  escalateReview: true,
  tellCustomerReviewIsLate: true,
  declineUnacceptedCod: true,
  remindOfBalance: true,
  remindToShip: true,
  askIfDelivered: true,
  remindOfRefund: true,
  loadEvidence: true,
  remindOfEvidence: true,
  "decideOrder:acceptCashOnDelivery": true,
  "decideOrder:confirmPayment": true,
  "decideOrder:refusePayment": true,
  "decideOrder:packOrder": true,
  "decideOrder:shipOrder": true,
  "decideOrder:deliverOrder": true,
  "decideOrder:cancelOrder": true,
  "decideOrder:refundOrder": true,
  "decideOrder:matchEvidence": false,
  "decideOrder:reviveOrder": false,
  "decideEvidence:returnPayment": true,
  "decideEvidence:refuseEvidence": true,
  loadUpgrade: true,
  bookUpgradeMoney: true,
  remindOfUpgrade: false,
  escalateUpgrade: false,
  lapseUpgrade: false,
  purgeUpgradeEvidence: false,
  "decideUpgrade:submitUpgrade": true,
  "decideUpgrade:cancelUpgrade": true,
  "decideUpgrade:approveUpgrade": true,
  "decideUpgrade:rejectUpgrade": true,
  "decideUpgrade:requestUpgradeEvidenceAgain": true,
  "decideUpgrade:refundUpgradeMoney": true,
  loadSubscription: true,
  remindOfEnd: true,
  endPeriod: true,
  limitService: true,
  suspendService: true,
  "decideSubscription:scheduleDowngrade": true,
  "decideSubscription:cancelDowngrade": true,
  "decideSubscription:reversePlanPayment": true,
  loadPayout: true,
  gatePayout: true,
  executePayout: true,
  remindOfPayout: false,
  escalatePayout: false,
  tellParticipant: true,
  "decidePayout:proposePayout": true,
  "decidePayout:approvePayout": true,
  "decidePayout:recordPayoutPaid": true,
  "decidePayout:recordPayoutFailed": true,
  "decidePayout:cancelPayout": true,
  tallyPayouts: true,
  settleCommissions: true,
  checkPages: true,
  tendPage: true,
  beginRetention: false,
  sweepRetention: false,
  endRetention: false,
  reconcile: false,
  remindOfAttestations: false,
  remindOfTickets: false,
};

const steps = [
  ...["claimed", "fetched", "read", "answered", "stored", "sent"].map((step) => `turn.${step}`),
  "picture.stored",
  "slip.read",
  "outbox.claimed",
  "outbox.sent",
  "order.placed",
  "decision.carried_out",
  "order.sealed",
  "order.committed",
  "evidence.sealed",
  "evidence.committed",
  "upgrade.prepared",
  "upgrade.committed",
  "upgrade.money_marked",
  "subscription.committed",
  "payouts.tallied",
  ...["begun", "ordered", "committed"].map((step) => `payout.${step}`),
  ...["claimed", "asking", "asked", "drawn", "looked", "closed", "paid", "revived"].map(
    (step) => `gateway.${step}`,
  ),
  ...["claimed", "asking", "asked", "looked", "done"].map((step) => `refund.${step}`),
  ...["probed", "gap_opened", "subscribed"].map((step) => `page.${step}`),
  ...["listed", "stored", "moved"].map((step) => `gap.${step}`),
];

const ports = [
  "db.before_commit",
  "db.after_commit",
  "temporal.before_signal",
  "temporal.after_signal",
  "temporal.before_update",
  "temporal.after_update",
  "objects.before_put",
  "objects.after_put",
];

/**
 * Every point at which a campaign can strike. A long one in which some were never struck has not proved its claim. Left
 * out are copies of other apps' threads.
 */
export const failpointNames: readonly string[] = [
  ...ports,
  ...steps,
  ...Object.entries(isPassed).flatMap(([label, isWanted]) =>
    isWanted ? [`before ${label}`, `after ${label}`] : [],
  ),
];
