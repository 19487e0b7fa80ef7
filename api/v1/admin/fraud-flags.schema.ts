import { z } from "@hono/zod-openapi";

import type { FlagCase, HeldTotal } from "../../../db/admin-fraud.ts";
import type { FraudFlagRow } from "../../../db/fraud-flags.ts";
import { toTypeId } from "../../../domain/id.ts";
import { MoneySchema, TimeSchema, idText, orNull, timeOrNull } from "../fields.schema.ts";
import { listQuery, pageOf } from "../list.ts";
import { FlagSchema, toFlag } from "../referral.schema.ts";

export const FlagCaseSummarySchema = FlagSchema.extend({
  participantId: idText("ptc"),
  severity: z.enum(["low", "medium", "high"]),
  held: z.array(MoneySchema).openapi({ description: "What flags hold of the participant's earnings." }),
  decidedBy: idText("acc").nullable(),
}).openapi("FraudFlagCaseSummary");

export const FlagQueueSchema = pageOf(FlagCaseSummarySchema).openapi("FraudFlagQueue");

export const FlagCaseSchema = FlagCaseSummarySchema.extend({
  evidence: z
    .object({
      participantId: orNull(idText("ptc")),
      count: orNull(z.int()),
    })
    .openapi({ description: "The other one whom it is about, or how many sign-ups there were." }),
  participant: z.object({
    state: z.enum(["active", "suspended", "closed"]),
    code: z.string().nullable(),
    referrerId: idText("ptc").nullable(),
    joinedAt: TimeSchema.nullable(),
  }),
  appeal: z
    .string()
    .nullable()
    .openapi({ description: "The participant's side of it, for whoever may decide; null for others." }),
  decisions: z
    .array(
      z.object({
        decision: z.enum(["upheld", "dismissed"]),
        reason: z.string(),
        answersAppeal: z.boolean(),
        by: idText("acc").nullable(),
        at: TimeSchema,
      }),
    )
    .openapi({ description: "Who decided what, oldest first." }),
}).openapi("FraudFlagCase");

export const FlagQueueQuery = z.strictObject({
  ...listQuery,
  queue: z
    .enum(["review", "upheld", "dismissed"])
    .default("review")
    .openapi({ description: "`review`: flags and appeals that wait for a decision." }),
});

export function toFlagSummary(
  row: FraudFlagRow,
  held: readonly HeldTotal[],
): z.infer<typeof FlagCaseSummarySchema> {
  return {
    ...toFlag(row),
    participantId: toTypeId("ptc", row.participant_id),
    severity: row.severity,
    held: held
      .filter(({ participantId }) => participantId === row.participant_id)
      .map(({ amountMinor, currency }) => ({ amountMinor, currency })),
    decidedBy: row.decided_by === null ? null : toTypeId("acc", row.decided_by),
  };
}

export function toFlagCase(
  { flag, participant, held, decisions }: FlagCase,
  appeal: string | null,
): z.infer<typeof FlagCaseSchema> {
  const { participantId, count } = flag.evidence;
  return {
    ...toFlagSummary(flag, held),
    evidence: {
      participantId: participantId === undefined ? null : toTypeId("ptc", participantId),
      count: count ?? null,
    },
    participant: {
      state: participant.state,
      code: participant.code,
      referrerId: participant.referrer_id === null ? null : toTypeId("ptc", participant.referrer_id),
      joinedAt: timeOrNull(participant.joined_at),
    },
    appeal,
    decisions: decisions.map(({ decision, reason, answers_appeal: answersAppeal, by_account: by, at }) => ({
      decision,
      reason,
      answersAppeal,
      by: by === null ? null : toTypeId("acc", by),
      at: at.toISOString(),
    })),
  };
}
