import type {
  AccountId,
  GatewayPaymentId,
  MessageId,
  PlanPaymentId,
  ShopId,
  UpgradeRequestId,
  UploadId,
} from "../../domain/id.ts";
import type { Currency } from "../../domain/money.ts";
import type { PlatformRole } from "../../domain/platform-role.ts";
import type { Language } from "../../domain/shop/policies.ts";
import type { PlanLimits } from "../../domain/subscription/plan.ts";
import type { RefundWay, ReversalKind, ReversalState } from "../../domain/subscription/reversal.ts";
import type { SubscriptionState } from "../../domain/subscription/subscription.ts";
import type { SubscriptionTimings, UpgradeTimings } from "../../domain/subscription/timings.ts";
import type { Bought, UpgradeState } from "../../domain/subscription/upgrade.ts";
import type { Count, Flag, Json, Optional, SealedColumn, SealedOrNull } from "./columns.ts";

export interface PlansTable {
  code: string;
  version: number;
  names: Json<Record<Language, string>>;
  period_months: number;
  credits_per_period: number;
  limits: Json<PlanLimits>;
}

export interface PlanPricesTable {
  plan_code: string;
  plan_version: number;
  currency: Currency;
  amount_minor: number;
}

export interface SubscriptionsTable {
  shop_id: ShopId;
  plan_code: string;
  plan_version: number;
  state: SubscriptionState;
  starts_at: Date;
  ends_at: Date;
  /** What the running period has cost; null while nothing was paid. */
  worth_minor: Optional<number>;
  currency: Optional<Currency>;
  /** Begins when the running period ends. */
  scheduled_plan_code: Optional<string>;
  scheduled_plan_version: Optional<number>;
  /** Calendar months of the scheduled plan that are paid for, and what they have cost. */
  scheduled_months: Count;
  scheduled_worth_minor: Count;
  timings: Json<SubscriptionTimings>;
  state_since: Date;
  /** Of the reminders of this end the last one that was told, by how long before the end it was due. */
  reminded_before_ms: Optional<number>;
  /** The agent answers what is written from here on: before, it did not speak for the shop. */
  served_from: Optional<Date>;
  /** Never changed: whoever locks the row asks for the right to. */
  lock_mark: Count;
  version: Count;
  updated_at: Date;
}

export interface TopUpsTable {
  code: string;
  version: number;
  names: Json<Record<Language, string>>;
  credits: number;
  valid_days: number;
}

export interface TopUpPricesTable {
  top_up_code: string;
  top_up_version: number;
  currency: Currency;
  amount_minor: number;
}

export interface UpgradeRequestsTable {
  shop_id: ShopId;
  id: UpgradeRequestId;
  /** A plan is asked for, or a package of credits. */
  plan_code: Optional<string>;
  plan_version: Optional<number>;
  top_up_code: Optional<string>;
  top_up_version: Optional<number>;
  amount_minor: number;
  currency: Currency;
  state: UpgradeState;
  timings: Json<UpgradeTimings>;
  needs_second_approval: boolean;
  requested_by: AccountId;
  /** The evidence that was handed in last. */
  upload_id: Optional<UploadId>;
  reference_note_id: Optional<MessageId>;
  /** Of the payment reference, over all shops; unique among approved requests. By the approver's word once there is one. */
  reference_index: Optional<Buffer>;
  /** The approver read another reference on the proof than the requester wrote. */
  reference_differs: Flag;
  /** Why it was rejected, or asked again. */
  reason_note_id: Optional<MessageId>;
  /** The provider has told of money that is not booked. */
  money_came_at: Optional<Date>;
  evidence_due_at: Optional<Date>;
  submitted_at: Optional<Date>;
  reminded_at: Optional<Date>;
  escalated_at: Optional<Date>;
  /** Of two approvals the first. */
  first_approved_by: Optional<AccountId>;
  first_approved_at: Optional<Date>;
  decided_by: Optional<AccountId>;
  ended_at: Optional<Date>;
  purge_due_at: Optional<Date>;
  purged_at: Optional<Date>;
  version: Count;
  created_at: Date;
}

export interface UpgradeUploadsTable {
  shop_id: ShopId;
  /** The bytes in the object store have the same id. */
  id: UploadId;
  request_id: UpgradeRequestId;
  /** The bytes' own key; null until they came. */
  sealed_key: SealedOrNull;
  size: Optional<number>;
  created_at: Date;
  received_at: Optional<Date>;
}

export interface UpgradeNotesTable {
  shop_id: ShopId;
  id: MessageId;
  request_id: UpgradeRequestId;
  body: SealedColumn;
  created_at: Date;
}

export interface PlanPaymentsTable {
  shop_id: ShopId;
  id: PlanPaymentId;
  request_id: UpgradeRequestId;
  plan_code: string;
  plan_version: number;
  amount_minor: number;
  currency: Currency;
  payer_account_id: AccountId;
  paid_at: Date;
  /** What of its money is in the running period. */
  worth_minor: Count;
  /** Months of the scheduled plan that it has bought. */
  scheduled_months: Count;
}

export interface PlanReversalsTable {
  shop_id: ShopId;
  id: string;
  /** Once for each payment, which is one for a plan or for a package of credits. */
  payment_id: PlanPaymentId;
  bought: Bought["kind"];
  kind: ReversalKind;
  state: ReversalState;
  needs_second_approval: boolean;
  reason_note_id: MessageId;
  proposed_by: AccountId;
  proposed_at: Date;
  /** Of two admins the second. */
  approved_by: Optional<AccountId>;
  done_at: Optional<Date>;
  /** How the money goes back; null: it was taken, or nothing is done yet. */
  refund_way: Optional<RefundWay>;
  /** Of the provider that gives it back. */
  gateway_payment_id: Optional<GatewayPaymentId>;
  /** When it was back; of a transfer by the word of an admin, with its reference among the notes. */
  refunded_at: Optional<Date>;
  refunded_by: Optional<AccountId>;
  refund_note_id: Optional<MessageId>;
}

export interface PlanReversalNotesTable {
  shop_id: ShopId;
  id: MessageId;
  payment_id: PlanPaymentId;
  body: SealedColumn;
  created_at: Date;
}

export interface TopUpPaymentsTable {
  shop_id: ShopId;
  id: PlanPaymentId;
  request_id: UpgradeRequestId;
  top_up_code: string;
  top_up_version: number;
  amount_minor: number;
  currency: Currency;
  payer_account_id: AccountId;
  paid_at: Date;
}

export interface PlatformRolesTable {
  account_id: AccountId;
  role: PlatformRole;
  granted_by: Optional<AccountId>;
  granted_at: Date;
}
