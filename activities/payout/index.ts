import type { PayoutActivities } from "../../workflows/payout.contract.ts";
import { escalatePayout, gatePayout, remindOfPayout } from "./deadlines.ts";
import { decidePayout } from "./decide-payout.ts";
import { executePayout } from "./execute-payout.ts";
import type { PayoutDeps } from "./payout-deps.ts";
import { loadPayout } from "./payout-snapshot.ts";
import { tellParticipant } from "./tell-participant.ts";

export function createPayoutActivities(deps: PayoutDeps): PayoutActivities {
  return {
    loadPayout: (ref) => loadPayout(deps, ref),
    decidePayout: (decision) => decidePayout(deps, decision),
    gatePayout: (ref) => gatePayout(deps, ref),
    executePayout: (ref) => executePayout(deps, ref),
    remindOfPayout: (ref) => remindOfPayout(deps, ref),
    escalatePayout: (ref) => escalatePayout(deps, ref),
    tellParticipant: (ref) => tellParticipant(deps, ref),
  };
}
