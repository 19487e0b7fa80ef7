import type { UpgradeActivities } from "../../workflows/upgrade.contract.ts";
import type { ActivityDeps } from "../deps.ts";
import { escalateUpgrade, lapseUpgrade, remindOfUpgrade } from "./deadlines.ts";
import { bookUpgradeMoney } from "./book-upgrade-money.ts";
import { decideUpgrade } from "./decide-upgrade.ts";
import { purgeUpgradeEvidence } from "./purge-evidence.ts";
import { loadUpgrade } from "./upgrade-snapshot.ts";

export function createUpgradeActivities(deps: ActivityDeps): UpgradeActivities {
  return {
    loadUpgrade: (ref) => loadUpgrade(deps, ref),
    decideUpgrade: (decision) => decideUpgrade(deps, decision),
    bookUpgradeMoney: (ref) => bookUpgradeMoney(deps, ref),
    remindOfUpgrade: (ref) => remindOfUpgrade(deps, ref),
    escalateUpgrade: (ref) => escalateUpgrade(deps, ref),
    lapseUpgrade: (ref) => lapseUpgrade(deps, ref),
    purgeUpgradeEvidence: (ref) => purgeUpgradeEvidence(deps, ref),
  };
}
