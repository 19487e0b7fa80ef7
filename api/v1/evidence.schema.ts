import { z } from "@hono/zod-openapi";

import type { ListedEvidenceRow } from "../../db/evidence-queries.ts";
import { toTypeId } from "../../domain/id.ts";
import type { CustomerId, OrderId } from "../../domain/id.ts";
import { currencies } from "../../domain/money.ts";
import type { ProofReading } from "../../domain/payment/proof-reading.ts";
import { TimeSchema, idField, idText, timeOrNull, orNull } from "./fields.schema.ts";
import { listQuery, pageOf } from "./list.ts";
import { PictureSchema } from "./picture-links.ts";

const EvidenceState = z.enum(["undecided", "accepted", "refused", "unmatched", "returned"]).openapi({
  description: "`unmatched`: no order waited for it; `returned`: its money was given back without an order.",
});

const Verdict = z
  .enum(["matches", "short", "over", "duplicate", "stale", "wrong_payee", "unreadable"])
  .openapi({ description: "Advice; a person decides." });

export const EvidenceSummarySchema = z
  .object({
    id: idText("evd"),
    orderId: idText("ord").nullable(),
    orderNumber: z.string().nullable(),
    customerId: idText("cus"),
    state: EvidenceState,
    verdict: Verdict.nullable(),
    receivedAt: TimeSchema,
    judgedAt: TimeSchema.nullable(),
    decidedAt: TimeSchema.nullable(),
    decidedBy: idText("acc").nullable(),
  })
  .openapi("PaymentEvidenceSummary");

export const EvidencePageSchema = pageOf(EvidenceSummarySchema).openapi("PaymentEvidencePage");

const ReadingSchema = z
  .object({
    isLegible: z.boolean(),
    amountMinor: z.int().nullable(),
    currency: z.enum(currencies).nullable(),
    reference: z.string().nullable(),
    paidAt: TimeSchema.nullable(),
    payee: z.string().nullable(),
  })
  .openapi("SlipReading", { description: "What was read from the slip; none of it is checked with a bank." });

export const EvidenceSchema = EvidenceSummarySchema.extend({
  reading: orNull(ReadingSchema).openapi({ description: "Null when it was erased." }),
  picture: PictureSchema,
}).openapi("PaymentEvidence");

export const ListEvidenceQuery = z.strictObject({
  ...listQuery,
  state: EvidenceState.optional(),
  orderId: idField<OrderId>("ord").optional(),
  customerId: idField<CustomerId>("cus").optional(),
});

export function toEvidenceSummary(row: ListedEvidenceRow): z.infer<typeof EvidenceSummarySchema> {
  return {
    id: toTypeId("evd", row.id),
    orderId: row.order_id === null ? null : toTypeId("ord", row.order_id),
    orderNumber: row.order_number,
    customerId: toTypeId("cus", row.customer_id),
    state: row.state,
    verdict: row.verdict,
    receivedAt: row.received_at.toISOString(),
    judgedAt: timeOrNull(row.judged_at),
    decidedAt: timeOrNull(row.decided_at),
    decidedBy: row.decided_by === null ? null : toTypeId("acc", row.decided_by),
  };
}

/** What was read from the slip, as it is shown. */
export function toReading(reading: ProofReading): z.infer<typeof ReadingSchema> {
  return { ...reading, paidAt: timeOrNull(reading.paidAt) };
}
