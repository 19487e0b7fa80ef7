import { z } from "@hono/zod-openapi";

import type { PaymentWithReversal } from "../../../db/admin-plan-payments.ts";
import { toTypeId } from "../../../domain/id.ts";
import type { ShopId } from "../../../domain/id.ts";
import { reversalKinds } from "../../../domain/subscription/reversal.ts";
import { MoneySchema, TimeSchema, idField, idText, orNull, timeOrNull } from "../fields.schema.ts";
import { listQuery, pageOf } from "../list.ts";
import { SubscriptionSchema, adminReasonField } from "../upgrade.schema.ts";

export const ReversalKindSchema = z.enum(reversalKinds).openapi({
  description: "`refund`: we gave the money back. `chargeback`: the bank or the provider took it.",
});

const PlanReversalSchema = z
  .object({
    kind: ReversalKindSchema,
    state: z
      .enum(["proposed", "done"])
      .openapi({ description: "`proposed`: another admin must say the same; nothing has happened yet." }),
    proposedBy: idText("acc"),
    proposedAt: TimeSchema,
    approvedBy: idText("acc").nullable(),
    doneAt: TimeSchema.nullable(),
  })
  .openapi("PlanReversal");

export const PlanPaymentSchema = z
  .object({
    id: idText("ppm"),
    shopId: idText("shop"),
    upgradeRequestId: idText("upg"),
    planCode: z.string(),
    planVersion: z.int(),
    amount: MoneySchema,
    paidBy: idText("acc"),
    paidAt: TimeSchema,
    reversal: orNull(PlanReversalSchema),
  })
  .openapi("PlanPayment");

export const PlanPaymentPageSchema = pageOf(PlanPaymentSchema).openapi("PlanPaymentPage");

export const PlanPaymentCaseSchema = PlanPaymentSchema.extend({
  reason: z.string().nullable().openapi({ description: "Why it was, or is to be, taken back." }),
  subscription: SubscriptionSchema.openapi({ description: "What the shop has now." }),
}).openapi("PlanPaymentCase");

export const PlanPaymentQuery = z.strictObject({ ...listQuery, shopId: idField<ShopId>("shop").optional() });

export const ReversePlanPaymentBody = z
  .strictObject({
    kind: ReversalKindSchema,
    reason: adminReasonField.openapi({ description: "For the second admin, and for the books." }),
  })
  .openapi("ReversePlanPayment");

export function toPlanPayment({ payment, reversal }: PaymentWithReversal): z.infer<typeof PlanPaymentSchema> {
  return {
    id: toTypeId("ppm", payment.id),
    shopId: toTypeId("shop", payment.shop_id),
    upgradeRequestId: toTypeId("upg", payment.request_id),
    planCode: payment.plan_code,
    planVersion: payment.plan_version,
    amount: { amountMinor: payment.amount_minor, currency: payment.currency },
    paidBy: toTypeId("acc", payment.payer_account_id),
    paidAt: payment.paid_at.toISOString(),
    reversal: reversal && {
      kind: reversal.kind,
      state: reversal.state,
      proposedBy: toTypeId("acc", reversal.proposed_by),
      proposedAt: reversal.proposed_at.toISOString(),
      approvedBy: reversal.approved_by === null ? null : toTypeId("acc", reversal.approved_by),
      doneAt: timeOrNull(reversal.done_at),
    },
  };
}
