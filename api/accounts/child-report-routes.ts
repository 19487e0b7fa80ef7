import { createRoute, z } from "@hono/zod-openapi";

import { ageReportPlace, insertAgeReport } from "../../db/age-reports.ts";
import { insertNotice } from "../../db/owner-notices.ts";
import { listPagesByMetaId } from "../../db/system.ts";
import { newId } from "../../domain/id.ts";
import type { AgeReportId, NoticeId, ShopId } from "../../domain/id.ts";
import { normaliseText } from "../../domain/text/normalise-text.ts";
import { checkOrigin } from "../auth/check-origin.ts";
import { takePoint } from "../auth/rate-limits.ts";
import { clientNetwork } from "../client-network.ts";
import type { ApiDeps } from "../deps.ts";
import { problems, unreadableBody } from "../problem.ts";
import type { ApiRouter } from "../router.ts";
import { notBlank, textOf } from "../v1/fields.schema.ts";
import { jsonAnswer, jsonBody } from "../v1/route-parts.ts";

const ReportSchema = z
  .strictObject({
    metaPageId: z
      .string()
      .regex(/^\d{5,32}$/u)
      .openapi({
        description: "The number of the shop's Page, as Facebook shows it under the Page's name.",
      }),
    text: textOf(2_000)
      .min(1)
      .openapi({ ...notBlank, description: "Who wrote to the shop, and when, so that it finds the chat." }),
  })
  .openapi("ReportChildData");

const reportRoute = createRoute({
  method: "post",
  path: "/v1/child-data-reports",
  operationId: "reportChildData",
  summary: "Tell a shop that it holds data of somebody below 18",
  description:
    "By anybody. The answer is the same whether we serve the Page or not. A person of the shop verifies it; then the child's data are frozen at once and erased within 24 hours. A report alone erases nobody.",
  tags: ["Privacy"],
  security: [],
  request: { body: jsonBody(ReportSchema) },
  responses: {
    202: jsonAnswer("A person will look at it", z.object({ state: z.literal("received") })),
    ...problems(403, 422, 429),
    ...unreadableBody,
  },
});

export function mountChildReports(app: ApiRouter): void {
  app.openapi(reportRoute, async (c) => {
    checkOrigin(c, { isByCookie: false });
    const { deps, limits, background, requestId } = c.var;
    await takePoint(limits.childReports, clientNetwork(c));
    const { metaPageId, text } = c.req.valid("json");
    // After the answer, whose time tells nothing.
    const work = report(deps, { metaPageId, text });
    background(work.catch((err: unknown) => deps.log.error({ requestId, err }, "child_report.not_stored")));
    return c.json({ state: "received" as const }, 202);
  });
}

async function report(deps: ApiDeps, { metaPageId, text }: z.output<typeof ReportSchema>): Promise<void> {
  const [page] = await listPagesByMetaId(deps.system, [metaPageId]);
  if (page === undefined) return;
  const shopId: ShopId = page.shopId;
  const id = newId<AgeReportId>();
  const [body] = await deps.sealer.seal([
    { place: ageReportPlace(shopId, id), plaintext: normaliseText(text) },
  ]);
  if (body === undefined) throw new TypeError("nothing was sealed");
  const now = deps.clock.now();
  const notice = { shopId, id: newId<NoticeId>(), kind: "age_report", data: {}, now } as const;
  await deps.db.withShop(shopId, async (trx) => {
    await insertAgeReport(trx, { shopId, id, body, now });
    await insertNotice(trx, { ...notice, businessKey: `age:${id}` });
  });
}
