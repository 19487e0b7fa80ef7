import { createRoute, z } from "@hono/zod-openapi";
import type { Context } from "hono";

import { platformShopId } from "../../../db/accounts.ts";
import {
  findIncident,
  incidentNoticePlace,
  insertIncident,
  listIncidentEvents,
  listIncidents,
  writeIncidentPapers,
} from "../../../db/incidents.ts";
import type { IncidentPapers, IncidentRow } from "../../../db/incidents.ts";
import { countIncidentPeople } from "../../../db/system-incidents.ts";
import { findTicket } from "../../../db/tickets.ts";
import { AppError } from "../../../domain/app-error.ts";
import { authorityDraft } from "../../../domain/breach/authority-draft.ts";
import type { BreachNotice } from "../../../domain/breach/notice.ts";
import { defaultBreachTimings } from "../../../domain/breach/timings.ts";
import { toTypeId } from "../../../domain/id.ts";
import type { IncidentId } from "../../../domain/id.ts";
import type { ApiEnv } from "../../env.ts";
import { idempotent } from "../../idempotency.ts";
import { problems } from "../../problem.ts";
import { scoped } from "../../route.ts";
import { createRouter } from "../../router.ts";
import { adminOf } from "../admin/admin-of.ts";
import { found, notFound, pathId, pathParams } from "../fields.schema.ts";
import { listQuery, readIdCursor, toPage } from "../list.ts";
import { jsonAnswer, jsonBody } from "../route-parts.ts";
import {
  DraftQuery,
  DraftSchema,
  IncidentListSchema,
  IncidentPapersBody,
  IncidentSchema,
  IncidentSummarySchema,
  OpenIncidentBody,
  toIncident,
  toIncidentSummary,
} from "./incident.schema.ts";

export const incidentRoutes = createRouter();

const tags = ["Compliance: incidents"];
const params = pathParams("incidentId", "inc");

const listRoute = createRoute(
  scoped("incidents.read", {
    operationId: "listIncidents",
    method: "get",
    path: "/v1/compliance/incidents",
    tags,
    description: "The newest first.",
    request: { query: z.strictObject(listQuery) },
    responses: { 200: jsonAnswer("Incidents", IncidentListSchema) },
  }),
);

incidentRoutes.openapi(listRoute, async (c) => {
  const { limit, cursor } = c.req.valid("query");
  const { db, clock } = c.var.deps;
  const filter = { limit: limit + 1, ...readIdCursor<IncidentId>(cursor) };
  const page = toPage(await db.withoutShop((trx) => listIncidents(trx, filter)), limit, ({ id }) => id);
  return c.json({ ...page, data: page.data.map((row) => toIncidentSummary(row, clock.now())) }, 200);
});

const openRoute = createRoute(
  idempotent(
    scoped("incidents.decide", {
      operationId: "openIncident",
      method: "post",
      path: "/v1/compliance/incidents",
      tags,
      description: "The clock of 72 hours runs from the discovery, with alarms until everybody was told.",
      request: { body: jsonBody(OpenIncidentBody) },
      responses: { 201: jsonAnswer("The incident", IncidentSummarySchema), ...problems(404) },
    }),
    async (c) => toIncidentSummary(await readOpened(c), c.var.deps.clock.now()),
  ),
);

incidentRoutes.openapi(openRoute, async (c) => {
  const { deps, effect } = c.var;
  const { ticketId = null, discoveredAt: discovered, ...asked } = c.req.valid("json");
  const id = effect.id as IncidentId;
  const now = deps.clock.now();
  const discoveredAt = new Date(discovered);
  demandPast(discoveredAt, now);
  if (ticketId !== null) found(await deps.db.withoutShop((trx) => findTicket(trx, ticketId)), "tkt");
  const keys = await deps.sealer.makeKeys([{ shopId: platformShopId, subjectId: id, kind: "incident" }]);
  const incident = { id, ...asked, ticketId, discoveredAt, timings: defaultBreachTimings, keys };
  const isNew = await deps.db.withShop(platformShopId, (trx) =>
    insertIncident(trx, { ...incident, by: adminOf(c), now }),
  );
  if (!isNew) deps.sealer.forget(id);
  ring(c, id);
  return c.json(toIncidentSummary(await readOpened(c), now), 201);
});

const readRoute = createRoute(
  scoped("incidents.read", {
    operationId: "getIncident",
    method: "get",
    path: "/v1/compliance/incidents/{incidentId}",
    tags,
    description: "With its papers, what was done, and how the notices stand.",
    request: { params },
    responses: { 200: jsonAnswer("The incident", IncidentSchema), ...problems(404) },
  }),
);

incidentRoutes.openapi(readRoute, async (c) => c.json(await showIncident(c, await readIncident(c)), 200));

const papersRoute = createRoute(
  idempotent(
    scoped("incidents.decide", {
      operationId: "writeIncidentPapers",
      method: "post",
      path: "/v1/compliance/incidents/{incidentId}/papers",
      tags,
      description:
        "What is known, and the words of the notice: three parts in each language. A proposal of before counts no more.",
      request: { params, body: jsonBody(IncidentPapersBody) },
      responses: { 200: jsonAnswer("The incident as it is now", IncidentSchema), ...problems(404, 409) },
    }),
    async (c) => showIncident(c, await readIncident(c)),
  ),
);

incidentRoutes.openapi(papersRoute, async (c) => {
  const { deps } = c.var;
  const { id } = await readIncident(c);
  const { discoveredAt, scopes, notice } = c.req.valid("json");
  const now = deps.clock.now();
  const papers: IncidentPapers = {};
  if (scopes !== undefined) papers.scopes = scopes;
  if (notice !== undefined) papers.notice = await sealNotice(c, id, notice);
  if (discoveredAt !== undefined) {
    papers.discoveredAt = new Date(discoveredAt);
    demandPast(papers.discoveredAt, now);
  }
  const by = adminOf(c);
  const written = await deps.db.withShop(platformShopId, (trx) =>
    writeIncidentPapers(trx, { id, papers, by, now }),
  );
  if (written === "unknown") throw notFound("inc");
  if (written === "not_open") throw decided();
  ring(c, id);
  return c.json(await showIncident(c, written), 200);
});

const draftRoute = createRoute(
  scoped("incidents.read", {
    operationId: "getAuthorityDraft",
    method: "get",
    path: "/v1/compliance/incidents/{incidentId}/authority-draft",
    tags,
    description:
      "A letter to the authority, filled with what the record says. A person completes and sends it.",
    request: { params, query: DraftQuery },
    responses: { 200: jsonAnswer("The draft", DraftSchema), ...problems(404) },
  }),
);

incidentRoutes.openapi(draftRoute, async (c) => {
  const { deps } = c.var;
  const row = await readIncident(c);
  const { jurisdiction } = c.req.valid("query");
  const notice = await openNotice(c, row);
  const { customers, accounts } = await countIncidentPeople(deps.system, row.id);
  const events = await deps.db.withoutShop((trx) => listIncidentEvents(trx, row.id));
  const measures = events.flatMap(({ what, data }) =>
    what === "contained" ? [String(data["measure"])] : [],
  );
  const text = authorityDraft(jurisdiction, {
    reference: toTypeId("inc", row.id),
    kind: row.kind,
    isDrill: row.is_drill,
    discoveredAt: row.discovered_at,
    dueAt: row.due_at,
    data: [...new Set(row.scopes.map(({ data }) => data))],
    affected: row.listed_at === null ? null : { customers, accounts },
    containment: [...new Set(measures)],
    notifiedAt: row.notified_at,
    contact: deps.settings.supportEmail,
    words: notice?.en ?? null,
  });
  return c.json({ jurisdiction, text }, 200);
});

export async function readIncident(c: Context<ApiEnv>): Promise<IncidentRow> {
  const id = pathId<IncidentId>("inc", c.req.param("incidentId") ?? "");
  return found(await c.var.deps.db.withoutShop((trx) => findIncident(trx, id)), "inc");
}

async function readOpened(c: Context<ApiEnv>): Promise<IncidentRow> {
  const id = c.var.effect.id as IncidentId;
  return found(await c.var.deps.db.withoutShop((trx) => findIncident(trx, id)), "inc");
}

async function showIncident(c: Context<ApiEnv>, row: IncidentRow) {
  const { db, system, clock } = c.var.deps;
  const notice = await openNotice(c, row);
  const events = await db.withoutShop((trx) => listIncidentEvents(trx, row.id));
  const counts = await countIncidentPeople(system, row.id);
  return toIncident({ row, notice, counts, events, now: clock.now() });
}

async function openNotice(c: Context<ApiEnv>, { id, notice }: IncidentRow): Promise<BreachNotice | null> {
  if (notice === null) return null;
  const [plaintext] = await c.var.deps.sealer.open([{ place: incidentNoticePlace(id), sealed: notice }]);
  // Our own JSON, sealed by `sealNotice`.
  return plaintext === undefined ? null : (JSON.parse(plaintext.toString("utf8")) as BreachNotice);
}

async function sealNotice(c: Context<ApiEnv>, id: IncidentId, notice: BreachNotice) {
  const [sealed] = await c.var.deps.sealer.seal([
    { place: incidentNoticePlace(id), plaintext: JSON.stringify(notice) },
  ]);
  if (sealed === undefined) throw new TypeError("nothing was sealed");
  return sealed;
}

/** Whoever stands behind it looks again; `reconcile` rings while Temporal is away. */
function ring(c: Context<ApiEnv>, incidentId: IncidentId): void {
  c.var.background(c.var.deps.processes.ringBreach({ incidentId }));
}

function demandPast(discoveredAt: Date, now: Date): void {
  if (discoveredAt <= now) return;
  throw new AppError("invalid", "breach.discovered_later", {
    internal: "the discovery lies in the future",
    public: "It cannot have been discovered later than now.",
    errors: [{ pointer: "/discoveredAt", message: "Must not lie in the future" }],
  });
}

function decided(): AppError {
  return new AppError("conflict", "breach.not_open", {
    internal: "people are being told, or it is over",
    public: "It is decided: the papers stay as they were approved.",
  });
}
