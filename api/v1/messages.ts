import { createHash } from "node:crypto";
import { createRoute, z } from "@hono/zod-openapi";
import type { Context } from "hono";

import { findConversation, insertOwnerIntake, markSeen } from "../../db/conversation-queries.ts";
import { notifySender } from "../../db/outbox.ts";
import { findMessage, listConversationMessages } from "../../db/message-queries.ts";
import type { ListedMessage } from "../../db/message-queries.ts";
import { lockSubjectStates } from "../../db/subjects.ts";
import { decodeBody, encodeBody } from "../../domain/conversation/message-body.ts";
import { AppError } from "../../domain/app-error.ts";
import type { CustomerId, MessageId, ShopId } from "../../domain/id.ts";
import type { SealedPlace } from "../../domain/sealing.ts";
import { maskSecrets } from "../../domain/text/mask-secrets.ts";
import { normaliseText } from "../../domain/text/normalise-text.ts";
import type { ApiEnv } from "../env.ts";
import { idempotent } from "../idempotency.ts";
import { HttpProblem, problems } from "../problem.ts";
import { scoped } from "../route.ts";
import { createRouter } from "../router.ts";
import { audit, auditViewing } from "./audit.ts";
import { startHumanMode } from "./conversations.ts";
import { found, pathId, pathParams } from "./fields.schema.ts";
import { listQuery, readTimeCursor, timePlace, toPage } from "./list.ts";
import {
  MessagePageSchema,
  MessageSchema,
  SendMessageBody,
  picturesOf,
  toMessage,
} from "./messages.schema.ts";
import { pictureLink } from "./picture-links.ts";
import { jsonAnswer, jsonBody } from "./route-parts.ts";

export const messageRoutes = createRouter();

const path = "/v1/conversations/{customerId}/messages";
const params = pathParams("customerId", "cus");

const listRoute = createRoute(
  scoped("conversations.read", {
    operationId: "listMessages",
    method: "get",
    path,
    tags: ["Conversations"],
    description:
      "Both directions. Reading them is written into the audit log as one viewing; when a person does, they are unread " +
      "no more.",
    request: { params, query: z.strictObject(listQuery) },
    responses: { 200: jsonAnswer("The messages, newest first", MessagePageSchema), ...problems(404) },
  }),
);

messageRoutes.openapi(listRoute, async (c) => {
  const { deps, actor } = c.var;
  const { shopId } = actor;
  const customerId = pathId<CustomerId>("cus", c.req.valid("param").customerId);
  const { limit, cursor } = c.req.valid("query");
  const filter = { shopId, customerId, limit: limit + 1, ...readTimeCursor(cursor) };
  const rows = await deps.db.withShop(shopId, async (trx) => {
    const { unread } = found(await findConversation(trx, { shopId, customerId }), "cus");
    // A program that fetches messages has read nothing.
    if (unread > 0 && cursor === undefined && actor.accountId !== null) {
      await markSeen(trx, { shopId, customerId, now: deps.clock.now() });
    }
    const event = { action: "conversation.viewed", subjectId: customerId, resourceId: customerId };
    await auditViewing(trx, c, event);
    return listConversationMessages(trx, filter);
  });
  const page = toPage(rows, limit, (row) => timePlace(row.occurred_at, row.id));
  return c.json({ ...page, data: await present(c, customerId, page.data) }, 200);
});

const sendRoute = createRoute(
  idempotent(
    scoped("conversations.write", {
      operationId: "sendMessage",
      method: "post",
      path,
      tags: ["Conversations"],
      description:
        "Writes to the customer as a person: the agent is silent from now on. The message is sent within seconds; its " +
        "state tells what became of it.",
      request: { params, body: jsonBody(SendMessageBody) },
      responses: { 201: jsonAnswer("The message, queued", MessageSchema), ...problems(404, 409, 410) },
    }),
    readSentMessage,
  ),
);

messageRoutes.openapi(sendRoute, async (c) => {
  const { deps, actor, effect } = c.var;
  const { shopId, accountId } = actor;
  const customerId = pathId<CustomerId>("cus", c.req.valid("param").customerId);
  const text = withoutSecrets(normaliseText(c.req.valid("json").text));
  await deps.db.withShop(shopId, async (trx) =>
    found(await findConversation(trx, { shopId, customerId }), "cus"),
  );
  const id = effect.id as MessageId;
  const place = bodyPlace(shopId, customerId, id);
  const [body] = await deps.sealer.seal([{ place, plaintext: encodeBody({ text }) }]);
  if (body === undefined) throw new TypeError("nothing was sealed");
  const now = deps.clock.now();
  const row = await deps.db.withShop(shopId, async (trx) => {
    const states = await lockSubjectStates(trx, { shopId, subjectIds: [customerId] });
    if (states.get(customerId) !== "active") throw notReachable();
    await startHumanMode(trx, c, customerId);
    const intake = { shopId, id, kind: "owner_message" as const, customerId, body, actorId: accountId, now };
    await insertOwnerIntake(trx, { ...intake, eventKey: ownerEventKey("message", id) });
    await notifySender(trx, { shopId, customerId });
    await audit(trx, c, { action: "message.sent", subjectId: customerId, resourceId: id });
    return found(await findMessage(trx, { shopId, customerId, id }), "msg");
  });
  return c.json(toMessage(row, { text }, new Map()), 201);
});

/** As the rows tell it now: its state may have moved on, and its words may be erased. */
async function readSentMessage(c: Context<ApiEnv>) {
  const { deps, actor, effect } = c.var;
  const { shopId } = actor;
  const customerId = pathId<CustomerId>("cus", c.req.param("customerId") ?? "");
  const id = effect.id as MessageId;
  const row = await deps.db.withShop(shopId, (trx) => findMessage(trx, { shopId, customerId, id }));
  const [message] = row === undefined ? [] : await present(c, customerId, [row]);
  if (message === undefined || message.text === null) {
    throw new HttpProblem(
      410,
      "message.gone",
      "This message was taken in, and its words are no longer kept.",
    );
  }
  return message;
}

/** The same Idempotency-Key gives the same key, so that a repeated request meets its own row. */
export function ownerEventKey(what: "message" | "reason", id: string): Buffer {
  return createHash("sha256").update(`owner|${what}|${id}`).digest();
}

/** Intake, message and outbox part share one id, so the sealed body moves without being opened. */
function bodyPlace(shopId: ShopId, customerId: CustomerId, id: MessageId): SealedPlace {
  return { shopId, subjectId: customerId, purpose: "chat", field: "message.body", rowId: id };
}

async function present(c: Context<ApiEnv>, customerId: CustomerId, rows: readonly ListedMessage[]) {
  const { deps, actor } = c.var;
  const sealed = rows.flatMap(({ id, body }) =>
    body === null ? [] : [{ id, place: bodyPlace(actor.shopId, customerId, id), sealed: body }],
  );
  const opened = await deps.sealer.open(sealed);
  const bodies = new Map(
    sealed.flatMap(({ id }, index) => {
      const plaintext = opened[index];
      return plaintext === undefined ? [] : [[id, decodeBody(plaintext)] as const];
    }),
  );
  const objectIds = [...bodies.values()].flatMap(picturesOf);
  const links = await Promise.all(
    objectIds.map(async (id) => [id, await pictureLink(deps, actor, id)] as const),
  );
  const pictures = new Map(links);
  return rows.map((row) => toMessage(row, bodies.get(row.id), pictures));
}

/** Refused, not masked: the owner must know that the customer would not get what was typed. */
function withoutSecrets(text: string): string {
  if (maskSecrets(text).masked.length === 0) return text;
  throw new AppError("invalid", "message.contains_secret", {
    internal: "an owner's message holds a secret",
    public: "Card numbers, passwords and codes are neither stored nor sent.",
    errors: [{ pointer: "/text", message: "Must not contain a card number, password or code" }],
  });
}

function notReachable(): AppError {
  return new AppError("conflict", "customer.not_reachable", {
    internal: "the subject is not active",
    public: "This customer cannot be written to: their data is restricted or being deleted.",
  });
}
