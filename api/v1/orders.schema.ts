import { z } from "@hono/zod-openapi";

import type { OrderDetail } from "../../db/order-queries.ts";
import { standingOf } from "../../db/order-standing.ts";
import { ledgerOf } from "../../db/orders.ts";
import type { OrderRow } from "../../db/orders.ts";
import { toTypeId } from "../../domain/id.ts";
import type { CustomerId } from "../../domain/id.ts";
import { orderPhase } from "../../domain/order/next-deadline.ts";
import type { OrderPhase } from "../../domain/order/next-deadline.ts";
import { contactSources } from "../../domain/order/contact-source.ts";
import { paymentKinds } from "../../domain/payment/payment-kind.ts";
import { balanceMinor, refundOwedMinor } from "../../domain/payment/payment-state.ts";
import { EvidenceSummarySchema, toEvidenceSummary } from "./evidence.schema.ts";
import { MoneySchema, TimeSchema, idField, idText, timeOrNull, orNull } from "./fields.schema.ts";
import { listQuery, pageOf } from "./list.ts";
import { PaymentSchema, toPayment } from "./payments.schema.ts";

const OrderState = z.enum(["draft", "placed", "completed", "cancelled"]);
const PaymentState = z.enum([
  "none",
  "due",
  "under_review",
  "part_paid",
  "paid",
  "cod_due",
  "refund_due",
  "refunded",
]);
const phases = [
  "awaiting_payment",
  "under_review",
  "awaiting_acceptance",
  "fulfilling",
  "on_the_way",
  "refund_due",
  "closed",
] as const satisfies readonly OrderPhase[];
const FulfilmentState = z.enum(["pending", "packed", "shipped", "delivered"]);

export const OrderSummarySchema = z
  .object({
    id: idText("ord"),
    number: z.string().nullable().openapi({ description: "Null for a draft." }),
    customerId: idText("cus"),
    orderState: OrderState,
    paymentState: PaymentState,
    fulfilmentState: FulfilmentState,
    fulfilmentKind: z.string(),
    paymentKind: z.enum(paymentKinds),
    isCodAccepted: z.boolean(),
    total: MoneySchema,
    received: MoneySchema,
    refunded: MoneySchema,
    balance: MoneySchema.openapi({ description: "What the customer still has to pay." }),
    refundOwed: MoneySchema.openapi({
      description: "What the shop owes: a surplus, or all of a cancelled order.",
    }),
    placedAt: TimeSchema.nullable(),
    paymentDueAt: TimeSchema.nullable(),
    reviewSince: TimeSchema.nullable(),
    cancelReason: z.string().nullable(),
    createdAt: TimeSchema,
    updatedAt: TimeSchema,
    version: z.int(),
  })
  .openapi("OrderSummary");

export const OrderPageSchema = pageOf(OrderSummarySchema).openapi("OrderPage");

const LineSchema = z.object({
  variantId: idText("var"),
  productName: z.string(),
  variantName: z.string(),
  quantity: z.int(),
  unitPrice: MoneySchema,
  lineTotal: MoneySchema,
});

const ContactSchema = z
  .object({
    name: z.string().nullable(),
    phone: z.string().nullable(),
    township: z.string().nullable(),
    address: z.string().nullable(),
    source: z.enum(contactSources).openapi({
      description:
        "`customer_order_step`: given by the customer while ordering; `owner`: by a person of the shop.",
    }),
  })
  .openapi("OrderContact");

const OrderEventSchema = z.object({
  type: z.string(),
  at: TimeSchema,
  actor: z.object({ kind: z.enum(["customer", "owner", "system"]), accountId: idText("acc").nullable() }),
  data: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
  note: z.string().nullable().openapi({ description: "What a person wrote with it." }),
});

export const OrderSchema = OrderSummarySchema.extend({
  phase: z.enum(phases).openapi({ description: "What the order waits for." }),
  lines: z.array(LineSchema),
  linesTotal: MoneySchema,
  deliveryFee: MoneySchema,
  discount: MoneySchema,
  credit: MoneySchema.openapi({ description: "Of the customer's credit at the shop; taken off the total." }),
  contact: orNull(ContactSchema).openapi({ description: "Null when it was erased." }),
  tracking: z.string().nullable(),
  paymentMethod: z.object({ id: idText("pm"), name: z.string() }),
  codAcceptDueAt: TimeSchema.nullable(),
  evidenceHardEndAt: TimeSchema.nullable(),
  paidAt: TimeSchema.nullable(),
  packedAt: TimeSchema.nullable(),
  shippedAt: TimeSchema.nullable(),
  deliveredAt: TimeSchema.nullable(),
  completedAt: TimeSchema.nullable(),
  cancelledAt: TimeSchema.nullable(),
  events: z.array(OrderEventSchema),
  evidence: z.array(EvidenceSummarySchema),
  payments: z.array(PaymentSchema),
}).openapi("Order");

export const ListOrdersQuery = z.strictObject({
  ...listQuery,
  orderState: OrderState.optional().openapi({ description: "Without it drafts are left out." }),
  paymentState: PaymentState.optional(),
  fulfilmentState: FulfilmentState.optional(),
  customerId: idField<CustomerId>("cus").optional(),
});

export function toOrderSummary(row: OrderRow): z.infer<typeof OrderSummarySchema> {
  const money = (amountMinor: number) => ({ amountMinor, currency: row.currency });
  const ledger = ledgerOf(row);
  const isOwed = row.order_state === "placed" || row.order_state === "completed";
  return {
    id: toTypeId("ord", row.id),
    number: row.number,
    customerId: toTypeId("cus", row.customer_id),
    orderState: row.order_state,
    paymentState: row.payment_state,
    fulfilmentState: row.fulfilment_state,
    fulfilmentKind: row.fulfilment_kind,
    paymentKind: row.payment_kind,
    isCodAccepted: row.cod_accepted_at !== null,
    total: money(row.total_minor),
    received: money(row.received_minor),
    refunded: money(row.refunded_minor),
    balance: money(isOwed ? balanceMinor(ledger) : 0),
    refundOwed: money(refundOwedMinor({ ...ledger, order: row.order_state })),
    placedAt: timeOrNull(row.placed_at),
    paymentDueAt: timeOrNull(row.payment_due_at),
    reviewSince: timeOrNull(row.review_since),
    cancelReason: row.cancel_reason,
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
    version: row.version,
  };
}

/** What was sealed in an order, opened; `notes` by the id of the event. */
export type OpenedOrder = {
  contact: Omit<z.infer<typeof ContactSchema>, "source"> | null;
  tracking: string | null;
  notes: ReadonlyMap<string, string>;
};

export function toOrder(detail: OrderDetail, opened: OpenedOrder): z.infer<typeof OrderSchema> {
  const { order } = detail;
  const money = (amountMinor: number) => ({ amountMinor, currency: order.currency });
  return {
    ...toOrderSummary(order),
    phase: orderPhase(standingOf(order, detail.evidence)),
    lines: detail.lines.map((line) => ({
      variantId: toTypeId("var", line.variant_id),
      productName: line.product_name,
      variantName: line.variant_name,
      quantity: line.quantity,
      unitPrice: money(line.unit_price_minor),
      lineTotal: money(line.unit_price_minor * line.quantity),
    })),
    linesTotal: money(order.lines_minor),
    deliveryFee: money(order.fee_minor),
    discount: money(order.discount_minor),
    credit: money(order.credit_minor),
    contact: opened.contact && { ...opened.contact, source: order.contact_source },
    tracking: opened.tracking,
    paymentMethod: { id: toTypeId("pm", order.payment_method_id), name: detail.paymentMethodName },
    codAcceptDueAt: timeOrNull(order.cod_accept_due_at),
    evidenceHardEndAt: timeOrNull(order.evidence_hard_end_at),
    paidAt: timeOrNull(order.paid_at),
    packedAt: timeOrNull(order.packed_at),
    shippedAt: timeOrNull(order.shipped_at),
    deliveredAt: timeOrNull(order.delivered_at),
    completedAt: timeOrNull(order.completed_at),
    cancelledAt: timeOrNull(order.cancelled_at),
    events: detail.events.map((event) => ({
      type: event.type,
      at: event.at.toISOString(),
      actor: {
        kind: event.actor_kind,
        accountId: event.actor_id === null ? null : toTypeId("acc", event.actor_id),
      },
      data: event.data,
      note: opened.notes.get(event.id) ?? null,
    })),
    evidence: detail.evidence.map((row) => toEvidenceSummary({ ...row, order_number: order.number })),
    payments: detail.entries.map((entry) => toPayment({ ...entry, order_number: order.number })),
  };
}

/** The sealed JSON of a contact; what was never given is null. */
export function decodeContact(plaintext: Buffer): NonNullable<OpenedOrder["contact"]> {
  const text = z.string().nullable().catch(null);
  const stored = z.object({ name: text, phone: text, township: text, address: text });
  return stored.parse(JSON.parse(plaintext.toString("utf8")));
}
