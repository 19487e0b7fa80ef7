import { z } from "@hono/zod-openapi";

import { disclosureFacts } from "../../../db/disclosures.ts";
import type { DisclosureRow } from "../../../db/disclosures.ts";
import {
  disclosureGrounds,
  disclosureState,
  disclosureStates,
  longestBarDays,
} from "../../../domain/access/disclosure.ts";
import { toTypeId } from "../../../domain/id.ts";
import type { CustomerId, ShopId } from "../../../domain/id.ts";
import { TimeSchema, idField, idText, textOf, timeOrNull } from "../fields.schema.ts";
import { pageOf } from "../list.ts";

const GroundSchema = z.enum(disclosureGrounds);

export const ProposeDisclosureBody = z
  .strictObject({
    shopId: idField<ShopId>("shop"),
    customerId: idField<CustomerId>("cus").openapi({ description: "The one person who is named." }),
    ground: GroundSchema,
    basis: textOf(20_000)
      .min(1)
      .openapi({
        pattern: String.raw`\S`,
        description: "The words of the order or of the law, with its number and date. Kept sealed.",
      }),
    barredUntil: z.iso
      .datetime()
      .transform((text) => new Date(text))
      .optional()
      .openapi({
        type: "string",
        format: "date-time",
        description: `Until then the owner must not know; ${longestBarDays} days at most.`,
      }),
  })
  .openapi("ProposeDisclosure");

export const DisclosureSchema = z
  .object({
    id: idText("dsc"),
    shopId: idText("shop"),
    customerId: idText("cus"),
    ground: GroundSchema,
    state: z
      .enum(disclosureStates)
      .openapi({ description: "`approved`: by two; `built`: there is a package of this person alone." }),
    proposedBy: idText("acc"),
    proposedAt: TimeSchema,
    approvedBy: z.array(idText("acc")),
    approvedAt: TimeSchema.nullable(),
    refusedBy: idText("acc").nullable(),
    barredUntil: TimeSchema.nullable(),
    ownerToldAt: TimeSchema.nullable(),
    packageId: z.string().nullable(),
    builtAt: TimeSchema.nullable(),
  })
  .openapi("Disclosure");

export const DisclosurePageSchema = pageOf(DisclosureSchema).openapi("DisclosurePage");

export function toDisclosure(row: DisclosureRow, now: Date): z.infer<typeof DisclosureSchema> {
  const approvers = [row.first_approved_by, row.second_approved_by].filter((by) => by !== null);
  return {
    id: toTypeId("dsc", row.id),
    shopId: toTypeId("shop", row.shop_id),
    customerId: toTypeId("cus", row.subject_id),
    ground: row.ground,
    state: disclosureState(disclosureFacts(row), now),
    proposedBy: toTypeId("acc", row.proposed_by),
    proposedAt: row.proposed_at.toISOString(),
    approvedBy: approvers.map((by) => toTypeId("acc", by)),
    approvedAt: timeOrNull(row.approved_at),
    refusedBy: row.refused_by === null ? null : toTypeId("acc", row.refused_by),
    barredUntil: timeOrNull(row.barred_until),
    ownerToldAt: timeOrNull(row.told_at),
    packageId: row.package_id,
    builtAt: timeOrNull(row.built_at),
  };
}
