import { createRoute, z } from "@hono/zod-openapi";

import { appendAccountEvent, listAccountEvents } from "../../db/account-events.ts";
import { endSessionOf, endSessionsOf, listSessions } from "../../db/sessions.ts";
import { accountEventKinds } from "../../domain/account/account-event.ts";
import { sessionLimits } from "../../domain/account/session-life.ts";
import { problems } from "../problem.ts";
import type { ApiRouter } from "../router.ts";
import { TimeSchema, notFoundHere } from "../v1/fields.schema.ts";
import { listQuery, pageOf, readIdCursor, toPage, uuidPattern } from "../v1/list.ts";
import { jsonAnswer } from "../v1/route-parts.ts";
import { ofAccount } from "./require-session.ts";
import { openOrigins, shownNetwork } from "./session-origin.ts";

const tags = ["sessions"];

export const ListedSessionSchema = z
  .object({
    id: z.string(),
    isCurrent: z.boolean(),
    hasFactor: z.boolean().openapi({ description: "A code was given." }),
    device: z.string().nullable().openapi({ example: "Chrome on Android" }),
    network: z
      .string()
      .nullable()
      .openapi({ description: "Never the whole address.", example: "203.0.113.0/24" }),
    createdAt: TimeSchema,
    lastUsedAt: TimeSchema,
    expiresAt: TimeSchema,
  })
  .openapi("ListedSession");

export const AccountEventSchema = z
  .object({
    id: z.string(),
    at: TimeSchema,
    kind: z.enum(accountEventKinds),
    data: z.record(z.string(), z.union([z.string(), z.number()])),
  })
  .openapi("AccountEvent");

const listRoute = createRoute(
  ofAccount({
    method: "get",
    path: "/v1/sessions",
    operationId: "listSessions",
    tags,
    request: { query: z.strictObject(listQuery) },
    responses: {
      200: jsonAnswer(
        "Where the account is signed in, newest first",
        pageOf(ListedSessionSchema).openapi("SessionPage"),
      ),
    },
  }),
);

const revokeOthersRoute = createRoute(
  ofAccount({
    method: "post",
    path: "/v1/sessions/revoke-others",
    operationId: "revokeOtherSessions",
    tags,
    responses: {
      200: jsonAnswer(
        "Every session but this one has ended",
        z.object({ revoked: z.int() }).openapi("Revoked"),
      ),
    },
  }),
);

const revokeRoute = createRoute(
  ofAccount({
    method: "delete",
    path: "/v1/sessions/{sessionId}",
    operationId: "revokeSession",
    tags,
    request: { params: z.object({ sessionId: z.string() }) },
    responses: { 204: { description: "It has ended" }, ...problems(404) },
  }),
);

const eventsRoute = createRoute(
  ofAccount({
    method: "get",
    path: "/v1/account-events",
    operationId: "listAccountEvents",
    tags,
    request: { query: z.strictObject(listQuery) },
    responses: {
      200: jsonAnswer(
        "What happened to the account's access, newest first",
        pageOf(AccountEventSchema).openapi("AccountEventPage"),
      ),
    },
  }),
);

/** Before `authenticate`: sessions are the account's, not a shop's. Behind `mountSessions`, whose paths are narrower. */
export function mountSessionList(app: ApiRouter): void {
  app.openapi(listRoute, async (c) => {
    const { deps, session } = c.var;
    const { accountId, isOfPlatform } = session;
    const { limit, cursor } = c.req.valid("query");
    const now = deps.clock.now();
    const usedAfter = new Date(now.getTime() - sessionLimits(isOfPlatform).idleMs);
    const filter = { accountId, usedAfter, now, limit: limit + 1, ...readIdCursor<string>(cursor) };
    const rows = await deps.db.withoutShop((trx) => listSessions(trx, filter));
    const page = toPage(rows, limit, ({ id }) => id);
    const origins = await openOrigins(deps, accountId, page.data);
    const data = page.data.map(({ id, hasFactor, createdAt, lastUsedAt, expiresAt }) => {
      const origin = origins.get(id);
      return {
        id,
        isCurrent: id === session.id,
        hasFactor,
        device: origin?.device ?? null,
        network: origin === undefined ? null : shownNetwork(origin.network),
        createdAt: createdAt.toISOString(),
        lastUsedAt: lastUsedAt.toISOString(),
        expiresAt: expiresAt.toISOString(),
      };
    });
    return c.json({ ...page, data }, 200);
  });

  app.openapi(revokeOthersRoute, async (c) => {
    const { deps, session } = c.var;
    const { accountId, id: except } = session;
    const now = deps.clock.now();
    const revoked = await deps.db.withoutShop(async (trx) => {
      const count = await endSessionsOf(trx, { accountId, except, now });
      await appendAccountEvent(trx, { accountId, kind: "session.revoked", data: { count }, now });
      return count;
    });
    return c.json({ revoked }, 200);
  });

  app.openapi(revokeRoute, async (c) => {
    const { deps, session } = c.var;
    const { accountId } = session;
    const { sessionId: id } = c.req.valid("param");
    if (!uuidPattern.test(id)) throw notFoundHere("session");
    const now = deps.clock.now();
    await deps.db.withoutShop(async (trx) => {
      if (!(await endSessionOf(trx, { accountId, id, now }))) throw notFoundHere("session");
      await appendAccountEvent(trx, { accountId, kind: "session.revoked", data: { sessionId: id }, now });
    });
    return c.body(null, 204);
  });

  app.openapi(eventsRoute, async (c) => {
    const { deps, session } = c.var;
    const { limit, cursor } = c.req.valid("query");
    const filter = { accountId: session.accountId, limit: limit + 1, ...readIdCursor<string>(cursor) };
    const rows = await deps.db.withoutShop((trx) => listAccountEvents(trx, filter));
    const page = toPage(rows, limit, ({ id }) => id);
    const data = page.data.map(({ id, at, kind, data }) => ({ id, at: at.toISOString(), kind, data }));
    return c.json({ ...page, data }, 200);
  });
}
