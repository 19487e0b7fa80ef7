import type { ColumnType, Generated } from "kysely";

import type {
  AccountId,
  CommissionId,
  FraudFlagId,
  ParticipantId,
  PayoutId,
  ReferralApplicationId,
  ShopId,
  UploadId,
} from "../../domain/id.ts";
import type { Currency } from "../../domain/money.ts";
import type { PayoutSchedule } from "../../domain/payout/period.ts";
import type { PayoutFailure, PayoutObstacle, PayoutState } from "../../domain/payout/states.ts";
import type { PayoutTimings } from "../../domain/payout/timings.ts";
import type {
  ApplicationFinding,
  ApplicationState,
  RejectReason,
} from "../../domain/referral/application.ts";
import type { FraudReason } from "../../domain/referral/fraud-reasons.ts";
import type { FraudRule, FraudSeverity } from "../../domain/referral/fraud-rules.ts";
import type { ReferralPolicy } from "../../domain/referral/policy.ts";
import type {
  AttributionSource,
  CommissionKind,
  CommissionState,
  FlagState,
  HeldReason,
  ParticipantState,
} from "../../domain/referral/states.ts";
import type { PayoutAccountKind } from "../../domain/referral/payout-account.ts";
import type { Count, Json, Optional, SealedColumn, SealedOrNull } from "./columns.ts";

export interface ReferralPoliciesTable {
  version: number;
  policy: Json<ReferralPolicy>;
  valid_from: Date;
}

export interface ReferralParticipantsTable {
  id: ParticipantId;
  /** Null when the account is gone: the place in the tree stays. */
  account_id: Optional<AccountId>;
  state: Generated<ParticipantState>;
  /** Null until its owner joins. */
  code: Optional<string>;
  terms_version: Optional<number>;
  joined_at: Optional<Date>;
  referrer_id: Optional<ParticipantId>;
  source: Optional<AttributionSource>;
  attributed_at: Optional<Date>;
  first_paid_at: Optional<Date>;
  created_at: Date;
}

export interface ReferralApplicationsTable {
  id: ReferralApplicationId;
  participant_id: ParticipantId;
  terms_version: number;
  state: ApplicationState;
  findings: ApplicationFinding[];
  /** Whom `like_held` is about. */
  alike_ids: ParticipantId[];
  submitted_at: Date;
  decided_at: Optional<Date>;
  /** Null: nobody, by the rules. */
  decided_by: Optional<AccountId>;
  reason: Optional<RejectReason>;
}

export interface ReferralSignalsTable {
  account_id: AccountId;
  kind: "device" | "email" | "phone";
  index: Buffer;
  seen_at: Date;
}

export interface PayoutAccountsTable {
  participant_id: ParticipantId;
  kind: PayoutAccountKind;
  currency: Currency;
  details: SealedColumn;
  account_index: Buffer;
  changed_at: Date;
  /** The end of the cool-down: nothing is paid there before. */
  usable_from: Date;
  version: Count;
}

export interface PayoutPreferencesTable {
  participant_id: ParticipantId;
  schedule: PayoutSchedule;
  /** Null: the platform's minimum. */
  threshold_minor: number | null;
  currency: Currency | null;
  changed_at: Date;
}

export type FraudEvidence = { participantId?: ParticipantId; signal?: string; count?: number };

export interface FraudFlagsTable {
  id: FraudFlagId;
  participant_id: ParticipantId;
  rule: FraudRule;
  /** Raised once for the same evidence. */
  evidence_key: string;
  severity: FraudSeverity;
  state: Generated<FlagState>;
  /** Ids, codes and counts; never personal data. */
  evidence: ColumnType<FraudEvidence, string, never>;
  raised_at: Date;
  decided_at: Optional<Date>;
  decided_by: Optional<AccountId>;
  appeal: SealedOrNull;
  /** Of the request that made it: repeated, it meets its own. */
  appeal_id: Optional<string>;
  appealed_at: Optional<Date>;
  appeal_decided_at: Optional<Date>;
}

export interface CommissionsTable {
  id: CommissionId;
  payment_id: string;
  payer_shop_id: ShopId;
  payer_id: ParticipantId;
  beneficiary_id: ParticipantId;
  level: number;
  kind: CommissionKind;
  refund_id: Optional<string>;
  flag_id: Optional<FraudFlagId>;
  /** Of an earning what was paid, of a refund's reversal what was given back; else 0. */
  base_minor: number;
  rate_bps: number;
  amount_minor: number;
  currency: Currency;
  state: CommissionState;
  held_reason: Optional<HeldReason>;
  payout_id: Optional<PayoutId>;
  paid_at: Date;
  matures_at: Date;
  created_at: Date;
}

export interface PayoutsTable {
  id: PayoutId;
  participant_id: ParticipantId;
  /** `2026-11`. */
  period: string;
  amount_minor: number;
  currency: Currency;
  state: PayoutState;
  obstacle: Optional<PayoutObstacle>;
  /** Of the payout account that the maker proposed to pay to. */
  account_version: Optional<number>;
  proposed_by: Optional<AccountId>;
  proposed_at: Optional<Date>;
  approved_by: Optional<AccountId>;
  approved_at: Optional<Date>;
  executing_since: Optional<Date>;
  ended_at: Optional<Date>;
  failure_code: Optional<PayoutFailure>;
  timings: Json<PayoutTimings>;
  /** Since when somebody's word is waited for; the marks of reminders are of this wait. */
  waiting_since: Date;
  gated_at: Optional<Date>;
  reminded_at: Optional<Date>;
  escalated_at: Optional<Date>;
  /** How often money was ordered. */
  attempt: Count;
  /** The account that was approved, as it was when the money was ordered; sealed as it is in `payout_accounts`. */
  account_kind: Optional<PayoutAccountKind>;
  account_details: SealedOrNull;
  /** The evidence of the transfer. */
  upload_id: Optional<UploadId>;
  /** What the participant has yet to be told. */
  notice_due: Optional<"payout_paid" | "payout_failed">;
  version: Count;
  created_at: Date;
}

export interface PayoutUploadsTable {
  id: UploadId;
  payout_id: PayoutId;
  sealed_key: SealedOrNull;
  size: Optional<number>;
  created_by: Optional<AccountId>;
  created_at: Date;
  received_at: Optional<Date>;
}

export interface PayoutEventsTable {
  payout_id: PayoutId;
  /** Of the payout, as it became by this. */
  version: number;
  state: PayoutState;
  attempt: number;
  /** What stood in the way, or why it failed. */
  code: Optional<PayoutObstacle | PayoutFailure>;
  by_account: Optional<AccountId>;
  at: Date;
}

export interface FraudDecisionsTable {
  id: string;
  flag_id: FraudFlagId;
  decision: "upheld" | "dismissed";
  reason: FraudReason;
  answers_appeal: boolean;
  by_account: Optional<AccountId>;
  at: Date;
}
