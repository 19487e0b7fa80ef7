import type { BreachActivities } from "../../workflows/breach.contract.ts";
import type { BreachDeps } from "./breach-deps.ts";
import { loadBreach } from "./breach-snapshot.ts";
import { raiseAlarm } from "./deadlines.ts";
import { decideBreach } from "./decide-breach.ts";
import { listAffected, readReceipts, tellAffected } from "./notify-affected.ts";

export function createBreachActivities(deps: BreachDeps): BreachActivities {
  return {
    loadBreach: (ref) => loadBreach(deps, ref),
    decideBreach: (decision) => decideBreach(deps, decision),
    raiseAlarm: (ref) => raiseAlarm(deps, ref),
    listAffected: (ref) => listAffected(deps, ref),
    tellAffected: (ref) => tellAffected(deps, ref),
    readReceipts: (ref) => readReceipts(deps, ref),
  };
}
