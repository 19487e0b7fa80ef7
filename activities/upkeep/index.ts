import type { UpkeepActivities } from "../../workflows/upkeep.contract.ts";
import { checkPages } from "./check-pages.ts";
import { reconcile } from "./reconcile.ts";
import { remindOfTickets } from "./remind-of-tickets.ts";
import { remindOfAttestations } from "./remind-of-attestations.ts";
import { settleCommissions } from "./settle-commissions.ts";
import { tallyPayouts } from "./tally-payouts.ts";
import { tendPage } from "./tend-page.ts";
import type { UpkeepDeps } from "./upkeep-deps.ts";

export function createUpkeepActivities(deps: UpkeepDeps): UpkeepActivities {
  return {
    reconcile: () => reconcile(deps),
    checkPages: () => checkPages(deps),
    settleCommissions: () => settleCommissions(deps),
    remindOfAttestations: () => remindOfAttestations(deps),
    remindOfTickets: () => remindOfTickets(deps),
    tallyPayouts: () => tallyPayouts(deps),
    tendPage: (page) => tendPage(deps, page),
  };
}
