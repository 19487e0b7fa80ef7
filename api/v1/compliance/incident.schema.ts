import { z } from "@hono/zod-openapi";

import type { IncidentEventRow, IncidentRow } from "../../../db/incidents.ts";
import type { NoticeCounts } from "../../../db/system-incidents.ts";
import { jurisdictions } from "../../../domain/breach/authority-draft.ts";
import { maxBreachWords } from "../../../domain/breach/notice.ts";
import type { BreachNotice } from "../../../domain/breach/notice.ts";
import { affectedData, maxScopes } from "../../../domain/breach/scope.ts";
import type { BreachScope } from "../../../domain/breach/scope.ts";
import { containments, incidentKinds, lateReasons } from "../../../domain/breach/states.ts";
import { toTypeId } from "../../../domain/id.ts";
import type { ShopId, TicketId } from "../../../domain/id.ts";
import { TimeSchema, idField, idText, notBlank, orNull, textOf, timeOrNull } from "../fields.schema.ts";
import { pageOf } from "../list.ts";

const StateSchema = z.enum(["open", "notifying", "notified", "closed", "dismissed"]);
const ProposalSchema = z.enum(["notify", "dismiss"]);

const discoveredAtField = TimeSchema.openapi({
  description: "When somebody of us first had reason to know; the 72 hours run from then. In the past, too.",
});

export const OpenIncidentBody = z
  .strictObject({
    kind: z.enum(incidentKinds),
    discoveredAt: discoveredAtField,
    isDrill: z.boolean().default(false).openapi({ description: "An exercise: nobody is told anything." }),
    ticketId: idField<TicketId>("tkt").optional().openapi({ description: "By which it was reported." }),
  })
  .openapi("OpenIncident");

const wordsField = textOf(maxBreachWords).min(1).openapi(notBlank);

/** All three parts, in each language, or nothing is sent. */
const WordsSchema = z.strictObject({
  whatHappened: wordsField,
  likelyEffects: wordsField,
  whatWasDone: wordsField,
});

const ScopeField = z
  .strictObject({
    shopId: idField<ShopId>("shop").nullable().openapi({ description: "Null: of all shops." }),
    data: z.enum(affectedData).openapi({
      description:
        "`conversations`: customers who wrote within the time, `orders`: who ordered, `accounts`: members who were there by its end.",
    }),
    from: TimeSchema,
    to: TimeSchema,
  })
  .refine(({ from, to }) => from < to, "from must lie before to")
  .openapi("BreachScope");

export const IncidentPapersBody = z
  .strictObject({
    discoveredAt: discoveredAtField.optional(),
    scopes: z.array(ScopeField).min(1).max(maxScopes).optional(),
    notice: z.strictObject({ en: WordsSchema, my: WordsSchema }).optional(),
  })
  .openapi("IncidentPapers");

export const IncidentProposalBody = z
  .strictObject({
    proposal: ProposalSchema.openapi({
      description: "`notify`: tell whoever is affected; `dismiss`: it was no breach.",
    }),
    noticeVersion: z.int().min(0).max(1_000_000).openapi({
      description: "As the incident names it; when the papers were changed meanwhile, nothing is decided.",
    }),
  })
  .openapi("IncidentProposal");

export const ContainBody = z
  .strictObject({
    measure: z.enum(containments),
    shopIds: z
      .array(idField<ShopId>("shop"))
      .min(1)
      .max(1_000)
      .nullable()
      .openapi({ description: "Null: in all shops." }),
  })
  .openapi("ContainIncident");

export const CloseIncidentBody = z
  .strictObject({
    lateReason: z.enum(lateReasons).nullable().default(null).openapi({
      description: "Demanded when people were told after the 72 hours.",
    }),
  })
  .openapi("CloseIncident");

export const DraftQuery = z.strictObject({ jurisdiction: z.enum(jurisdictions) });

export const IncidentSummarySchema = z
  .object({
    id: idText("inc"),
    kind: z.enum(incidentKinds),
    isDrill: z.boolean(),
    state: StateSchema,
    ticketId: idText("tkt").nullable(),
    discoveredAt: TimeSchema,
    dueAt: TimeSchema.openapi({ description: "By then everybody who is affected has to be told." }),
    isOverdue: z.boolean(),
    alarmsRaised: z.int(),
    proposal: ProposalSchema.nullable(),
    proposedBy: idText("acc").nullable(),
    approvedBy: idText("acc").nullable(),
    noticeVersion: z.int(),
    notifiedAt: TimeSchema.nullable(),
    lateReason: z.enum(lateReasons).nullable(),
    openedAt: TimeSchema,
    closedAt: TimeSchema.nullable(),
  })
  .openapi("IncidentSummary");

export const IncidentListSchema = pageOf(IncidentSummarySchema).openapi("IncidentList");

const CountSchema = z.int();

export const IncidentSchema = IncidentSummarySchema.extend({
  scopes: z.array(
    z.object({
      shopId: idText("shop").nullable(),
      data: z.enum(affectedData),
      from: TimeSchema,
      to: TimeSchema,
    }),
  ),
  notice: orNull(z.object({ en: WordsSchema, my: WordsSchema })),
  people: z
    .object({
      customers: CountSchema,
      accounts: CountSchema,
      listed: CountSchema,
      queued: CountSchema,
      sent: CountSchema,
      waiting: CountSchema.openapi({ description: "Messenger's window is closed: with their next message." }),
      failed: CountSchema,
      gone: CountSchema.openapi({ description: "Erased meanwhile." }),
    })
    .openapi({ description: "How many, and how their notices stand." }),
  events: z
    .array(
      z.object({
        what: z.string(),
        data: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
        by: idText("acc").nullable(),
        at: TimeSchema,
      }),
    )
    .openapi({ description: "What was done and by whose word, oldest first." }),
}).openapi("Incident");

export const DraftSchema = z
  .object({ jurisdiction: z.enum(jurisdictions), text: z.string() })
  .openapi("AuthorityDraft");

export function toIncidentSummary(row: IncidentRow, now: Date): z.infer<typeof IncidentSummarySchema> {
  const account = (id: string | null) => (id === null ? null : toTypeId("acc", id));
  return {
    id: toTypeId("inc", row.id),
    kind: row.kind,
    isDrill: row.is_drill,
    state: row.state,
    ticketId: row.ticket_id === null ? null : toTypeId("tkt", row.ticket_id),
    discoveredAt: row.discovered_at.toISOString(),
    dueAt: row.due_at.toISOString(),
    isOverdue: (row.notified_at ?? now) > row.due_at && row.state !== "dismissed",
    alarmsRaised: row.alarms_raised,
    proposal: row.proposal,
    proposedBy: account(row.proposed_by),
    approvedBy: account(row.approved_by),
    noticeVersion: row.notice_version,
    notifiedAt: timeOrNull(row.notified_at),
    lateReason: row.late_reason,
    openedAt: row.opened_at.toISOString(),
    closedAt: timeOrNull(row.closed_at),
  };
}

type Case = {
  row: IncidentRow;
  notice: BreachNotice | null;
  counts: NoticeCounts;
  events: readonly IncidentEventRow[];
  now: Date;
};

export function toIncident({ row, notice, counts, events, now }: Case): z.infer<typeof IncidentSchema> {
  const { unsettled: _, ...people } = counts;
  return {
    ...toIncidentSummary(row, now),
    scopes: row.scopes.map(toScope),
    notice,
    people,
    events: events.map(({ what, data, by_account: by, at }) => ({
      what,
      data,
      by: by === null ? null : toTypeId("acc", by),
      at: at.toISOString(),
    })),
  };
}

function toScope({ shopId, ...scope }: BreachScope) {
  return { ...scope, shopId: shopId === null ? null : toTypeId("shop", shopId) };
}
