import type { SubscriptionActivities } from "../../workflows/subscription.contract.ts";
import type { ActivityDeps } from "../deps.ts";
import { endPeriod, limitService, remindOfEnd, suspendService } from "./deadlines.ts";
import { decideSubscription } from "./decide-subscription.ts";
import { loadSubscription } from "./subscription-snapshot.ts";

export function createSubscriptionActivities(deps: ActivityDeps): SubscriptionActivities {
  return {
    loadSubscription: (ref) => loadSubscription(deps, ref),
    decideSubscription: (decision) => decideSubscription(deps, decision),
    remindOfEnd: (ref) => remindOfEnd(deps, ref),
    endPeriod: (ref) => endPeriod(deps, ref),
    limitService: (ref) => limitService(deps, ref),
    suspendService: (ref) => suspendService(deps, ref),
  };
}
