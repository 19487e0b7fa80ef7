import type { ColumnType, Generated } from "kysely";

import type {
  AccountId,
  CustomerId,
  EvidenceId,
  ObjectId,
  OrderId,
  PaymentMethodId,
  ShopId,
  VariantId,
} from "../../domain/id.ts";
import type { Currency } from "../../domain/money.ts";
import type { ContactSource } from "../../domain/order/contact-source.ts";
import type { DeliveryState, FulfilmentKind, OrderState, PaymentState } from "../../domain/order/states.ts";
import type { OrderTimings } from "../../domain/order/timings.ts";
import type { Verdict } from "../../domain/payment/judge-proof.ts";
import type { PaymentKind } from "../../domain/payment/payment-kind.ts";
import type { Json, SealedColumn, SealedOrNull, Optional, Count } from "./columns.ts";

/** Who did it. */
export type ActorKind = "customer" | "owner" | "system";

export interface OrdersTable {
  shop_id: ShopId;
  id: OrderId;
  customer_id: CustomerId;
  number: Optional<string>;
  order_state: OrderState;
  payment_state: PaymentState;
  fulfilment_kind: FulfilmentKind;
  fulfilment_state: DeliveryState;
  currency: Currency;
  lines_minor: number;
  fee_minor: number;
  discount_minor: Count;
  /** Of the customer's credit; the total is what is left to pay. */
  credit_minor: Count;
  total_minor: number;
  received_minor: Count;
  refunded_minor: Count;
  payment_method_id: PaymentMethodId;
  payment_kind: PaymentKind;
  zone_id: Optional<string>;
  /** Null: its time is over, and only what the books keep is left. */
  /** Null: erased. */
  contact: SealedOrNull;
  contact_version: number;
  contact_source: Generated<ContactSource>;
  tracking: SealedOrNull;
  summary_hash: string;
  timings: Json<OrderTimings>;
  placed_at: Optional<Date>;
  payment_due_at: Optional<Date>;
  evidence_hard_end_at: Optional<Date>;
  clock_stopped_at: Optional<Date>;
  clock_stops: Count;
  expiry_warned_at: Optional<Date>;
  review_since: Optional<Date>;
  review_reminded_at: Optional<Date>;
  review_escalated_at: Optional<Date>;
  review_customer_told_at: Optional<Date>;
  cod_accept_due_at: Optional<Date>;
  cod_accepted_at: Optional<Date>;
  paid_at: Optional<Date>;
  ship_reminded_at: Optional<Date>;
  refund_reminded_at: Optional<Date>;
  balance_reminded_at: Optional<Date>;
  packed_at: Optional<Date>;
  shipped_at: Optional<Date>;
  delivery_asked_at: Optional<Date>;
  delivered_at: Optional<Date>;
  completed_at: Optional<Date>;
  cancelled_at: Optional<Date>;
  cancel_reason: Optional<string>;
  /** How often its expiry waited for what the customer had just written. */
  expiry_graces: Count;
  /** How often it came back after it had expired; stock moves once a kind and revival. */
  revivals: Count;
  version: Count;
  created_at: Date;
  updated_at: Date;
}

export interface OrderLinesTable {
  shop_id: ShopId;
  order_id: OrderId;
  variant_id: VariantId;
  position: number;
  product_name: string;
  variant_name: string;
  quantity: number;
  unit_price_minor: number;
}

/** The story of an order, one word a step. */
export type OrderEventType =
  | "placed"
  | "evidence_received"
  | "evidence_judged"
  | "evidence_refused"
  | "evidence_asked_again"
  | "payment_recorded"
  | "paid"
  | "expiry_warned"
  | "expired"
  | "revived"
  | "review_reminded"
  | "review_escalated"
  | "review_customer_told"
  | "cod_accepted"
  | "cod_not_accepted"
  | "packed"
  | "shipped"
  | "delivery_asked"
  | "delivered"
  | "completed"
  | "cancelled"
  | "refund_due"
  | "refund_requested"
  | "refunded"
  | "credited";

export interface OrderEventsTable {
  shop_id: ShopId;
  id: string;
  order_id: OrderId;
  type: OrderEventType;
  actor_kind: ActorKind;
  actor_id: Optional<AccountId>;
  /** The key of the request that decided; on the first step that it led to. */
  decision_key: Optional<string>;
  /** Amounts, codes and ids; never personal data. */
  data: ColumnType<Record<string, string | number | boolean | null>, string | undefined, never>;
  /** What a person wrote, sealed under the order key. */
  note: SealedOrNull;
  at: Date;
}

export type EvidenceState = "undecided" | "accepted" | "refused" | "unmatched" | "returned";

export interface PaymentEvidenceTable {
  shop_id: ShopId;
  id: EvidenceId;
  customer_id: CustomerId;
  order_id: Optional<OrderId>;
  object_id: ObjectId;
  state: EvidenceState;
  /** What was read from the slip, as JSON; under `order` until accepted, then under `finance`. */
  reading: SealedColumn;
  sealed_for: Generated<"order" | "finance">;
  verdict: Optional<Verdict>;
  judged_at: Optional<Date>;
  decided_at: Optional<Date>;
  decided_by: Optional<AccountId>;
  received_at: Date;
  /** Unmatched: when the owner is told again; null before the first time. */
  remind_at: Optional<Date>;
}

export interface PaymentEntriesTable {
  shop_id: ShopId;
  id: string;
  /** Null: money that belonged to no order; then the slip is named. */
  order_id: Optional<OrderId>;
  evidence_id: Optional<EvidenceId>;
  /** `credit`: a surplus that the shop keeps for the customer's next order. */
  kind: "payment" | "cash" | "refund" | "credit";
  payment_method_id: PaymentMethodId;
  amount_minor: number;
  currency: Currency;
  reference_index: Optional<Buffer>;
  effect_key: string;
  recorded_by: Optional<AccountId>;
  recorded_at: Date;
}

export interface CustomerCreditsTable {
  shop_id: ShopId;
  customer_id: CustomerId;
  currency: Currency;
  /** The sum of the lines, never below zero. */
  balance_minor: number;
}

/** `kept`: a surplus; `spent`: taken off an order; `returned`: that order ended without delivery. */
export type CreditLineKind = "kept" | "spent" | "returned";

export interface CustomerCreditLinesTable {
  shop_id: ShopId;
  id: string;
  customer_id: CustomerId;
  currency: Currency;
  order_id: OrderId;
  kind: CreditLineKind;
  /** Below zero when it is spent. */
  amount_minor: number;
  effect_key: string;
  recorded_by: Optional<AccountId>;
  recorded_at: Date;
}
