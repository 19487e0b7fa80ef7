// Every function exported here is a workflow type.
export { breach } from "./breach.workflow.ts";
export { conversation } from "./conversation.workflow.ts";
export { erasure } from "./erasure.workflow.ts";
export { evidence } from "./evidence.workflow.ts";
export { keyRotation } from "./key-rotation.workflow.ts";
export { order } from "./order.workflow.ts";
export { referralPayout } from "./payout.workflow.ts";
export { retentionRun } from "./retention.workflow.ts";
export { privacyRequest } from "./privacy-request.workflow.ts";
export { subscription } from "./subscription.workflow.ts";
export { subscriptionUpgrade } from "./upgrade.workflow.ts";
export {
  attestationReminderRun,
  commissionRun,
  pageCheckRun,
  pageTendingRun,
  payoutRun,
  reconcileRun,
  ticketReminderRun,
} from "./upkeep.workflow.ts";
