import type { MigrationTexts } from "../migration-checksums.ts";

import { tenancy } from "./0001-tenancy.ts";
import { conversations } from "./0002-conversations.ts";
import { catalogue } from "./0003-catalogue.ts";
import { orders } from "./0004-orders.ts";
import { operations } from "./0005-operations.ts";
import { access } from "./0006-access.ts";
import { subjectFence } from "./0007-subject-fence.ts";
import { revivedOrders } from "./0008-revived-orders.ts";
import { inbox } from "./0009-inbox.ts";
import { privacyRecords } from "./0010-privacy-records.ts";
import { unmatchedEvidence } from "./0011-unmatched-evidence.ts";
import { migrationChecksums } from "./0012-migration-checksums.ts";
import { openOrders } from "./0013-open-orders.ts";
import { credits } from "./0017-credits.ts";
import { plans } from "./0018-plans.ts";
import { referral } from "./0019-referral.ts";
import { gatewayPayments } from "./0020-gateway-payments.ts";
import { creditRights } from "./0021-credit-rights.ts";
import { secondFactor } from "./0022-second-factor.ts";
import { team } from "./0023-team.ts";
import { accounts } from "./0024-accounts.ts";
import { pages } from "./0025-pages.ts";
import { subscriptionProcess } from "./0026-subscription-process.ts";
import { payouts } from "./0027-payouts.ts";
import { platformPayments } from "./0028-platform-payments.ts";
import { customerCredit } from "./0030-customer-credit.ts";
import { accountsMended } from "./0031-accounts-mended.ts";
import { noticePreferences } from "./0032-notice-preferences.ts";
import { takingPart } from "./0033-taking-part.ts";
import { moneyMended } from "./0034-money-mended.ts";
import { adminsActs } from "./0035-admins-acts.ts";
import { pagesAndDevices } from "./0036-pages-and-devices.ts";
import { invoices } from "./0037-invoices.ts";
import { acceptedWording } from "./0038-accepted-wording.ts";
import { privacyPackages } from "./0040-privacy-packages.ts";
import { erasure } from "./0041-erasure.ts";
import { privacyRequests } from "./0042-privacy-requests.ts";
import { keyRotation } from "./0043-key-rotation.ts";
import { retention } from "./0045-retention.ts";
import { consentAndLimits } from "./0046-consent-and-limits.ts";
import { auditAndAccess } from "./0047-audit-and-access.ts";
import { incidentTables } from "./0048-incidents.ts";
import { packageReads } from "./0049-package-reads.ts";

/** Migrations only go forward; a name is never changed once released. */
export const migrationTexts: MigrationTexts = {
  "0001-tenancy": tenancy,
  "0002-conversations": conversations,
  "0003-catalogue": catalogue,
  "0004-orders": orders,
  "0005-operations": operations,
  "0006-access": access,
  "0007-subject-fence": subjectFence,
  "0008-revived-orders": revivedOrders,
  "0009-inbox": inbox,
  "0010-privacy-records": privacyRecords,
  "0011-unmatched-evidence": unmatchedEvidence,
  "0012-migration-checksums": migrationChecksums,
  "0013-open-orders": openOrders,
  "0017-credits": credits,
  "0018-plans": plans,
  "0019-referral": referral,
  "0020-gateway-payments": gatewayPayments,
  "0021-credit-rights": creditRights,
  "0022-second-factor": secondFactor,
  "0023-team": team,
  "0024-accounts": accounts,
  "0025-pages": pages,
  "0026-subscription-process": subscriptionProcess,
  "0027-payouts": payouts,
  "0028-platform-payments": platformPayments,
  "0030-customer-credit": customerCredit,
  "0031-accounts-mended": accountsMended,
  "0032-notice-preferences": noticePreferences,
  "0033-taking-part": takingPart,
  "0034-money-mended": moneyMended,
  "0035-admins-acts": adminsActs,
  "0036-pages-and-devices": pagesAndDevices,
  "0037-invoices": invoices,
  "0038-accepted-wording": acceptedWording,
  "0040-privacy-packages": privacyPackages,
  "0041-erasure": erasure,
  "0042-privacy-requests": privacyRequests,
  "0043-key-rotation": keyRotation,
  "0045-retention": retention,
  "0046-consent-and-limits": consentAndLimits,
  "0047-audit-and-access": auditAndAccess,
  "0048-incidents": incidentTables,
  "0049-package-reads": packageReads,
};
