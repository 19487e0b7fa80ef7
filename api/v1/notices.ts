import { createRoute, z } from "@hono/zod-openapi";

import { listNotices, markNoticeRead } from "../../db/owner-notices-queries.ts";
import type { NoticeRow, SeenBy } from "../../db/owner-notices-queries.ts";
import { seenKinds } from "../../domain/account/notice-topics.ts";
import { toTypeId } from "../../domain/id.ts";
import type { NoticeId } from "../../domain/id.ts";
import { noticeFacts, noticeText } from "../../domain/order/notice-texts.ts";
import type { Language } from "../../domain/shop/policies.ts";
import type { Actor } from "../auth/actor.ts";
import { problems } from "../problem.ts";
import { scoped } from "../route.ts";
import { createRouter } from "../router.ts";
import {
  MoneySchema,
  TimeSchema,
  found,
  idText,
  pathId,
  pathParams,
  timeOrNull,
  orNull,
} from "./fields.schema.ts";
import { listQuery, pageOf, readIdCursor, toPage } from "./list.ts";
import { jsonAnswer } from "./route-parts.ts";

export const noticeRoutes = createRouter();

const NoticeSchema = z
  .object({
    id: idText("ntc"),
    kind: z.string(),
    title: z.string(),
    body: z.string(),
    orderId: idText("ord").nullable(),
    customerId: idText("cus").nullable(),
    orderNumber: z.string().nullable(),
    amount: orNull(MoneySchema),
    createdAt: TimeSchema,
    readAt: TimeSchema.nullable(),
  })
  .openapi("Notice");

const language = z.enum(["my", "en"]).default("en");

const listRoute = createRoute(
  scoped("notices.read", {
    operationId: "listNotices",
    method: "get",
    path: "/v1/notices",
    tags: ["Notices"],
    request: {
      query: z.strictObject({ ...listQuery, language, isUnread: z.enum(["true", "false"]).optional() }),
    },
    responses: { 200: jsonAnswer("The notices, newest first", pageOf(NoticeSchema).openapi("NoticePage")) },
  }),
);

noticeRoutes.openapi(listRoute, async (c) => {
  const { deps, actor } = c.var;
  const { limit, cursor, isUnread, language } = c.req.valid("query");
  const filter = {
    ...seenBy(actor),
    isUnreadOnly: isUnread === "true",
    limit: limit + 1,
    ...readIdCursor<NoticeId>(cursor),
  };
  const rows = await deps.db.withShop(actor.shopId, (trx) => listNotices(trx, filter));
  const page = toPage(rows, limit, ({ id }) => id);
  return c.json({ ...page, data: page.data.map((row) => toNotice(row, language)) }, 200);
});

const readRoute = createRoute(
  scoped("notices.read", {
    operationId: "markNoticeRead",
    method: "post",
    path: "/v1/notices/{noticeId}/read",
    tags: ["Notices"],
    request: { params: pathParams("noticeId", "ntc"), query: z.strictObject({ language }) },
    responses: { 200: jsonAnswer("The notice", NoticeSchema), ...problems(404) },
  }),
);

noticeRoutes.openapi(readRoute, async (c) => {
  const { deps, actor } = c.var;
  const noticeId = pathId<NoticeId>("ntc", c.req.valid("param").noticeId);
  const now = deps.clock.now();
  const row = await deps.db.withShop(actor.shopId, (trx) =>
    markNoticeRead(trx, { ...seenBy(actor), noticeId, now }),
  );
  return c.json(toNotice(found(row, "ntc"), c.req.valid("query").language), 200);
});

/** Whose notices an actor sees: what it may see the things of, and what is for the account itself. */
export function seenBy({ shopId, accountId, scopes }: Actor): SeenBy {
  return { shopId, accountId, kinds: seenKinds(scopes) };
}

function toNotice(row: NoticeRow, language: Language): z.infer<typeof NoticeSchema> {
  const facts = noticeFacts(row.data);
  return {
    id: toTypeId("ntc", row.id),
    kind: row.kind,
    ...noticeText(row.kind, facts, language),
    orderId: row.order_id === null ? null : toTypeId("ord", row.order_id),
    customerId: row.customer_id === null ? null : toTypeId("cus", row.customer_id),
    orderNumber: facts.orderNumber,
    amount: facts.amount,
    createdAt: row.created_at.toISOString(),
    readAt: timeOrNull(row.read_at),
  };
}
