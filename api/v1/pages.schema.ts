import { z } from "@hono/zod-openapi";

import type { PageRow } from "../../db/pages.ts";
import { toTypeId } from "../../domain/id.ts";
import { TimeSchema, idText, timeOrNull } from "./fields.schema.ts";

export const MetaPageIdField = z
  .string()
  .regex(/^\d{5,20}$/, "Must be the number of the Page")
  .openapi({ description: "Meta's number of the Page.", example: "110000000000001" });

export const PageSchema = z
  .object({
    id: idText("page"),
    metaPageId: z.string(),
    name: z.string(),
    state: z.enum(["connected", "broken", "disconnected"]).openapi({
      description:
        "`broken`: Meta refuses our token or sends us nothing; messages wait until the Page is connected again. " +
        "`disconnected`: by the owner, or by whoever removed the app at Facebook; nothing is taken in.",
    }),
    problem: z.string().nullable().openapi({ description: "Why it is broken; a code." }),
    routing: z.enum(["ours", "theirs", "unknown"]).openapi({
      description: "Whose app the customers' threads go to; `theirs`: another one is the Page's default app.",
    }),
    isReadingBack: z.boolean().openapi({ description: "Messages that no webhook brought are being read." }),
    checkedAt: TimeSchema.nullable(),
    pausedUntil: TimeSchema.nullable().openapi({ description: "Meta limits the Page until then." }),
    createdAt: TimeSchema,
  })
  .openapi("Page");

export const PagesSchema = z.object({ data: z.array(PageSchema) }).openapi("Pages");

export function toPageView(row: PageRow, now: Date): z.infer<typeof PageSchema> {
  const { paused_until: pausedUntil } = row;
  return {
    id: toTypeId("page", row.id),
    metaPageId: row.left_meta_page_id ?? row.meta_page_id,
    name: row.name,
    state: row.state,
    problem: row.problem,
    routing: row.routing,
    isReadingBack: row.gap !== null,
    checkedAt: timeOrNull(row.checked_at),
    pausedUntil: timeOrNull(pausedUntil !== null && pausedUntil > now ? pausedUntil : null),
    createdAt: row.created_at.toISOString(),
  };
}
