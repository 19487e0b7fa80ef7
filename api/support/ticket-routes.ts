import { createRoute, z } from "@hono/zod-openapi";
import type { Context } from "hono";

import { findTicketByCode } from "../../db/tickets.ts";
import type { TicketRow } from "../../db/tickets.ts";
import { toTypeId } from "../../domain/id.ts";
import { checkOrigin } from "../auth/check-origin.ts";
import { takePoint } from "../auth/rate-limits.ts";
import { originOf } from "../auth/session-origin.ts";
import type { ApiEnv } from "../env.ts";
import { problems, unreadableBody } from "../problem.ts";
import type { ApiRouter } from "../router.ts";
import { found } from "../v1/fields.schema.ts";
import { jsonAnswer, jsonBody } from "../v1/route-parts.ts";
import { hashTicketCode } from "./ticket-code.ts";
import { NewTicketBody, OpenedTicketSchema, TicketSchema, TicketTextField } from "./ticket.schema.ts";
import { accountBehind, openTicket, showTicket, writeTicket } from "./tickets.ts";

const tags = ["Contact"];

const openRoute = createRoute({
  method: "post",
  path: "/v1/tickets",
  operationId: "createTicket",
  summary: "Write to us",
  description:
    "About privacy, security or anything else; without an account, too. The answer stands under the code, by the time that is named.",
  tags,
  security: [],
  request: { body: jsonBody(NewTicketBody) },
  responses: {
    201: jsonAnswer("It is written down", OpenedTicketSchema),
    ...problems(403, 422, 429),
    ...unreadableBody,
  },
});

const ReportBody = NewTicketBody.omit({ topic: true }).openapi("ReportIncident");

const reportRoute = createRoute({
  method: "post",
  path: "/v1/incident-reports",
  operationId: "reportIncident",
  summary: "Report that data may be in wrong hands",
  description:
    "As `createTicket` with the topic `security`: a person looks at it first of all, and opens an incident where it is one. If it is about your own account, end its sessions (`endOtherSessions`) and change the password at once.",
  tags,
  security: [],
  request: { body: jsonBody(ReportBody) },
  responses: {
    201: jsonAnswer("It is written down", OpenedTicketSchema),
    ...problems(403, 422, 429),
    ...unreadableBody,
  },
});

const params = z.object({
  code: z
    .string()
    .max(40)
    .openapi({ param: { name: "code", in: "path" }, example: "ABCDE-FGHJK-MNPQR-STVWX" }),
});

const readRoute = createRoute({
  method: "get",
  path: "/v1/tickets/{code}",
  operationId: "getTicket",
  summary: "What became of a ticket",
  tags,
  security: [],
  request: { params },
  responses: { 200: jsonAnswer("The ticket", TicketSchema), ...problems(404, 422, 429) },
});

const writeRoute = createRoute({
  method: "post",
  path: "/v1/tickets/{code}/messages",
  operationId: "writeToTicket",
  summary: "Write more in a ticket",
  tags,
  security: [],
  request: {
    params,
    body: jsonBody(z.strictObject({ text: TicketTextField }).openapi("TicketMessage")),
  },
  responses: {
    200: jsonAnswer("The ticket as it is now", TicketSchema),
    ...problems(403, 404, 409, 422, 429),
    ...unreadableBody,
  },
});

/** For everybody, signed in or not. */
export function mountTickets(app: ApiRouter): void {
  app.openapi(openRoute, async (c) => c.json(await open(c, c.req.valid("json")), 201));
  app.openapi(reportRoute, async (c) => {
    return c.json(await open(c, { topic: "security", ...c.req.valid("json") }), 201);
  });
  app.openapi(readRoute, async (c) => c.json(await showTicket(c.var.deps, await readTicket(c)), 200));
  app.openapi(writeRoute, async (c) => {
    checkOrigin(c, { isByCookie: false });
    const { deps } = c.var;
    const { id: ticketId } = await readTicket(c);
    const { text } = c.req.valid("json");
    const accountId = await accountBehind(c);
    await writeTicket(deps, { ticketId, author: "person", accountId, text, now: deps.clock.now() });
    return c.json(await showTicket(deps, await readTicket(c)), 200);
  });
}

async function open(c: Context<ApiEnv>, asked: z.infer<typeof NewTicketBody>) {
  checkOrigin(c, { isByCookie: false });
  const { deps, limits } = c.var;
  await takePoint(limits.ticketsByNetwork, originOf(c).network);
  const { id, code, dueAt } = await openTicket(deps, { ...asked, accountId: await accountBehind(c) });
  return { id: toTypeId("tkt", id), code, dueAt: dueAt.toISOString() };
}

/** A code cannot be guessed; the limit is on those who try. */
async function readTicket(c: Context<ApiEnv>): Promise<TicketRow> {
  const { deps, limits } = c.var;
  await takePoint(limits.ticketReadsByNetwork, originOf(c).network);
  c.header("cache-control", "no-store");
  const codeHash = hashTicketCode(c.req.param("code") ?? "");
  return found(await deps.db.withoutShop((trx) => findTicketByCode(trx, codeHash)), "tkt");
}
