import { z } from "@hono/zod-openapi";

import type { ListedPaymentRow } from "../../db/order-queries.ts";
import { toTypeId } from "../../domain/id.ts";
import { MoneySchema, TimeSchema, idText } from "./fields.schema.ts";
import { pageOf } from "./list.ts";

export const PaymentSchema = z
  .object({
    id: z.string(),
    orderId: idText("ord").nullable().openapi({ description: "Null: money that belonged to no order." }),
    orderNumber: z.string().nullable(),
    evidenceId: idText("evd").nullable(),
    kind: z.enum(["payment", "cash", "refund", "credit"]),
    paymentMethodId: idText("pm"),
    amount: MoneySchema.openapi({ description: "Always positive; a refund went back." }),
    recordedAt: TimeSchema,
    recordedBy: idText("acc").nullable(),
  })
  .openapi("Payment", { description: "An entry of the ledger; entries are never changed or removed." });

export const PaymentPageSchema = pageOf(PaymentSchema).openapi("PaymentPage");

export function toPayment(row: ListedPaymentRow): z.infer<typeof PaymentSchema> {
  return {
    id: row.id,
    orderId: row.order_id === null ? null : toTypeId("ord", row.order_id),
    orderNumber: row.order_number,
    evidenceId: row.evidence_id === null ? null : toTypeId("evd", row.evidence_id),
    kind: row.kind,
    paymentMethodId: toTypeId("pm", row.payment_method_id),
    amount: { amountMinor: row.amount_minor, currency: row.currency },
    recordedAt: row.recorded_at.toISOString(),
    recordedBy: row.recorded_by === null ? null : toTypeId("acc", row.recorded_by),
  };
}
