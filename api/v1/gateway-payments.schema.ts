import { z } from "@hono/zod-openapi";

import type { OrderPaymentRow } from "../../db/gateway-payments.ts";
import type { GatewayRefundRow } from "../../db/gateway-refunds.ts";
import { toTypeId } from "../../domain/id.ts";
import { gatewayProviders } from "../../domain/ports/payment-gateway.ts";
import { MoneySchema, TimeSchema, idText, timeOrNull } from "./fields.schema.ts";
import { pageOf } from "./list.ts";

const RefundSchema = z.object({
  state: z.enum(["requested", "unknown", "done", "failed"]),
  amount: MoneySchema,
  requestedAt: TimeSchema,
  doneAt: TimeSchema.nullable(),
});

const GatewayPaymentSchema = z
  .object({
    id: idText("pay"),
    orderId: idText("ord"),
    paymentMethodId: idText("pm"),
    provider: z.enum(gatewayProviders),
    merchantOrderId: z.string().openapi({ description: "The number under which the provider knows it." }),
    state: z.enum(["created", "unknown", "pending", "paid", "closed", "refunding", "refunded"]).openapi({
      description: "`unknown`: the provider was asked to open it, and it is looked up what came of that.",
    }),
    amount: MoneySchema,
    paid: MoneySchema.openapi({ description: "By the provider's word when it was asked." }),
    problem: z.string().nullable().openapi({ description: "The provider's code, when it refused." }),
    expiresAt: TimeSchema,
    paidAt: TimeSchema.nullable(),
    bookedAt: TimeSchema.nullable().openapi({ description: "When it went into the ledger." }),
    refunds: z.array(RefundSchema),
    createdAt: TimeSchema,
  })
  .openapi("GatewayPayment");

export const GatewayPaymentPageSchema = pageOf(GatewayPaymentSchema).openapi("GatewayPaymentPage");

export function toGatewayPayment(
  row: OrderPaymentRow,
  refunds: readonly GatewayRefundRow[],
): z.infer<typeof GatewayPaymentSchema> {
  const money = (amountMinor: number) => ({ amountMinor, currency: row.currency });
  return {
    id: toTypeId("pay", row.id),
    orderId: toTypeId("ord", row.owner_id),
    paymentMethodId: toTypeId("pm", row.payment_method_id),
    provider: row.provider,
    merchantOrderId: row.merchant_order_id,
    state: row.state,
    amount: money(row.amount_minor),
    paid: money(row.paid_minor),
    problem: row.error_code,
    expiresAt: row.expires_at.toISOString(),
    paidAt: timeOrNull(row.paid_at),
    bookedAt: timeOrNull(row.booked_at),
    refunds: refunds.map((refund) => ({
      state: refund.state,
      amount: money(refund.amount_minor),
      requestedAt: refund.created_at.toISOString(),
      doneAt: timeOrNull(refund.done_at),
    })),
    createdAt: row.created_at.toISOString(),
  };
}
