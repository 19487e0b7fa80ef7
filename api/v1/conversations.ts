import { createRoute, z } from "@hono/zod-openapi";
import type { Context } from "hono";

import type { ShopTransaction } from "../../db/connection.ts";
import {
  clearPersonAsked,
  findConversation,
  listConversations,
  setConversationAgent,
} from "../../db/conversation-queries.ts";
import { beginHumanMode, endHumanMode, lockConversation } from "../../db/conversations.ts";
import { getShop } from "../../db/shops.ts";
import type { CustomerId } from "../../domain/id.ts";
import type { ApiEnv } from "../env.ts";
import { problems } from "../problem.ts";
import { scoped } from "../route.ts";
import { createRouter } from "../router.ts";
import { audit } from "./audit.ts";
import { ConversationPageSchema, ConversationSchema, toConversation } from "./conversations.schema.ts";
import { found, notFound, pathId, pathParams } from "./fields.schema.ts";
import { listQuery, readTimeCursor, timePlace, toPage } from "./list.ts";
import { jsonAnswer, jsonBody } from "./route-parts.ts";

export const conversationRoutes = createRouter();

const path = "/v1/conversations/{customerId}";
const params = pathParams("customerId", "cus");
const answer = jsonAnswer("The conversation as it is now", ConversationSchema);
const flag = z.enum(["true", "false"]).optional();

const listRoute = createRoute(
  scoped("conversations.read", {
    operationId: "listConversations",
    method: "get",
    path: "/v1/conversations",
    tags: ["Conversations"],
    request: {
      query: z.strictObject({
        ...listQuery,
        isWaitingForPerson: flag,
        mode: z.enum(["human"]).optional(),
      }),
    },
    responses: {
      200: jsonAnswer("The conversations, by last message, newest first", ConversationPageSchema),
    },
  }),
);

conversationRoutes.openapi(listRoute, async (c) => {
  const { deps, actor } = c.var;
  const { limit, cursor, isWaitingForPerson, mode } = c.req.valid("query");
  const now = deps.clock.now();
  const filter = {
    shopId: actor.shopId,
    limit: limit + 1,
    ...readTimeCursor(cursor),
    ...(isWaitingForPerson === undefined ? {} : { isWaitingForPerson: isWaitingForPerson === "true" }),
    ...(mode === undefined ? {} : { inHumanModeAt: now }),
  };
  const rows = await deps.db.withShop(actor.shopId, (trx) => listConversations(trx, filter));
  const page = toPage(rows, limit, (row) => timePlace(row.last_at, row.customer_id));
  return c.json({ ...page, data: page.data.map((row) => toConversation(row, now)) }, 200);
});

const getRoute = createRoute(
  scoped("conversations.read", {
    operationId: "getConversation",
    method: "get",
    path,
    tags: ["Conversations"],
    request: { params },
    responses: { 200: jsonAnswer("The conversation", ConversationSchema), ...problems(404) },
  }),
);

conversationRoutes.openapi(getRoute, async (c) => {
  const customerId = pathId<CustomerId>("cus", c.req.valid("param").customerId);
  return c.json(await withConversation(c, customerId, async () => undefined), 200);
});

const takeOverRoute = createRoute(
  scoped("conversations.write", {
    operationId: "takeOverConversation",
    method: "post",
    path: `${path}/take-over`,
    tags: ["Conversations"],
    description:
      "The agent is silent from this instant, even if it is thinking; only a message that was on its way may still arrive. " +
      "Repeating it starts the time anew.",
    request: { params },
    responses: { 200: answer, ...problems(404) },
  }),
);

conversationRoutes.openapi(takeOverRoute, async (c) => {
  const customerId = pathId<CustomerId>("cus", c.req.valid("param").customerId);
  const body = await withConversation(c, customerId, async (trx) => {
    await startHumanMode(trx, c, customerId);
    await audit(trx, c, { action: "conversation.taken_over", subjectId: customerId, resourceId: customerId });
  });
  return c.json(body, 200);
});

const giveBackRoute = createRoute(
  scoped("conversations.write", {
    operationId: "giveBackConversation",
    method: "post",
    path: `${path}/give-back`,
    tags: ["Conversations"],
    description: "The agent answers again, first what nobody has answered.",
    request: { params },
    responses: { 200: answer, ...problems(404) },
  }),
);

conversationRoutes.openapi(giveBackRoute, async (c) => {
  const { shopId } = c.var.actor;
  const customerId = pathId<CustomerId>("cus", c.req.valid("param").customerId);
  const body = await withConversation(c, customerId, async (trx) => {
    await lockConversation(trx, { shopId, customerId });
    await endHumanMode(trx, { shopId, customerId });
    await audit(trx, c, { action: "conversation.given_back", subjectId: customerId, resourceId: customerId });
  });
  c.var.background(ring(c, customerId));
  return c.json(body, 200);
});

const agentRoute = createRoute(
  scoped("conversations.write", {
    operationId: "setConversationAgent",
    method: "put",
    path: `${path}/agent`,
    tags: ["Conversations"],
    description:
      "Turns the agent on or off for this customer, until it is changed again. Switched on, it answers what is written " +
      "from then on; what came before is left to a person.",
    request: {
      params,
      body: jsonBody(z.strictObject({ isEnabled: z.boolean() }).openapi("SetConversationAgent")),
    },
    responses: { 200: answer, ...problems(404) },
  }),
);

conversationRoutes.openapi(agentRoute, async (c) => {
  const { deps, actor } = c.var;
  const { shopId } = actor;
  const customerId = pathId<CustomerId>("cus", c.req.valid("param").customerId);
  const { isEnabled } = c.req.valid("json");
  const body = await withConversation(c, customerId, async (trx) => {
    const now = deps.clock.now();
    if (!(await setConversationAgent(trx, { shopId, customerId, isEnabled, now }))) throw notFound("cus");
    const event = { subjectId: customerId, resourceId: customerId, data: { isEnabled } };
    await audit(trx, c, { action: "conversation.agent_set", ...event });
  });
  return c.json(body, 200);
});

/** Runs the change and reads the conversation in one transaction. */
async function withConversation(
  c: Context<ApiEnv>,
  customerId: CustomerId,
  fn: (trx: ShopTransaction) => Promise<void>,
) {
  const { deps, actor } = c.var;
  const { shopId } = actor;
  const row = await deps.db.withShop(shopId, async (trx) => {
    await fn(trx);
    return found(await findConversation(trx, { shopId, customerId }), "cus");
  });
  return toConversation(row, deps.clock.now());
}

/** A person speaks now: under the conversation's lock, and for as long as the shop has set. */
export async function startHumanMode(
  trx: ShopTransaction,
  c: Context<ApiEnv>,
  customerId: CustomerId,
): Promise<void> {
  const { deps, actor } = c.var;
  const { shopId } = actor;
  const { conversation_timings: timings } = await getShop(trx, { shopId });
  const until = new Date(deps.clock.now().getTime() + timings.humanModeMs);
  await lockConversation(trx, { shopId, customerId });
  await beginHumanMode(trx, { shopId, customerId, until });
  await clearPersonAsked(trx, { shopId, customerId });
}

/** Nobody waits for the ring; if it is lost, the sweeper finds what stays unclaimed. */
async function ring(c: Context<ApiEnv>, customerId: CustomerId): Promise<void> {
  const { deps, actor } = c.var;
  const { shopId } = actor;
  const { conversation_timings: timings } = await deps.db.withShop(shopId, (trx) => getShop(trx, { shopId }));
  await deps.processes.ringConversation({ shopId, customerId, timings });
}
