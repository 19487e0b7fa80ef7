import { z } from "@hono/zod-openapi";

import type { CreditEntryRow, GrantOfBalance } from "../../db/credit-queries.ts";
import { toTypeId } from "../../domain/id.ts";
import { TimeSchema, idText, timeOrNull } from "./fields.schema.ts";
import { pageOf } from "./list.ts";

const KindSchema = z.enum(["trial", "plan", "top_up", "adjustment"]);

export const CreditBalanceSchema = z
  .object({
    available: z.int(),
    reserved: z.int().openapi({ description: "By answers that are being made; most of it comes back." }),
    grants: z
      .array(
        z.object({
          id: idText("grt"),
          kind: KindSchema,
          granted: z.int(),
          available: z.int(),
          reserved: z.int(),
          effectiveAt: TimeSchema,
          expiresAt: TimeSchema.nullable(),
        }),
      )
      .openapi({ description: "Those with something left, in the order in which they are used." }),
  })
  .openapi("CreditBalance");

export const CreditLineSchema = z
  .object({
    id: z.string(),
    kind: z.enum(["granted", "used", "expired", "reversed"]),
    at: TimeSchema,
    credits: z.int().openapi({ description: "Always positive; only what was granted was added." }),
    grants: z
      .array(z.object({ id: idText("grt"), kind: KindSchema, credits: z.int() }))
      .openapi({ description: "Which grants, and how much of each." }),
    turnId: idText("turn").nullable().openapi({ description: "The answer that used them." }),
    customerId: idText("cus").nullable(),
    costMicroUsd: z.int().nullable().openapi({
      description: "The provider's list price of the answer, in millionths of a US dollar.",
    }),
  })
  .openapi("CreditLine", { description: "A line of the statement; lines are never changed or removed." });

export const CreditLinePageSchema = pageOf(CreditLineSchema).openapi("CreditLinePage");

export function toCreditBalance(
  rows: readonly GrantOfBalance[],
  now: Date,
): z.infer<typeof CreditBalanceSchema> {
  return {
    available: rows.reduce((sum, row) => sum + (row.effective_at <= now ? row.available : 0), 0),
    reserved: rows.reduce((sum, row) => sum + row.reserved, 0),
    grants: rows.map((row) => ({
      id: toTypeId("grt", row.id),
      kind: row.kind,
      granted: row.credits,
      available: row.available,
      reserved: row.reserved,
      effectiveAt: row.effective_at.toISOString(),
      expiresAt: timeOrNull(row.expires_at),
    })),
  };
}

export function toCreditLine(row: CreditEntryRow): z.infer<typeof CreditLineSchema> {
  return {
    id: row.id,
    kind: row.kind,
    at: row.at.toISOString(),
    credits: row.credits,
    grants: row.grants.map(({ id, kind, credits }) => ({ id: toTypeId("grt", id), kind, credits })),
    turnId: row.turnId === null ? null : toTypeId("turn", row.turnId),
    customerId: row.customerId === null ? null : toTypeId("cus", row.customerId),
    costMicroUsd: row.costMicroUsd,
  };
}
