import { z } from "@hono/zod-openapi";

import { breakGlassTimes } from "../../../db/break-glass.ts";
import type { BreakGlassRow } from "../../../db/break-glass.ts";
import {
  breakGlassScopes,
  breakGlassState,
  breakGlassStates,
  longestBreakGlassMinutes,
} from "../../../domain/access/break-glass.ts";
import { toTypeId } from "../../../domain/id.ts";
import type { CustomerId, ShopId } from "../../../domain/id.ts";
import { TimeSchema, idField, idText, textOf, timeOrNull } from "../fields.schema.ts";
import { pageOf } from "../list.ts";

export const RequestBreakGlassBody = z
  .strictObject({
    shopId: idField<ShopId>("shop"),
    customerId: idField<CustomerId>("cus").optional().openapi({ description: "Left out: the whole shop." }),
    scopes: z.array(z.enum(breakGlassScopes)).min(1).max(breakGlassScopes.length),
    minutes: z
      .int()
      .min(1)
      .max(longestBreakGlassMinutes)
      .default(longestBreakGlassMinutes)
      .openapi({ description: "From the approval on." }),
    reason: textOf(1_000)
      .min(1)
      .openapi({ pattern: String.raw`\S` }),
  })
  .openapi("RequestBreakGlass");

export const BreakGlassSchema = z
  .object({
    id: idText("bgg"),
    shopId: idText("shop"),
    customerId: idText("cus").nullable().openapi({ description: "Null: the whole shop." }),
    scopes: z.array(z.enum(breakGlassScopes)),
    minutes: z.int(),
    state: z.enum(breakGlassStates).openapi({
      description: "`approved`: the owner is being told; `open`: it can be read with.",
    }),
    requestedBy: idText("acc"),
    requestedAt: TimeSchema,
    decidedBy: idText("acc").nullable(),
    approvedAt: TimeSchema.nullable(),
    ownerToldAt: TimeSchema.nullable(),
    endsAt: TimeSchema.nullable(),
    revokedAt: TimeSchema.nullable(),
  })
  .openapi("BreakGlassGrant");

export const BreakGlassPageSchema = pageOf(BreakGlassSchema).openapi("BreakGlassGrantPage");

export function toBreakGlass(row: BreakGlassRow, now: Date): z.infer<typeof BreakGlassSchema> {
  return {
    id: toTypeId("bgg", row.id),
    shopId: toTypeId("shop", row.shop_id),
    customerId: row.customer_id === null ? null : toTypeId("cus", row.customer_id),
    scopes: row.scopes,
    minutes: row.minutes,
    state: breakGlassState(breakGlassTimes(row), now),
    requestedBy: toTypeId("acc", row.requested_by),
    requestedAt: row.requested_at.toISOString(),
    decidedBy: row.decided_by === null ? null : toTypeId("acc", row.decided_by),
    approvedAt: timeOrNull(row.approved_at),
    ownerToldAt: timeOrNull(row.told_at),
    endsAt: timeOrNull(row.ends_at),
    revokedAt: timeOrNull(row.revoked_at),
  };
}
