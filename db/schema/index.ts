import type {
  ShopsTable,
  KeyEpochsTable,
  SubjectsTable,
  SubjectKeysTable,
  PagesTable,
  PageConnectionsTable,
  PageEventsTable,
  AccountsTable,
  MembershipsTable,
  SessionsTable,
  ApiKeysTable,
} from "./tenancy.ts";
import type {
  AccountEventsTable,
  InvitationsTable,
  KnownDevicesTable,
  RecoveryCodesTable,
  SecondFactorsTable,
  SignInStepsTable,
  AccountAppealsTable,
  AccountTokensTable,
  MailsTable,
  PolicyAcceptancesTable,
  ShopAttestationsTable,
  NoticePreferencesTable,
} from "./accounts.ts";
import type {
  CustomersTable,
  ConversationsTable,
  IntakeTable,
  DeadLettersTable,
  ReceiptsTable,
  TurnsTable,
  MessagesTable,
  OutboxTable,
  LooseObjectsTable,
  ObjectsTable,
} from "./conversations.ts";
import type {
  ProductsTable,
  VariantsTable,
  StockMovesTable,
  PaymentMethodsTable,
  CartsTable,
} from "./catalogue.ts";
import type {
  OrdersTable,
  OrderLinesTable,
  OrderEventsTable,
  PaymentEvidenceTable,
  PaymentEntriesTable,
  CustomerCreditsTable,
  CustomerCreditLinesTable,
} from "./orders.ts";
import type { GatewayEventsTable, GatewayPaymentsTable, GatewayRefundsTable } from "./gateway.ts";
import type {
  DevicesTable,
  OwnerNoticesTable,
  PushPartsTable,
  AuditEventsTable,
  AuditChainsTable,
  IdempotencyKeysTable,
} from "./operations.ts";
import type {
  PlansTable,
  PlanPricesTable,
  SubscriptionsTable,
  UpgradeRequestsTable,
  UpgradeUploadsTable,
  UpgradeNotesTable,
  PlanPaymentsTable,
  PlanReversalsTable,
  PlanReversalNotesTable,
  TopUpsTable,
  TopUpPricesTable,
  TopUpPaymentsTable,
  PlatformRolesTable,
} from "./plans.ts";
import type {
  ReferralPoliciesTable,
  ReferralParticipantsTable,
  ReferralApplicationsTable,
  ReferralSignalsTable,
  PayoutAccountsTable,
  PayoutPreferencesTable,
  FraudFlagsTable,
  CommissionsTable,
  PayoutsTable,
  PayoutUploadsTable,
  PayoutEventsTable,
  FraudDecisionsTable,
} from "./referral.ts";
import type {
  IncidentEventsTable,
  IncidentPeopleTable,
  IncidentsTable,
  TicketMessagesTable,
  TicketsTable,
} from "./incidents.ts";
import type {
  AccessReviewItemsTable,
  AccessReviewsTable,
  BreakGlassGrantsTable,
  DisclosuresTable,
} from "./access.ts";
import type { BillingDetailsTable, InvoiceCountersTable, InvoicesTable } from "./invoices.ts";
import type {
  AgeReportsTable,
  ConsentsTable,
  PolicyNoticesTable,
  PolicyVersionsTable,
  ProcessingLimitsTable,
  ShopPurposesTable,
} from "./privacy-choices.ts";
import type { RetentionPlanItemsTable, RetentionResultsTable, RetentionRunsTable } from "./retention.ts";
import type {
  CertificateKeysTable,
  CertificatesTable,
  ErasuresTable,
  HoldsTable,
  SuppressionsTable,
} from "./erasure.ts";
import type { PrivacyNotesTable, PrivacyRequestEventsTable, PrivacyRequestsTable } from "./privacy.ts";
import type { CreditGrantsTable, CreditLinesTable, CreditReservationsTable } from "./credits.ts";
import type { PrivacyPackagePartsTable, PrivacyPackagesTable } from "./privacy-packages.ts";

export interface Schema {
  shops: ShopsTable;
  key_epochs: KeyEpochsTable;
  subjects: SubjectsTable;
  subject_keys: SubjectKeysTable;
  pages: PagesTable;
  page_connections: PageConnectionsTable;
  page_events: PageEventsTable;
  accounts: AccountsTable;
  memberships: MembershipsTable;
  sessions: SessionsTable;
  api_keys: ApiKeysTable;
  second_factors: SecondFactorsTable;
  recovery_codes: RecoveryCodesTable;
  sign_in_steps: SignInStepsTable;
  known_devices: KnownDevicesTable;
  account_events: AccountEventsTable;
  invitations: InvitationsTable;
  customers: CustomersTable;
  conversations: ConversationsTable;
  intake: IntakeTable;
  dead_letters: DeadLettersTable;
  receipts: ReceiptsTable;
  turns: TurnsTable;
  messages: MessagesTable;
  outbox: OutboxTable;
  objects: ObjectsTable;
  loose_objects: LooseObjectsTable;
  products: ProductsTable;
  variants: VariantsTable;
  stock_moves: StockMovesTable;
  payment_methods: PaymentMethodsTable;
  carts: CartsTable;
  orders: OrdersTable;
  order_lines: OrderLinesTable;
  order_events: OrderEventsTable;
  payment_evidence: PaymentEvidenceTable;
  payment_entries: PaymentEntriesTable;
  customer_credits: CustomerCreditsTable;
  customer_credit_lines: CustomerCreditLinesTable;
  gateway_payments: GatewayPaymentsTable;
  gateway_refunds: GatewayRefundsTable;
  gateway_events: GatewayEventsTable;
  devices: DevicesTable;
  owner_notices: OwnerNoticesTable;
  push_parts: PushPartsTable;
  audit_events: AuditEventsTable;
  audit_chains: AuditChainsTable;
  break_glass_grants: BreakGlassGrantsTable;
  disclosures: DisclosuresTable;
  access_reviews: AccessReviewsTable;
  access_review_items: AccessReviewItemsTable;
  idempotency_keys: IdempotencyKeysTable;
  plans: PlansTable;
  plan_prices: PlanPricesTable;
  subscriptions: SubscriptionsTable;
  upgrade_requests: UpgradeRequestsTable;
  upgrade_uploads: UpgradeUploadsTable;
  upgrade_notes: UpgradeNotesTable;
  plan_payments: PlanPaymentsTable;
  plan_reversals: PlanReversalsTable;
  plan_reversal_notes: PlanReversalNotesTable;
  top_ups: TopUpsTable;
  top_up_prices: TopUpPricesTable;
  top_up_payments: TopUpPaymentsTable;
  billing_details: BillingDetailsTable;
  invoice_counters: InvoiceCountersTable;
  invoices: InvoicesTable;
  platform_roles: PlatformRolesTable;
  referral_policies: ReferralPoliciesTable;
  referral_participants: ReferralParticipantsTable;
  referral_applications: ReferralApplicationsTable;
  referral_signals: ReferralSignalsTable;
  payout_accounts: PayoutAccountsTable;
  payout_preferences: PayoutPreferencesTable;
  fraud_flags: FraudFlagsTable;
  commissions: CommissionsTable;
  payouts: PayoutsTable;
  payout_uploads: PayoutUploadsTable;
  payout_events: PayoutEventsTable;
  fraud_decisions: FraudDecisionsTable;
  credit_grants: CreditGrantsTable;
  credit_lines: CreditLinesTable;
  credit_reservations: CreditReservationsTable;
  account_tokens: AccountTokensTable;
  policy_acceptances: PolicyAcceptancesTable;
  account_appeals: AccountAppealsTable;
  mails: MailsTable;
  shop_attestations: ShopAttestationsTable;
  notice_preferences: NoticePreferencesTable;
  tickets: TicketsTable;
  ticket_messages: TicketMessagesTable;
  incidents: IncidentsTable;
  incident_events: IncidentEventsTable;
  incident_people: IncidentPeopleTable;
  processing_limits: ProcessingLimitsTable;
  consents: ConsentsTable;
  shop_purposes: ShopPurposesTable;
  age_reports: AgeReportsTable;
  policy_versions: PolicyVersionsTable;
  policy_notices: PolicyNoticesTable;
  retention_runs: RetentionRunsTable;
  retention_results: RetentionResultsTable;
  retention_plan_items: RetentionPlanItemsTable;
  erasures: ErasuresTable;
  holds: HoldsTable;
  suppressions: SuppressionsTable;
  certificates: CertificatesTable;
  certificate_keys: CertificateKeysTable;
  privacy_requests: PrivacyRequestsTable;
  privacy_request_events: PrivacyRequestEventsTable;
  privacy_notes: PrivacyNotesTable;
  privacy_packages: PrivacyPackagesTable;
  privacy_package_parts: PrivacyPackagePartsTable;
}
