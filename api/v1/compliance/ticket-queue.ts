import { createRoute, z } from "@hono/zod-openapi";
import type { Context } from "hono";

import { platformShopId } from "../../../db/accounts.ts";
import { closeTicket, findTicket, listTickets } from "../../../db/tickets.ts";
import type { TicketRow } from "../../../db/tickets.ts";
import { writePlatformLog } from "../../../db/platform-log.ts";
import { AppError } from "../../../domain/app-error.ts";
import type { TicketId } from "../../../domain/id.ts";
import type { ApiEnv } from "../../env.ts";
import { idempotent } from "../../idempotency.ts";
import { problems } from "../../problem.ts";
import { scoped } from "../../route.ts";
import { createRouter } from "../../router.ts";
import {
  TicketSchema,
  TicketSummarySchema,
  TicketTextField,
  toTicketSummary,
} from "../../support/ticket.schema.ts";
import { showTicket, writeTicket } from "../../support/tickets.ts";
import { adminOf } from "../admin/admin-of.ts";
import { lookOf } from "../admin/look-of.ts";
import { found, pathId, pathParams } from "../fields.schema.ts";
import { listQuery, pageOf, readIdCursor, toPage } from "../list.ts";
import { jsonAnswer, jsonBody } from "../route-parts.ts";

export const ticketQueueRoutes = createRouter();

const tags = ["Compliance: tickets"];
const params = pathParams("ticketId", "tkt");

const listRoute = createRoute(
  scoped("tickets.read", {
    operationId: "listTickets",
    method: "get",
    path: "/v1/compliance/tickets",
    tags,
    description: "What people wrote to us, the oldest first.",
    request: {
      query: z.strictObject({ ...listQuery, state: z.enum(["open", "answered", "closed"]).default("open") }),
    },
    responses: { 200: jsonAnswer("The queue", pageOf(TicketSummarySchema).openapi("TicketQueue")) },
  }),
);

ticketQueueRoutes.openapi(listRoute, async (c) => {
  const { limit, cursor, state } = c.req.valid("query");
  const { before: after } = readIdCursor<TicketId>(cursor);
  const filter = { state, limit: limit + 1, ...(after === undefined ? {} : { after }) };
  const { db, clock } = c.var.deps;
  const rows = await db.withoutShop((trx) => listTickets(trx, filter));
  const page = toPage(rows, limit, ({ id }) => id);
  return c.json({ ...page, data: page.data.map((row) => toTicketSummary(row, clock.now())) }, 200);
});

const readRoute = createRoute(
  scoped("tickets.read", {
    operationId: "readTicket",
    method: "get",
    path: "/v1/compliance/tickets/{ticketId}",
    tags,
    description: "With all that was said in it. The look stands in the platform's log.",
    request: { params },
    responses: { 200: jsonAnswer("The ticket", TicketSchema), ...problems(404) },
  }),
);

ticketQueueRoutes.openapi(readRoute, async (c) => {
  const { deps } = c.var;
  const row = await readRow(c);
  await deps.db.withShop(platformShopId, (trx) =>
    writePlatformLog(trx, { subjectId: row.id, resourceId: row.id }, lookOf(c, "ticket.viewed")),
  );
  return c.json(await showTicket(deps, row), 200);
});

const answerRoute = createRoute(
  idempotent(
    scoped("tickets.answer", {
      operationId: "answerTicket",
      method: "post",
      path: "/v1/compliance/tickets/{ticketId}/answer",
      tags,
      description: "Read by whoever has the ticket's code, and by the account that wrote it.",
      request: {
        params,
        body: jsonBody(z.strictObject({ text: TicketTextField }).openapi("AnswerTicket")),
      },
      responses: { 200: jsonAnswer("The ticket as it is now", TicketSchema), ...problems(404, 409) },
    }),
    async (c) => showTicket(c.var.deps, await readRow(c)),
  ),
);

ticketQueueRoutes.openapi(answerRoute, async (c) => {
  const { deps, effect } = c.var;
  const { id: ticketId } = await readRow(c);
  const { text } = c.req.valid("json");
  const said = { ticketId, author: "staff" as const, accountId: adminOf(c), text };
  await writeTicket(deps, { ...said, id: effect.id, now: deps.clock.now() });
  return c.json(await showTicket(deps, await readRow(c)), 200);
});

const closeRoute = createRoute(
  idempotent(
    scoped("tickets.answer", {
      operationId: "closeTicket",
      method: "post",
      path: "/v1/compliance/tickets/{ticketId}/close",
      tags,
      description: "Only once it has an answer.",
      request: { params },
      responses: { 200: jsonAnswer("The ticket as it is now", TicketSummarySchema), ...problems(404, 409) },
    }),
    async (c) => toTicketSummary(await readRow(c), c.var.deps.clock.now()),
  ),
);

ticketQueueRoutes.openapi(closeRoute, async (c) => {
  const { db, clock } = c.var.deps;
  const now = clock.now();
  const { id: ticketId } = await readRow(c);
  if (!(await db.withShop(platformShopId, (trx) => closeTicket(trx, { ticketId, now })))) {
    throw new AppError("conflict", "ticket.unanswered", {
      internal: "the ticket has no answer",
      public: "Answer it first.",
    });
  }
  return c.json(toTicketSummary(await readRow(c), now), 200);
});

async function readRow(c: Context<ApiEnv>): Promise<TicketRow> {
  const id = pathId<TicketId>("tkt", c.req.param("ticketId") ?? "");
  return found(await c.var.deps.db.withoutShop((trx) => findTicket(trx, id)), "tkt");
}
