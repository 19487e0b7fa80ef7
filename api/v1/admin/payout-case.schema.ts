import { z } from "@hono/zod-openapi";

import type { PayoutCase } from "../../../db/admin-payouts.ts";
import type { PayoutRow } from "../../../db/payouts.ts";
import { toTypeId } from "../../../domain/id.ts";
import type { PayoutDetails } from "../../../domain/referral/payout-account.ts";
import { payoutAccountKinds } from "../../../domain/referral/payout-account.ts";
import { TimeSchema, idText, orNull, timeOrNull } from "../fields.schema.ts";
import { listQuery, pageOf } from "../list.ts";
import {
  PayoutLineSchema,
  PayoutSchema,
  PayoutStateSchema,
  toPayout,
  toPayoutLine,
} from "../payouts.schema.ts";
import { PictureSchema } from "../picture-links.ts";
import type { Picture } from "../picture-links.ts";

export const PayoutCaseSummarySchema = PayoutSchema.extend({
  participantId: idText("ptc"),
  attempt: z
    .int()
    .openapi({ description: "How often the money was ordered. Name it when you record an outcome." }),
  accountVersion: z
    .int()
    .nullable()
    .openapi({ description: "The payout account that was proposed. Name it in the approval." }),
  proposedBy: idText("acc").nullable(),
  proposedAt: TimeSchema.nullable().openapi({ description: "Name it in the approval." }),
  approvedBy: idText("acc").nullable(),
  waitingSince: TimeSchema,
  remindedAt: TimeSchema.nullable(),
  escalatedAt: TimeSchema.nullable().openapi({ description: "It waits too long: see to it first." }),
  evidenceId: idText("upl").nullable(),
}).openapi("PayoutCaseSummary");

export const PayoutQueueSchema = pageOf(PayoutCaseSummarySchema).openapi("PayoutQueue");

export const PayoutCaseSchema = PayoutCaseSummarySchema.extend({
  participant: z.object({
    state: z.enum(["active", "suspended", "closed"]),
    code: z.string().nullable(),
    joinedAt: TimeSchema.nullable(),
  }),
  lines: z.array(PayoutLineSchema).openapi({ description: "What it is made of; the first 500." }),
  events: z
    .array(
      z.object({
        state: PayoutStateSchema,
        attempt: z.int(),
        code: z.string().nullable(),
        by: idText("acc").nullable().openapi({ description: "Null: the process itself." }),
        at: TimeSchema,
      }),
    )
    .openapi({ description: "What became of it and by whose word, oldest first." }),
  picture: orNull(PictureSchema).openapi({ description: "The evidence of the transfer." }),
}).openapi("PayoutCase");

export const PayoutDestinationSchema = z
  .object({
    kind: z.enum(payoutAccountKinds),
    accountName: z.string(),
    accountNumber: z.string(),
    bank: z.string(),
  })
  .openapi("PayoutDestination");

export const PayoutQueueQuery = z.strictObject({
  ...listQuery,
  state: PayoutStateSchema.default("tallied"),
});

export function toPayoutSummary(row: PayoutRow): z.infer<typeof PayoutCaseSummarySchema> {
  const account = (id: string | null) => (id === null ? null : toTypeId("acc", id));
  return {
    ...toPayout(row),
    participantId: toTypeId("ptc", row.participant_id),
    attempt: row.attempt,
    accountVersion: row.account_version,
    proposedBy: account(row.proposed_by),
    proposedAt: timeOrNull(row.proposed_at),
    approvedBy: account(row.approved_by),
    waitingSince: row.waiting_since.toISOString(),
    remindedAt: timeOrNull(row.reminded_at),
    escalatedAt: timeOrNull(row.escalated_at),
    evidenceId: row.upload_id === null ? null : toTypeId("upl", row.upload_id),
  };
}

export function toPayoutCase(
  { payout, participant, events, lines }: PayoutCase,
  picture: Picture | null,
): z.infer<typeof PayoutCaseSchema> {
  return {
    ...toPayoutSummary(payout),
    participant: {
      state: participant.state,
      code: participant.code,
      joinedAt: timeOrNull(participant.joined_at),
    },
    lines: lines.map(toPayoutLine),
    events: events.map(({ state, attempt, code, by_account: by, at }) => ({
      state,
      attempt,
      code,
      by: by === null ? null : toTypeId("acc", by),
      at: at.toISOString(),
    })),
    picture,
  };
}

export function toDestination(
  kind: (typeof payoutAccountKinds)[number],
  { accountName, accountNumber, bank }: PayoutDetails,
): z.infer<typeof PayoutDestinationSchema> {
  return { kind, accountName, accountNumber, bank };
}
