import type { z } from "@hono/zod-openapi";

import type { PreferenceSchema, PreferencesSchema } from "../accounts/notice-preference-routes.ts";
import type {
  ConfirmedFactorSchema,
  EnrolmentSchema,
  SecondFactorSchema,
} from "../auth/second-factor-routes.ts";
import type { AccountEventSchema, ListedSessionSchema } from "../auth/session-list-routes.ts";
import type { ConversationPageSchema, ConversationSchema } from "../v1/conversations.schema.ts";
import type { CreditBalanceSchema, CreditLinePageSchema, CreditLineSchema } from "../v1/credits.schema.ts";
import type { EvidencePageSchema, EvidenceSchema, EvidenceSummarySchema } from "../v1/evidence.schema.ts";
import type { InvitationSchema, NewInvitationSchema } from "../v1/invitations.ts";
import type {
  BillingDetailsSchema,
  InvoiceDetailSchema,
  InvoicePageSchema,
  InvoiceSchema,
} from "../v1/invoices.schema.ts";
import type { MemberSchema } from "../v1/members.ts";
import type { MessagePageSchema, MessageSchema } from "../v1/messages.schema.ts";
import type { OrderPageSchema, OrderSchema, OrderSummarySchema } from "../v1/orders.schema.ts";
import type { PageConnectionSchema, StartedConnectionSchema } from "../v1/page-connections.schema.ts";
import type { PageSchema, PagesSchema } from "../v1/pages.schema.ts";
import type { PaymentMethodPageSchema, PaymentMethodSchema } from "../v1/payment-methods.schema.ts";
import type { PayoutAccountSchema } from "../v1/payout-account.schema.ts";
import type {
  PayoutLinePageSchema,
  PayoutLineSchema,
  PayoutPageSchema,
  PayoutSchema,
} from "../v1/payouts.schema.ts";
import type { PayoutPreferencesSchema } from "../v1/payout-preferences.ts";
import type { ProductPageSchema, ProductSchema, VariantSchema } from "../v1/products.schema.ts";
import type {
  CommissionPageSchema,
  CommissionSchema,
  FlagSchema,
  ReferralSchema,
} from "../v1/referral.schema.ts";
import type { ShopSchema } from "../v1/shop.schema.ts";
import type { AccountCaseSchema, AccountCaseSummarySchema } from "../v1/admin/account-case.schema.ts";
import type { FlagCaseSchema, FlagCaseSummarySchema } from "../v1/admin/fraud-flags.schema.ts";
import type {
  PayoutCaseSchema,
  PayoutCaseSummarySchema,
  PayoutDestinationSchema,
} from "../v1/admin/payout-case.schema.ts";
import type {
  PlanPaymentCaseSchema,
  PlanPaymentPageSchema,
  PlanPaymentSchema,
} from "../v1/admin/plan-payment.schema.ts";
import type { ApplicationCaseSchema } from "../v1/admin/referral-applications.schema.ts";
import type {
  OwedMoneyPageSchema,
  UpgradeCaseSchema,
  UpgradeEvidenceSchema,
  UpgradeQueueSchema,
} from "../v1/admin/upgrade-case.schema.ts";
import type { OwnReversalPageSchema } from "../v1/plan-reversals.ts";
import type {
  PlanSchema,
  SubscriptionSchema,
  TopUpSchema,
  UpgradeRequestDetailSchema,
  UpgradeRequestSchema,
} from "../v1/upgrade.schema.ts";
import type { UploadSchema } from "../v1/uploads.ts";

export type AccountCase = z.infer<typeof AccountCaseSchema>;
export type AccountCaseSummary = z.infer<typeof AccountCaseSummarySchema>;
export type Commission = z.infer<typeof CommissionSchema>;
export type CommissionPage = z.infer<typeof CommissionPageSchema>;
export type Conversation = z.infer<typeof ConversationSchema>;
export type ConversationPage = z.infer<typeof ConversationPageSchema>;
export type CreditBalance = z.infer<typeof CreditBalanceSchema>;
export type CreditLine = z.infer<typeof CreditLineSchema>;
export type CreditLinePage = z.infer<typeof CreditLinePageSchema>;
export type Evidence = z.infer<typeof EvidenceSchema>;
export type EvidencePage = z.infer<typeof EvidencePageSchema>;
export type EvidenceSummary = z.infer<typeof EvidenceSummarySchema>;
export type FlagCase = z.infer<typeof FlagCaseSchema>;
export type FlagCaseSummary = z.infer<typeof FlagCaseSummarySchema>;
export type BillingDetails = z.infer<typeof BillingDetailsSchema>;
export type FraudFlag = z.infer<typeof FlagSchema>;
export type Invoice = z.infer<typeof InvoiceSchema>;
export type InvoiceDetail = z.infer<typeof InvoiceDetailSchema>;
export type InvoicePage = z.infer<typeof InvoicePageSchema>;
export type Message = z.infer<typeof MessageSchema>;
export type MessagePage = z.infer<typeof MessagePageSchema>;
export type Order = z.infer<typeof OrderSchema>;
export type OrderPage = z.infer<typeof OrderPageSchema>;
export type OrderSummary = z.infer<typeof OrderSummarySchema>;
/** `…Page` is one of a list's pages everywhere else. */
export type ShopsPage = z.infer<typeof PageSchema>;
export type ShopsPages = z.infer<typeof PagesSchema>;
export type PageConnection = z.infer<typeof PageConnectionSchema>;
export type StartedPageConnection = z.infer<typeof StartedConnectionSchema>;
export type OwedMoneyPage = z.infer<typeof OwedMoneyPageSchema>;
export type PaymentMethod = z.infer<typeof PaymentMethodSchema>;
export type PaymentMethodPage = z.infer<typeof PaymentMethodPageSchema>;
export type Payout = z.infer<typeof PayoutSchema>;
export type PayoutCase = z.infer<typeof PayoutCaseSchema>;
export type PayoutCaseSummary = z.infer<typeof PayoutCaseSummarySchema>;
export type PayoutDestination = z.infer<typeof PayoutDestinationSchema>;
export type PayoutLine = z.infer<typeof PayoutLineSchema>;
export type PayoutLinePage = z.infer<typeof PayoutLinePageSchema>;
export type PayoutPage = z.infer<typeof PayoutPageSchema>;
export type PayoutPreferences = z.infer<typeof PayoutPreferencesSchema>;
export type PayoutAccount = z.infer<typeof PayoutAccountSchema>;
export type Product = z.infer<typeof ProductSchema>;
export type ProductPage = z.infer<typeof ProductPageSchema>;
export type Variant = z.infer<typeof VariantSchema>;
export type Plan = z.infer<typeof PlanSchema>;
export type OwnReversalPage = z.infer<typeof OwnReversalPageSchema>;
export type OwnReversal = OwnReversalPage["data"][number];
export type PlanPayment = z.infer<typeof PlanPaymentSchema>;
export type PlanPaymentCase = z.infer<typeof PlanPaymentCaseSchema>;
export type PlanPaymentPage = z.infer<typeof PlanPaymentPageSchema>;
export type Subscription = z.infer<typeof SubscriptionSchema>;
export type TopUp = z.infer<typeof TopUpSchema>;
export type Upload = z.infer<typeof UploadSchema>;
export type UpgradeCase = z.infer<typeof UpgradeCaseSchema>;
export type UpgradeEvidence = z.infer<typeof UpgradeEvidenceSchema>;
export type UpgradeQueue = z.infer<typeof UpgradeQueueSchema>;
export type UpgradeRequest = z.infer<typeof UpgradeRequestSchema>;
export type UpgradeRequestDetail = z.infer<typeof UpgradeRequestDetailSchema>;
export type ApplicationCase = z.infer<typeof ApplicationCaseSchema>;
export type Referral = z.infer<typeof ReferralSchema>;
export type ShopSettings = z.infer<typeof ShopSchema>;
export type SecondFactor = z.infer<typeof SecondFactorSchema>;
export type Enrolment = z.infer<typeof EnrolmentSchema>;
export type ConfirmedFactor = z.infer<typeof ConfirmedFactorSchema>;
export type ListedSession = z.infer<typeof ListedSessionSchema>;
export type ListedAccountEvent = z.infer<typeof AccountEventSchema>;
export type NoticePreference = z.infer<typeof PreferenceSchema>;
export type NoticePreferences = z.infer<typeof PreferencesSchema>;
export type Member = z.infer<typeof MemberSchema>;
export type Invitation = z.infer<typeof InvitationSchema>;
export type NewInvitation = z.infer<typeof NewInvitationSchema>;
export type PageOf<Item> = { data: Item[]; hasMore: boolean; nextCursor: string | null };
