import { z } from "@hono/zod-openapi";

import type { ReferralApplicationRow } from "../../../db/referral-applications.ts";
import { toTypeId } from "../../../domain/id.ts";
import { rejectReasons } from "../../../domain/referral/application.ts";
import { TimeSchema, idText, timeOrNull } from "../fields.schema.ts";
import { listQuery, pageOf } from "../list.ts";

export const ApplicationCaseSchema = z
  .object({
    id: idText("rap"),
    participantId: idText("ptc"),
    state: z.enum(["submitted", "approved", "rejected"]),
    termsVersion: z.int(),
    findings: z
      .array(z.string())
      .openapi({ description: "What asks for a person, e.g. `like_held`; there may be others in time." }),
    alikeIds: z.array(idText("ptc")).openapi({
      description:
        "Who is suspended, or held by a flag, and shares a mailbox or a device with the applicant.",
    }),
    submittedAt: TimeSchema,
    decidedAt: TimeSchema.nullable(),
    decidedBy: idText("acc").nullable().openapi({ description: "Null: by the rules, or by nobody yet." }),
    reason: z.enum(rejectReasons).nullable(),
  })
  .openapi("ReferralApplicationCase");

export const ApplicationQueueSchema = pageOf(ApplicationCaseSchema).openapi("ReferralApplicationQueue");

export const ApplicationQueueQuery = z.strictObject({
  ...listQuery,
  state: z.enum(["submitted", "approved", "rejected"]).default("submitted"),
});

export const RejectApplicationBody = z
  .strictObject({ reason: z.enum(rejectReasons) })
  .openapi("RejectReferralApplication");

export function toApplicationCase(row: ReferralApplicationRow): z.infer<typeof ApplicationCaseSchema> {
  return {
    id: toTypeId("rap", row.id),
    participantId: toTypeId("ptc", row.participant_id),
    state: row.state,
    termsVersion: row.terms_version,
    findings: row.findings,
    alikeIds: row.alike_ids.map((id) => toTypeId("ptc", id)),
    submittedAt: row.submitted_at.toISOString(),
    decidedAt: timeOrNull(row.decided_at),
    decidedBy: row.decided_by === null ? null : toTypeId("acc", row.decided_by),
    reason: row.reason,
  };
}
