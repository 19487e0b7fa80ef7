import type { SealedAt, TableEntry } from "./describe-table.ts";

const secretOfShop = (field: string) =>
  ({ field, purpose: "secret", subject: "shop_id" }) as const satisfies SealedAt;
const ofOrder = (field: string) =>
  ({ field, purpose: "order", subject: "customer_id" }) as const satisfies SealedAt;

export const catalogueInventory = {
  products: {
    of: { shop: "shop_id" },
    purposes: ["conversation", "order"],
    class: "shop",
    ids: "shop_id id image_object_id",
    codes: "state",
    facts: "created_at updated_at version",
    business: "name description",
  },
  variants: {
    of: { shop: "shop_id" },
    purposes: ["conversation", "order"],
    class: "shop",
    ids: "shop_id id product_id",
    codes: "currency",
    facts: "price_minor on_hand reserved position is_active",
    business: "name",
  },
  stock_moves: {
    of: { shop: "shop_id" },
    purposes: ["order"],
    class: "shop",
    ids: "shop_id id order_id variant_id actor_id",
    codes: "kind",
    facts: "round on_hand_delta reserved_delta at",
  },
  payment_methods: {
    of: { shop: "shop_id" },
    purposes: ["payment"],
    class: "shop",
    sealed: {
      details: secretOfShop("payment_method.details"),
      merchant: { ...secretOfShop("payment_method.merchant"), isSecret: true },
    },
    ids: "shop_id id qr_object_id",
    codes: "kind provider",
    facts: "is_visible_to_customer is_enabled created_at version",
    business: "name",
  },
  carts: {
    of: { customer: "customer_id" },
    purposes: ["order"],
    class: "conversation",
    sealed: { contact: { ...ofOrder("cart.contact"), row: "customer_id" } },
    ids: "shop_id customer_id zone_id payment_method_id draft_order_id",
    codes: "contact_source",
    facts: "lines contact_version updated_at version",
  },
} as const satisfies Record<string, TableEntry>;

export const orderInventory = {
  orders: {
    of: { customer: "customer_id" },
    purposes: ["order", "payment"],
    class: "order.finance",
    keeps: { "order.dispute": "contact tracking contact_source contact_version" },
    sealed: { contact: ofOrder("order.contact"), tracking: ofOrder("order.tracking") },
    ids: "shop_id id customer_id number payment_method_id zone_id",
    codes: `currency order_state payment_state fulfilment_kind fulfilment_state payment_kind contact_source
      cancel_reason`,
    facts: `lines_minor fee_minor discount_minor credit_minor total_minor received_minor refunded_minor contact_version
      placed_at payment_due_at evidence_hard_end_at clock_stopped_at clock_stops expiry_warned_at review_since
      review_reminded_at review_escalated_at review_customer_told_at cod_accept_due_at cod_accepted_at paid_at
      ship_reminded_at refund_reminded_at balance_reminded_at packed_at shipped_at delivery_asked_at delivered_at
      completed_at cancelled_at expiry_graces revivals created_at updated_at version`,
    business: "timings",
    marks: "summary_hash",
  },
  order_lines: {
    of: { customer: "order_id>orders" },
    purposes: ["order"],
    class: "order.finance",
    ids: "shop_id order_id variant_id",
    facts: "position quantity unit_price_minor",
    business: "product_name variant_name",
  },
  order_events: {
    of: { customer: "order_id>orders" },
    purposes: ["order"],
    class: "order.finance",
    keeps: { "order.dispute": "note" },
    sealed: { note: { field: "order_event.note", purpose: "order", subject: "order_id>orders" } },
    ids: "shop_id id order_id actor_id",
    codes: "type actor_kind data",
    facts: "at",
    marks: "decision_key",
  },
  // Of a slip that is not accepted the class is `order.dispute`: `sealed_for` says which key has it.
  payment_evidence: {
    of: { customer: "customer_id" },
    purposes: ["payment"],
    class: "order.finance",
    sealed: {
      reading: { field: "evidence.reading", purpose: { column: "sealed_for" }, subject: "customer_id" },
    },
    ids: "shop_id id customer_id order_id object_id decided_by",
    codes: "state sealed_for verdict",
    facts: "judged_at decided_at received_at remind_at",
  },
  payment_entries: {
    of: { customer: "order_id>orders|evidence_id>payment_evidence" },
    purposes: ["payment"],
    class: "order.finance",
    index: "reference_index",
    ids: "shop_id id order_id evidence_id payment_method_id recorded_by",
    codes: "currency kind",
    facts: "recorded_at amount_minor",
    marks: "effect_key",
  },
  customer_credits: {
    of: { customer: "customer_id" },
    purposes: ["payment"],
    class: "order.finance",
    ids: "shop_id customer_id",
    codes: "currency",
    facts: "balance_minor",
  },
  customer_credit_lines: {
    of: { customer: "customer_id" },
    purposes: ["payment"],
    class: "order.finance",
    ids: "shop_id id customer_id order_id recorded_by",
    codes: "currency kind",
    facts: "recorded_at amount_minor",
    marks: "effect_key",
  },
  gateway_payments: {
    of: { customer: "owner_id>orders", shop: "shop_id" },
    purposes: ["payment", "billing"],
    class: "order.finance",
    index: "provider_index",
    ids: "shop_id id owner_id payment_method_id merchant_order_id",
    codes: "currency purpose provider state error_code",
    facts: `attempt expires_at next_check_at checks paid_minor paid_at booked_at owed_at created_at updated_at
      amount_minor`,
    business: "code",
  },
  gateway_refunds: {
    of: { customer: "payment_id>gateway_payments", shop: "shop_id" },
    purposes: ["payment", "billing"],
    class: "order.finance",
    ids: "shop_id id payment_id requested_by",
    codes: "state error_code",
    facts: "next_check_at checks refused_at done_at booked_at created_at updated_at amount_minor",
    marks: "effect_key",
  },
  gateway_events: {
    of: { customer: "payment_id>gateway_payments", shop: "shop_id" },
    purposes: ["payment"],
    class: "operation",
    ids: "shop_id payment_id",
    facts: "received_at",
    marks: "event_key",
  },
} as const satisfies Record<string, TableEntry>;
