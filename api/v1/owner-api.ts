import type { ApiRouter } from "../router.ts";
import { accessReviewRoutes } from "./access-reviews.ts";
import { ageReportRoutes } from "./age-reports.ts";
import { apiKeyRoutes } from "./api-keys.ts";
import { attestationRoutes } from "./attestations.ts";
import { auditEventRoutes } from "./audit-events.ts";
import { billingDetailsRoutes } from "./billing-details.ts";
import { breakGlassRoutes } from "./break-glass.ts";
import { conversationRoutes } from "./conversations.ts";
import { creditRoutes } from "./credits.ts";
import { customerCreditRoutes } from "./customer-credit.ts";
import { customerRoutes } from "./customers.ts";
import { disclosureRoutes } from "./disclosures.ts";
import { downgradeRoutes } from "./downgrade.ts";
import { deletionCertificateRoutes } from "./deletion-certificates.ts";
import { deviceRoutes } from "./devices.ts";
import { evidenceDecisionRoutes } from "./evidence-decisions.ts";
import { evidenceRoutes } from "./evidence.ts";
import { gatewayPaymentRoutes } from "./gateway-payments.ts";
import { invitationRoutes } from "./invitations.ts";
import { invoiceRoutes } from "./invoices.ts";
import { memberRoutes } from "./members.ts";
import { messageRoutes } from "./messages.ts";
import { noticeRoutes } from "./notices.ts";
import { orderDecisionRoutes } from "./order-decisions.ts";
import { orderRoutes } from "./orders.ts";
import { pageConnectionRoutes } from "./page-connections.ts";
import { pageRoutes } from "./pages.ts";
import { paymentMethodRoutes } from "./payment-methods.ts";
import { paymentRoutes } from "./payments.ts";
import { pictureRoutes } from "./pictures.ts";
import { planReversalRoutes } from "./plan-reversals.ts";
import { planRoutes } from "./plans.ts";
import { privacyRequestRoutes } from "./privacy-requests.ts";
import { productImageRoutes } from "./product-image.ts";
import { privacyChoiceRoutes } from "./privacy-choices.ts";
import { productRoutes } from "./products.ts";
import { payoutAccountRoutes } from "./payout-account.ts";
import { payoutPreferenceRoutes } from "./payout-preferences.ts";
import { payoutRoutes } from "./payouts.ts";
import { referralRoutes } from "./referral.ts";
import { shopPurposeRoutes } from "./shop-purposes.ts";
import { retentionRoutes } from "./retention.ts";
import { shopRoutes } from "./shop.ts";
import { stockRoutes } from "./stock.ts";
import { turnRoutes } from "./turns.ts";
import { upgradeRequestRoutes } from "./upgrade-requests.ts";
import { uploadRoutes } from "./uploads.ts";

/** The owner's REST below `/v1`: a part for `createApi`. */
export function mountOwnerApi(app: ApiRouter): void {
  for (const routes of [
    shopRoutes,
    retentionRoutes,
    attestationRoutes,
    shopPurposeRoutes,
    pageRoutes,
    pageConnectionRoutes,
    productRoutes,
    productImageRoutes,
    stockRoutes,
    paymentMethodRoutes,
    customerRoutes,
    customerCreditRoutes,
    privacyChoiceRoutes,
    ageReportRoutes,
    conversationRoutes,
    messageRoutes,
    turnRoutes,
    orderRoutes,
    orderDecisionRoutes,
    paymentRoutes,
    gatewayPaymentRoutes,
    evidenceRoutes,
    evidenceDecisionRoutes,
    pictureRoutes,
    deviceRoutes,
    noticeRoutes,
    creditRoutes,
    auditEventRoutes,
    breakGlassRoutes,
    disclosureRoutes,
    accessReviewRoutes,
    planRoutes,
    planReversalRoutes,
    downgradeRoutes,
    upgradeRequestRoutes,
    uploadRoutes,
    invoiceRoutes,
    billingDetailsRoutes,
    deletionCertificateRoutes,
    referralRoutes,
    payoutAccountRoutes,
    memberRoutes,
    invitationRoutes,
    apiKeyRoutes,
    payoutRoutes,
    payoutPreferenceRoutes,
    privacyRequestRoutes,
  ]) {
    app.route("/", routes);
  }
}
