import { createRoute, z } from "@hono/zod-openapi";

import { findConversation } from "../../db/conversation-queries.ts";
import { listStoredTurns } from "../../db/turns.ts";
import type { ListedTurn } from "../../db/turns.ts";
import { toTypeId } from "../../domain/id.ts";
import type { CustomerId, IdPrefix, TurnId } from "../../domain/id.ts";
import { problems } from "../problem.ts";
import { scoped } from "../route.ts";
import { createRouter } from "../router.ts";
import { TimeSchema, found, idText, pathId, pathParams, timeOrNull, orNull } from "./fields.schema.ts";
import { listQuery, pageOf, readIdCursor, toPage } from "./list.ts";
import { jsonAnswer } from "./route-parts.ts";

export const turnRoutes = createRouter();

const ShownSchema = z
  .object({
    fields: z.array(z.string()).openapi({ example: ["shop.name", "search_products.products.name"] }),
    tools: z.array(z.string()),
    messageIds: z.array(idText("msg")),
    orderIds: z.array(idText("ord")),
    productIds: z.array(idText("prd")),
    pictureIds: z.array(idText("obj")),
  })
  .openapi("ShownToModel", { description: "Names of fields and ids of records; no text is kept here." });

const TurnSchema = z
  .object({
    id: idText("turn"),
    outcome: z.enum(["answered", "fallback", "decision", "silent", "stale", "nothing"]).nullable(),
    startedAt: TimeSchema,
    storedAt: TimeSchema.nullable(),
    agentName: z.string().nullable().openapi({ description: "Under which the agent spoke then." }),
    credits: z
      .object({ charged: z.int(), costMicroUsd: z.int() })
      .nullable()
      .openapi({ description: "What it cost the shop, and the provider's price. Null: no model was asked." }),
    model: z
      .object({ name: z.string(), rounds: z.int(), inputTokens: z.int(), outputTokens: z.int(), ms: z.int() })
      .nullable()
      .openapi({ description: "Null: no model answered." }),
    shownToModel: orNull(ShownSchema),
    errorCode: z.string().nullable(),
  })
  .openapi("Turn");

const route = createRoute(
  scoped("conversations.read", {
    operationId: "listTurns",
    method: "get",
    path: "/v1/conversations/{customerId}/turns",
    tags: ["Conversations"],
    description: "What the agent did, and which records and fields its model was shown, turn by turn.",
    request: { params: pathParams("customerId", "cus"), query: z.strictObject(listQuery) },
    responses: {
      200: jsonAnswer("The turns, newest first", pageOf(TurnSchema).openapi("TurnPage")),
      ...problems(404),
    },
  }),
);

turnRoutes.openapi(route, async (c) => {
  const { deps, actor } = c.var;
  const { shopId } = actor;
  const customerId = pathId<CustomerId>("cus", c.req.valid("param").customerId);
  const { limit, cursor } = c.req.valid("query");
  const filter = { shopId, customerId, limit: limit + 1, ...readIdCursor<TurnId>(cursor) };
  const rows = await deps.db.withShop(shopId, async (trx) => {
    found(await findConversation(trx, { shopId, customerId }), "cus");
    return listStoredTurns(trx, filter);
  });
  const page = toPage(rows, limit, ({ id }) => id);
  return c.json({ ...page, data: page.data.map(toTurn) }, 200);
});

function toTurn(row: ListedTurn): z.infer<typeof TurnSchema> {
  const shown = row.shown_to_model;
  const ids = (prefix: IdPrefix, list: readonly string[]) => list.map((id) => toTypeId(prefix, id));
  return {
    id: toTypeId("turn", row.id),
    outcome: row.outcome,
    startedAt: row.claimed_at.toISOString(),
    storedAt: timeOrNull(row.stored_at),
    agentName: row.agent_name,
    credits: row.charged === null ? null : { charged: row.charged, costMicroUsd: row.cost_micro_usd ?? 0 },
    model:
      row.model === null
        ? null
        : {
            name: row.model,
            rounds: row.rounds ?? 0,
            inputTokens: row.input_tokens ?? 0,
            outputTokens: row.output_tokens ?? 0,
            ms: row.model_ms ?? 0,
          },
    shownToModel: shown && {
      fields: shown.fields,
      tools: shown.tools,
      messageIds: ids("msg", shown.messageIds),
      orderIds: ids("ord", shown.orderIds),
      productIds: ids("prd", shown.productIds),
      pictureIds: ids("obj", shown.objectIds),
    },
    errorCode: row.error_code,
  };
}
