import { createRoute, z } from "@hono/zod-openapi";
import type { Context } from "hono";

import {
  ageReportPlace,
  dismissAgeReport,
  findAgeReport,
  listAgeReports,
  requestOfReport,
  verifyAgeReport,
} from "../../db/age-reports.ts";
import type { AgeReport } from "../../db/age-reports.ts";
import { isCustomer } from "../../db/customer-queries.ts";
import type { ShopTransaction } from "../../db/connection.ts";
import { AppError } from "../../domain/app-error.ts";
import { toTypeId } from "../../domain/id.ts";
import type { AccountId, AgeReportId, CustomerId, ShopId } from "../../domain/id.ts";
import { codeOfRequest, hashRequestCode } from "../../domain/privacy/request-code.ts";
import type { Actor } from "../auth/actor.ts";
import type { ApiDeps } from "../deps.ts";
import type { ApiEnv } from "../env.ts";
import { idempotent } from "../idempotency.ts";
import { problems } from "../problem.ts";
import { scoped } from "../route.ts";
import { createRouter } from "../router.ts";
import { audit, auditViewing } from "./audit.ts";
import {
  TimeSchema,
  found,
  idField,
  idText,
  notFound,
  pathId,
  pathParams,
  timeOrNull,
} from "./fields.schema.ts";
import { listQuery, pageOf, readIdCursor, toPage } from "./list.ts";
import { jsonAnswer, jsonBody } from "./route-parts.ts";

export const ageReportRoutes = createRouter();

const tags = ["Customers"];

const ReportSchema = z
  .object({
    id: idText("agr"),
    door: z.enum(["chat", "form"]).openapi({
      description:
        "`chat`: the customer said so, and is frozen; `form`: somebody told us, and nobody is yet.",
    }),
    state: z.enum(["open", "verified", "dismissed"]),
    customerId: idText("cus").nullable(),
    text: z.string().nullable().openapi({ description: "What was reported; gone once it is decided." }),
    reportedAt: TimeSchema,
    eraseBy: TimeSchema.nullable(),
    decidedAt: TimeSchema.nullable(),
  })
  .openapi("AgeReport");

const listRoute = createRoute(
  scoped("conversations.read", {
    operationId: "listAgeReports",
    method: "get",
    path: "/v1/age-reports",
    tags,
    description:
      "That a customer may be below 18. Reading them is written into the audit log as one viewing.",
    request: { query: z.strictObject(listQuery) },
    responses: {
      200: jsonAnswer("The reports, newest first", pageOf(ReportSchema).openapi("AgeReportPage")),
    },
  }),
);

ageReportRoutes.openapi(listRoute, async (c) => {
  const { deps, actor } = c.var;
  const { shopId } = actor;
  const { limit, cursor } = c.req.valid("query");
  const filter = { shopId, limit: limit + 1, ...readIdCursor<AgeReportId>(cursor) };
  const rows = await deps.db.withShop(shopId, async (trx) => {
    const rows = await listAgeReports(trx, filter);
    await auditViewing(trx, c, {
      action: "age_reports.viewed",
      ids: rows.slice(0, limit).map(({ id }) => id),
    });
    return rows;
  });
  const page = toPage(rows, limit, ({ id }) => id);
  return c.json({ ...page, data: await present(deps, shopId, page.data) }, 200);
});

const DecideSchema = z
  .strictObject({
    isChild: z.boolean(),
    customerId: idField<CustomerId>("cus")
      .optional()
      .openapi({ description: "Who it is; needed for what came by the form." }),
  })
  .openapi("DecideAgeReport");

async function readAgain(c: Context<ApiEnv>) {
  const { shopId } = c.var.actor;
  const id = pathId<AgeReportId>("agr", c.req.param("ageReportId") ?? "");
  return readOne(c.var.deps, shopId, id);
}

const decideRoute = createRoute(
  idempotent(
    scoped("conversations.write", {
      operationId: "decideAgeReport",
      method: "post",
      path: "/v1/age-reports/{ageReportId}/decide",
      tags,
      description:
        "By a person, never by an API key. Verified: the customer is frozen at once, and erased by `eraseBy`. Else what the report had frozen is lifted.",
      request: { params: pathParams("ageReportId", "agr"), body: jsonBody(DecideSchema) },
      responses: { 200: jsonAnswer("The report as it is now", ReportSchema), ...problems(404, 409) },
    }),
    readAgain,
  ),
);

ageReportRoutes.openapi(decideRoute, async (c) => {
  const { deps, actor } = c.var;
  const { shopId } = actor;
  const id = pathId<AgeReportId>("agr", c.req.valid("param").ageReportId);
  const by = personOf(actor);
  const { isChild, customerId: named } = c.req.valid("json");
  const now = deps.clock.now();
  const requestId = requestOfReport(id);
  const codeHash = hashRequestCode(await codeOfRequest(deps.blindIndexer, requestId));
  await deps.db.withShop(shopId, async (trx) => {
    const report = found(await findAgeReport(trx, { shopId, id }), "agr");
    const decision = { shopId, id, by, now };
    if (!isChild) demandOpen(await dismissAgeReport(trx, decision));
    else {
      const subjectId = await whoIsMeant(trx, { shopId, report, named });
      demandOpen(await verifyAgeReport(trx, { ...decision, subjectId, codeHash }));
    }
    const subject = report.subjectId === null ? {} : { subjectId: report.subjectId };
    await audit(trx, c, { action: "age_report.decided", resourceId: id, ...subject, data: { isChild } });
  });
  const ref = { shopId, requestId };
  c.var.background(
    deps.processes.ringPrivacyRequest(ref).catch((err: unknown) => {
      deps.log.warn({ ...ref, err }, "privacy_request.ring_failed");
    }),
  );
  return c.json(await readOne(deps, shopId, id), 200);
});

function personOf({ accountId }: Actor): AccountId {
  if (accountId !== null) return accountId;
  throw new AppError("forbidden", "age_report.needs_person", {
    internal: "a key decides nothing about a person",
    public: "Only a person of the shop decides this.",
  });
}

/** Who said so in the chat is meant by that, whomever else a request names. */
async function whoIsMeant(
  trx: ShopTransaction,
  { shopId, report, named }: { shopId: ShopId; report: AgeReport; named: CustomerId | undefined },
): Promise<CustomerId> {
  if (report.subjectId !== null) return report.subjectId as CustomerId; // it came from a customer's chat
  if (named === undefined) {
    throw new AppError("invalid", "age_report.customer_needed", {
      internal: "nobody is named",
      public: "Name the customer whom the report means.",
    });
  }
  if (!(await isCustomer(trx, { shopId, customerId: named }))) throw notFound("cus");
  return named;
}

function demandOpen(isDecided: boolean): void {
  if (isDecided) return;
  throw new AppError("conflict", "age_report.decided", {
    internal: "it was decided before, or the customer is frozen or being erased",
    public: "This was decided before.",
  });
}

async function readOne(deps: ApiDeps, shopId: ShopId, id: AgeReportId) {
  const row = await deps.db.withShop(shopId, (trx) => findAgeReport(trx, { shopId, id }));
  const [one] = await present(deps, shopId, [found(row, "agr")]);
  return found(one, "agr");
}

async function present({ sealer }: Pick<ApiDeps, "sealer">, shopId: ShopId, rows: readonly AgeReport[]) {
  const sealed = rows.flatMap(({ id, body }) =>
    body === null ? [] : [{ id, place: ageReportPlace(shopId, id), sealed: body }],
  );
  const opened = await sealer.open(sealed);
  const texts = new Map(sealed.map(({ id }, index) => [id, opened[index]?.toString("utf8")]));
  return rows.map((row) => ({
    id: toTypeId("agr", row.id),
    door: row.door,
    state: row.state,
    customerId: row.subjectId === null ? null : toTypeId("cus", row.subjectId),
    text: texts.get(row.id) ?? null,
    reportedAt: row.reportedAt.toISOString(),
    eraseBy: timeOrNull(row.eraseBy),
    decidedAt: timeOrNull(row.decidedAt),
  }));
}
