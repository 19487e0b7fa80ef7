// Every function exported here is a workflow type.
export { conversation } from "./conversation.workflow.ts";
export { evidence } from "./evidence.workflow.ts";
export { order } from "./order.workflow.ts";
export { subscriptionUpgrade } from "./upgrade.workflow.ts";
export { attestationReminderRun, commissionRun, pageCheckRun, reconcileRun } from "./upkeep.workflow.ts";
