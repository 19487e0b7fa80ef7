import { z } from "@hono/zod-openapi";

import type { PageConnectionRow } from "../../db/page-connections.ts";
import { toTypeId } from "../../domain/id.ts";
import type { GrantedPage } from "../../domain/ports/meta-login.ts";
import { TimeSchema, idText } from "./fields.schema.ts";
import { MetaPageIdField } from "./pages.schema.ts";

const ChoiceSchema = z.object({ metaPageId: z.string(), name: z.string() });

export const PageConnectionSchema = z
  .object({
    id: idText("pgc"),
    state: z.enum(["waiting", "ready", "failed"]).openapi({
      description: "`waiting` for the person at Facebook; `ready`: choose a Page; `failed`: see `problem`.",
    }),
    problem: z.string().nullable(),
    pages: z.array(ChoiceSchema).openapi({ description: "The Pages that the person let us use." }),
    endsAt: TimeSchema,
  })
  .openapi("PageConnection");

export const StartedConnectionSchema = PageConnectionSchema.extend({
  authoriseUrl: z
    .string()
    .openapi({ description: "Where the person's browser goes; for this session, once." }),
}).openapi("StartedPageConnection");

export const CompleteConnectionBody = z
  .strictObject({
    state: z.string().regex(/^[A-Za-z0-9_-]{22}$/, "Must be what came back from Facebook"),
    code: z.string().min(1).max(4_096).optional(),
  })
  .openapi("CompletePageConnection", { description: "Without a code the person refused." });

export const ConnectPageBody = z.strictObject({ metaPageId: MetaPageIdField }).openapi("ConnectPage");

export function toConnection(
  row: PageConnectionRow,
  pages: readonly GrantedPage[] | undefined,
): z.infer<typeof PageConnectionSchema> {
  const isWaiting = row.taken_at === null || (row.problem === null && row.found === null);
  return {
    id: toTypeId("pgc", row.id),
    state: row.problem !== null ? "failed" : isWaiting ? "waiting" : "ready",
    problem: row.problem,
    pages: (pages ?? []).map(({ metaPageId, name }) => ({ metaPageId, name })),
    endsAt: row.ends_at.toISOString(),
  };
}
