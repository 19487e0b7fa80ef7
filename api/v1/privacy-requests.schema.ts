import { z } from "@hono/zod-openapi";

import type { PrivacyEventRow, PrivacyRequestRow } from "../../db/privacy-requests.ts";
import { toTypeId } from "../../domain/id.ts";
import type { CustomerId } from "../../domain/id.ts";
import {
  objectionLimits,
  privacyDenials,
  privacyKinds,
  privacyStates,
} from "../../domain/privacy/privacy-request.ts";
import type { PackageLink } from "../privacy/package-link.ts";
import { TimeSchema, idField, idText, orNull, textOf, timeOrNull } from "./fields.schema.ts";
import { listQuery, pageOf } from "./list.ts";

export const PrivacyKindSchema = z.enum(privacyKinds);
export const ObjectsToSchema = z.enum(objectionLimits).openapi({
  description: "What use an `objection` is against.",
});

const StateSchema = z.enum(privacyStates).openapi({
  description:
    "`received`: whose it is is not proven, or they have not confirmed it. `waiting`: a deletion can be taken back. `with_owner`: somebody must judge it.",
});

export const PrivacyRequestSchema = z
  .object({
    id: idText("pvr"),
    kind: PrivacyKindSchema,
    objectsTo: z.enum(objectionLimits).nullable(),
    state: StateSchema,
    door: z.enum(["account", "chat", "owner", "compliance", "meta", "page", "age_report"]),
    proof: z.enum(["session", "thread", "owner", "staff", "meta"]).nullable().openapi({
      description: "Who vouches for whose request it is.",
    }),
    customerId: idText("cus").nullable().openapi({ description: "Null: it is about an account." }),
    receivedAt: TimeSchema,
    verifiedAt: TimeSchema.nullable(),
    takeBackUntil: TimeSchema.nullable().openapi({ description: "Of a deletion that waits." }),
    targetAt: TimeSchema,
    dueAt: TimeSchema.openapi({ description: "Promised; never more than 30 days after it came." }),
    overdueSince: TimeSchema.nullable(),
    answer: z.enum(["erased", "packaged", "limited", "corrected", "forgotten"]).nullable(),
    denial: z.enum(privacyDenials).nullable(),
    wasOwnerSilent: z.boolean().openapi({ description: "The platform went on without the shop's word." }),
    answeredAt: TimeSchema.nullable(),
    endedAt: TimeSchema.nullable(),
  })
  .openapi("PrivacyRequest");

export const PrivacyRequestPageSchema = pageOf(PrivacyRequestSchema).openapi("PrivacyRequestPage");

export const CreatedPrivacyRequestSchema = PrivacyRequestSchema.extend({
  statusUrl: z.string().nullable().openapi({
    description:
      "Where the person follows it without signing in, with a code that is shown nowhere else. Null: there was an open request of the kind, which is answered instead.",
  }),
}).openapi("CreatedPrivacyRequest");

export const PrivacyRequestDetailSchema = PrivacyRequestSchema.extend({
  note: z.string().nullable(),
  reason: z.string().nullable().openapi({ description: "Of a denial, in the words of who denied it." }),
  package: orNull(
    z.object({ url: z.url(), expiresAt: TimeSchema }).openapi("PrivacyPackageLink", {
      description: "The copy that was asked for, for whoever has this address.",
    }),
  ).openapi({ description: "Null: none was made, or its time is over." }),
  events: z.array(
    z.object({ event: z.string(), at: TimeSchema, by: z.enum(["person", "owner", "admin", "system"]) }),
  ),
}).openapi("PrivacyRequestDetail");

export const noteField = textOf(2_000).min(1).optional().openapi({ description: "Sealed with the request." });

export const CreatePrivacyRequestBody = z
  .strictObject({
    customerId: idField<CustomerId>("cus").optional().openapi({
      type: "string",
      description: "Whose behalf you act on. Without it: your own account.",
    }),
    kind: PrivacyKindSchema,
    objectsTo: ObjectsToSchema.optional(),
    note: noteField,
  })
  .openapi("CreatePrivacyRequest");

export const DenyBody = z
  .strictObject({
    denial: z.enum(privacyDenials),
    reason: textOf(1_000).min(1).optional().openapi({ description: "In your words; told to the person." }),
  })
  .openapi("DenyPrivacyRequest");

export const AnswerBody = z
  .strictObject({
    answer: z.enum(["carry_out", "corrected"]).openapi({
      description: "`corrected`: you have changed the data as was asked. `carry_out`: all other kinds.",
    }),
  })
  .openapi("AnswerPrivacyRequest");

export const PrivacyListQuery = z.strictObject({
  ...listQuery,
  of: z.enum(["shop", "account"]).default("shop").openapi({
    description: "`shop`: of its customers. `account`: about your own account.",
  }),
  customerId: idField<CustomerId>("cus").optional().openapi({ type: "string" }),
  state: z.enum(privacyStates).optional(),
});

export function toPrivacyRequest(row: PrivacyRequestRow): z.infer<typeof PrivacyRequestSchema> {
  const isOfCustomer = row.subject_kind === "customer" && row.subject_id !== null;
  return {
    id: toTypeId("pvr", row.id),
    kind: row.kind,
    objectsTo: row.objects_to,
    state: row.state,
    door: row.door,
    proof: row.proof,
    customerId: isOfCustomer ? toTypeId("cus", row.subject_id ?? "") : null,
    receivedAt: row.received_at.toISOString(),
    verifiedAt: timeOrNull(row.verified_at),
    takeBackUntil: row.state === "waiting" ? timeOrNull(row.act_at) : null,
    targetAt: row.target_at.toISOString(),
    dueAt: row.due_at.toISOString(),
    overdueSince: timeOrNull(row.alarmed_at),
    answer: row.answer,
    denial: row.denial,
    wasOwnerSilent: row.was_owner_silent,
    answeredAt: timeOrNull(row.answered_at),
    endedAt: timeOrNull(row.ended_at),
  };
}

export function toPrivacyDetail(
  row: PrivacyRequestRow,
  more: {
    note: string | null;
    reason: string | null;
    events: PrivacyEventRow[];
    link: PackageLink | null;
  },
): z.infer<typeof PrivacyRequestDetailSchema> {
  const events = more.events.map(({ event, at, actor_kind: by }) => ({ event, at: at.toISOString(), by }));
  const { note, reason, link } = more;
  const copy = link && { url: link.url, expiresAt: link.expiresAt.toISOString() };
  return { ...toPrivacyRequest(row), note, reason, events, package: copy };
}
