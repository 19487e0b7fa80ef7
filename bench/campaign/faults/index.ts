import type { FaultKind } from "./fault-kind.ts";
import { pageFaults, serviceFaults, webhookFaults } from "./outside-faults.ts";
import { failpointFaults, processFaults } from "./process-faults.ts";
import { postgresFaults, temporalFaults } from "./server-faults.ts";

export const faultKinds: readonly FaultKind[] = [
  ...failpointFaults,
  ...processFaults,
  ...postgresFaults,
  ...temporalFaults,
  ...webhookFaults,
  ...serviceFaults,
  ...pageFaults,
];
