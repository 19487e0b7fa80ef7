import { z } from "@hono/zod-openapi";

import type { GatewayPaymentRow } from "../../../db/gateway-payments.ts";
import type { UpgradeRequestRow } from "../../../db/upgrade-requests.ts";
import { toTypeId } from "../../../domain/id.ts";
import { MoneySchema, TimeSchema, idText, orNull, timeOrNull } from "../fields.schema.ts";
import { listQuery, pageOf } from "../list.ts";
import { PictureSchema } from "../picture-links.ts";
import {
  SubscriptionSchema,
  UpgradeRequestSchema,
  UpgradeStateSchema,
  toUpgradeRequest,
} from "../upgrade.schema.ts";

export const UpgradeCaseSummarySchema = UpgradeRequestSchema.extend({
  shopId: idText("shop"),
  requestedBy: idText("acc"),
  needsSecondApproval: z.boolean(),
  firstApprovedBy: idText("acc").nullable(),
  decidedBy: idText("acc").nullable(),
  referenceDiffers: z
    .boolean()
    .openapi({ description: "The approver read another reference on the proof than the requester wrote." }),
  remindedAt: TimeSchema.nullable(),
  escalatedAt: TimeSchema.nullable().openapi({ description: "It waits too long: decide it first." }),
}).openapi("UpgradeCaseSummary");

export const UpgradeQueueSchema = pageOf(UpgradeCaseSummarySchema).openapi("UpgradeQueue");

export const UpgradeCaseSchema = UpgradeCaseSummarySchema.extend({
  reason: z.string().nullable().openapi({ description: "Why it was refused or asked again." }),
  subscription: SubscriptionSchema.openapi({ description: "What the shop has now." }),
}).openapi("UpgradeCase");

export const UpgradeEvidenceSchema = z
  .object({
    evidenceId: idText("upl").nullable().openapi({ description: "Name it in the decision." }),
    reference: z.string().nullable(),
    picture: orNull(PictureSchema),
  })
  .openapi("UpgradeEvidence");

export const OwedMoneySchema = z
  .object({
    paymentId: idText("pay"),
    upgradeRequestId: idText("upg"),
    shopId: idText("shop"),
    paid: MoneySchema,
    paidAt: TimeSchema.nullable(),
    state: z.enum(["paid", "refunding"]).openapi({ description: "`refunding`: it is on its way back." }),
    problem: z.string().nullable().openapi({
      description: "The code with which the provider refused to give it back: ask again, or transfer it.",
    }),
  })
  .openapi("OwedMoney", {
    description:
      "Came by code and bought nothing: after the request, or another amount; or what it had bought was taken back.",
  });

export const OwedMoneyPageSchema = pageOf(OwedMoneySchema).openapi("OwedMoneyPage");

export function toOwedMoney(row: GatewayPaymentRow): z.infer<typeof OwedMoneySchema> {
  return {
    paymentId: toTypeId("pay", row.id),
    upgradeRequestId: toTypeId("upg", row.owner_id),
    shopId: toTypeId("shop", row.shop_id),
    paid: { amountMinor: row.paid_minor, currency: row.currency },
    paidAt: timeOrNull(row.paid_at),
    state: row.state === "refunding" ? "refunding" : "paid",
    problem: row.error_code,
  };
}

export const QueueQuery = z.strictObject({
  ...listQuery,
  state: UpgradeStateSchema.default("submitted"),
});

export function toCaseSummary(row: UpgradeRequestRow): z.infer<typeof UpgradeCaseSummarySchema> {
  const account = (id: string | null) => (id === null ? null : toTypeId("acc", id));
  return {
    ...toUpgradeRequest(row),
    shopId: toTypeId("shop", row.shop_id),
    requestedBy: toTypeId("acc", row.requested_by),
    needsSecondApproval: row.needs_second_approval,
    firstApprovedBy: account(row.first_approved_by),
    decidedBy: account(row.decided_by),
    referenceDiffers: row.reference_differs,
    remindedAt: timeOrNull(row.reminded_at),
    escalatedAt: timeOrNull(row.escalated_at),
  };
}
