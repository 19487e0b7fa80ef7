import { z } from "@hono/zod-openapi";

import type { PaymentWithReversal } from "../../../db/admin-plan-payments.ts";
import type { PlanReversalRow } from "../../../db/plan-reversals.ts";
import { toTypeId } from "../../../domain/id.ts";
import type { ShopId } from "../../../domain/id.ts";
import { refundWays, reversalKinds, waitingReversals } from "../../../domain/subscription/reversal.ts";
import { MoneySchema, TimeSchema, idField, idText, orNull, timeOrNull } from "../fields.schema.ts";
import { listQuery, pageOf } from "../list.ts";
import { SubscriptionSchema, adminReasonField, referenceField } from "../upgrade.schema.ts";

export const ReversalKindSchema = z.enum(reversalKinds).openapi({
  description: "`refund`: we give the money back. `chargeback`: the bank or the provider took it.",
});

const PlanRefundSchema = z
  .object({
    way: z.enum(refundWays).openapi({
      description:
        "`gateway`: the payment provider that took it gives it back; until then it stands in `listUpgradeMoney`. `transfer`: an admin sends it and records that (`recordPlanRefund`).",
    }),
    doneAt: TimeSchema.nullable().openapi({ description: "Null: it is still owed." }),
    recordedBy: idText("acc").nullable(),
  })
  .openapi("PlanRefund");

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
    refund: orNull(PlanRefundSchema).openapi({
      description: "Of a refund that is done: how the money goes back.",
    }),
  })
  .openapi("PlanReversal");

export const PlanPaymentSchema = z
  .object({
    id: idText("ppm"),
    shopId: idText("shop"),
    upgradeRequestId: idText("upg"),
    planCode: z.string().nullable().openapi({ description: "Null: a package of credits was paid for." }),
    planVersion: z.int().nullable(),
    topUpCode: z.string().nullable(),
    topUpVersion: z.int().nullable(),
    amount: MoneySchema,
    paidBy: idText("acc"),
    paidAt: TimeSchema,
    reversal: orNull(PlanReversalSchema),
  })
  .openapi("PlanPayment");

export const PlanPaymentPageSchema = pageOf(PlanPaymentSchema).openapi("PlanPaymentPage");

export const PlanPaymentCaseSchema = PlanPaymentSchema.extend({
  reason: z.string().nullable().openapi({ description: "Why it was, or is to be, taken back." }),
  refundReference: z
    .string()
    .nullable()
    .openapi({ description: "Of the transfer back, as the admin who made it recorded it." }),
  subscription: SubscriptionSchema.openapi({ description: "What the shop has now." }),
}).openapi("PlanPaymentCase");

export const PlanPaymentQuery = z.strictObject({
  ...listQuery,
  shopId: idField<ShopId>("shop").optional(),
  waiting: z.enum(waitingReversals).optional().openapi({
    description:
      "`proposed`: another admin must say the same. `owed`: taken back, and the transfer back is not recorded.",
  }),
});

export const ReversePlanPaymentBody = z
  .strictObject({
    kind: ReversalKindSchema,
    reason: adminReasonField.openapi({
      description: "Told to the owner. Of two admins the first's is kept, and the second's is not stored.",
    }),
  })
  .openapi("ReversePlanPayment");

export const RecordPlanRefundBody = z
  .strictObject({ reference: referenceField.openapi({ description: "The number of the transfer back." }) })
  .openapi("RecordPlanRefund");

export function toPlanPayment({ payment, reversal }: PaymentWithReversal): z.infer<typeof PlanPaymentSchema> {
  return {
    id: toTypeId("ppm", payment.id),
    shopId: toTypeId("shop", payment.shop_id),
    upgradeRequestId: toTypeId("upg", payment.request_id),
    planCode: payment.plan_code,
    planVersion: payment.plan_version,
    topUpCode: payment.top_up_code,
    topUpVersion: payment.top_up_version,
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
      refund: toRefund(reversal),
    },
  };
}

function toRefund(reversal: PlanReversalRow): z.infer<typeof PlanRefundSchema> | null {
  const { refund_way: way, refunded_at: refundedAt, refunded_by: refundedBy } = reversal;
  if (way === null) return null;
  const recordedBy = refundedBy === null ? null : toTypeId("acc", refundedBy);
  return { way, doneAt: timeOrNull(refundedAt), recordedBy };
}
