import type { ApiRouter } from "../../router.ts";
import { incidentDecisionRoutes } from "./incident-decisions.ts";
import { incidentRoutes } from "./incidents.ts";
import { privacyCaseRoutes } from "./privacy-cases.ts";
import { ticketQueueRoutes } from "./ticket-queue.ts";

/** What compliance sees to, below `/v1/compliance`: a part for `createApi`. */
export function mountComplianceApi(app: ApiRouter): void {
  for (const routes of [privacyCaseRoutes, ticketQueueRoutes, incidentRoutes, incidentDecisionRoutes]) {
    app.route("/", routes);
  }
}
