import type { ApiRouter } from "../../router.ts";
import { accessReviewRoutes } from "./access-reviews.ts";
import { complianceRetentionRoutes } from "../compliance/retention.ts";
import { accountDecisionRoutes } from "./account-decisions.ts";
import { accountQueueRoutes } from "./account-queue.ts";
import { auditHeadRoutes } from "./audit-heads.ts";
import { breakGlassRoutes } from "./break-glass.ts";
import { disclosureRoutes } from "./disclosures.ts";
import { fraudFlagRoutes } from "./fraud-flags.ts";
import { payoutDecisionRoutes } from "./payout-decisions.ts";
import { payoutEvidenceRoutes } from "./payout-evidence.ts";
import { payoutQueueRoutes } from "./payout-queue.ts";
import { planPaymentRoutes } from "./plan-payments.ts";
import { planReversalRoutes } from "./plan-reversals.ts";
import { policyVersionRoutes } from "./policy-versions.ts";
import { referralApplicationRoutes } from "./referral-applications.ts";
import { upgradeDecisionRoutes } from "./upgrade-decisions.ts";
import { upgradeQueueRoutes } from "./upgrade-queue.ts";

/** The platform's REST below `/v1/admin` and `/v1/compliance`: a part for `createApi`. It reads through the admins' own login. */
export function mountAdminApi(app: ApiRouter): void {
  for (const routes of [
    upgradeQueueRoutes,
    upgradeDecisionRoutes,
    planPaymentRoutes,
    planReversalRoutes,
    payoutQueueRoutes,
    payoutEvidenceRoutes,
    payoutDecisionRoutes,
    fraudFlagRoutes,
    referralApplicationRoutes,
    accountQueueRoutes,
    accountDecisionRoutes,
    breakGlassRoutes,
    disclosureRoutes,
    accessReviewRoutes,
    auditHeadRoutes,
    policyVersionRoutes,
    complianceRetentionRoutes,
  ]) {
    app.route("/", routes);
  }
}
