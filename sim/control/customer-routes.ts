import type { OpenAPIHono } from "@hono/zod-openapi";
import { createRoute, z } from "@hono/zod-openapi";
import { blankMessage } from "../messenger/blank-message.ts";
import { customerSays, likeStickerId } from "../messenger/customer-says.ts";
import { markRead } from "../messenger/mark-read.ts";
import { viewMessages } from "../messenger/message-view.ts";
import { pageSays } from "../messenger/page-says.ts";
import { meetCustomer } from "../messenger/meet-customer.ts";
import type { SimContext } from "../sim-context.ts";
import { ControlProblem } from "./control-problem.ts";
import {
  CustomerWordsBody,
  EchoBody,
  fromBase64,
  MessageBody,
  PageIdParam,
  PageIdQuery,
  PsidParam,
  SaidBody,
  toMs,
} from "./control-schemas.ts";
import { jsonBody, jsonAnswer } from "./route-parts.ts";

const listMessagesRoute = createRoute({
  method: "get",
  path: "/customers/{psid}/messages",
  operationId: "listCustomerMessages",
  summary: "Both directions of a conversation in order",
  request: { params: PsidParam, query: PageIdQuery },
  responses: { 200: jsonAnswer(z.array(MessageBody), "The messages") },
});

const sayRoute = createRoute({
  method: "post",
  path: "/customers/{psid}/messages",
  operationId: "sendCustomerMessage",
  summary: "The customer writes, sends a picture, taps a quick reply or a button",
  request: { params: PsidParam, body: jsonBody(CustomerWordsBody) },
  responses: { 201: jsonAnswer(SaidBody, "Said; the webhook is on its way") },
});

const readRoute = createRoute({
  method: "post",
  path: "/customers/{psid}/read",
  operationId: "markCustomerRead",
  summary: "The customer has read everything; sends a read webhook if that is news",
  request: { params: PsidParam, query: PageIdQuery },
  responses: { 200: jsonAnswer(z.object({ isNews: z.boolean() }), "Done") },
});

const listCustomersRoute = createRoute({
  method: "get",
  path: "/customers",
  operationId: "listCustomers",
  summary: "Customers of a Page, the latest first",
  request: { query: PageIdQuery },
  responses: {
    200: jsonAnswer(
      z.array(z.object({ psid: z.string(), pageId: z.string(), lastActionAt: z.string().nullable() })),
      "The customers",
    ),
  },
});

const echoRoute = createRoute({
  method: "post",
  path: "/pages/{pageId}/echoes",
  operationId: "sendHumanMessage",
  summary:
    "A person writes in Business Suite, or another app does: the product sees an echo that is not its own",
  request: { params: PageIdParam, body: jsonBody(EchoBody) },
  responses: { 201: jsonAnswer(z.object({ mid: z.string() }), "Said") },
});

export function addCustomerRoutes(app: OpenAPIHono, ctx: SimContext): void {
  app.openapi(listCustomersRoute, (c) => {
    const customers = ctx.world.listCustomers(knownPage(ctx, c.req.valid("query").pageId));
    const latestFirst = customers.toSorted((a, b) => (b.lastActionAt ?? 0) - (a.lastActionAt ?? 0));
    return c.json(
      latestFirst.map(({ psid, pageId, lastActionAt }) => ({
        psid,
        pageId,
        lastActionAt: lastActionAt === null ? null : new Date(lastActionAt).toISOString(),
      })),
      200,
    );
  });
  app.openapi(listMessagesRoute, (c) => {
    const pageId = knownPage(ctx, c.req.valid("query").pageId);
    return c.json(viewMessages(ctx, pageId, c.req.valid("param").psid), 200);
  });
  app.openapi(sayRoute, (c) => {
    const { psid } = c.req.valid("param");
    const { sticker, imageBase64, at, replyTo, ...words } = c.req.valid("json");
    const pageId = knownPage(ctx, words.pageId);
    const said = customerSays(
      ctx,
      { pageId, psid, at: toMs(at), replyTo },
      {
        ...words,
        image: imageBase64 === undefined ? undefined : fromBase64(imageBase64),
        stickerId: sticker === true ? likeStickerId : sticker,
      },
    );
    const first = said[0];
    if (!first)
      throw new ControlProblem(
        400,
        "nothing_said",
        "Give text, imageBase64, quickReply, postback, sticker or raw",
      );
    const mids = said.map(({ mid }) => mid);
    return c.json({ mid: first.mid, mids, psid, pageId, at: new Date(first.at).toISOString() }, 201);
  });
  app.openapi(readRoute, (c) => {
    const pageId = knownPage(ctx, c.req.valid("query").pageId);
    return c.json({ isNews: markRead(ctx, pageId, c.req.valid("param").psid) }, 200);
  });
  app.openapi(echoRoute, (c) => {
    const pageId = knownPage(ctx, c.req.valid("param").pageId);
    const { psid, text, imageBase64, appId, metadata, at } = c.req.valid("json");
    if (text === undefined && imageBase64 === undefined) {
      throw new ControlProblem(400, "nothing_said", "Give text or imageBase64");
    }
    meetCustomer(ctx, pageId, psid);
    const object = imageBase64 === undefined ? null : ctx.world.addObject(fromBase64(imageBase64));
    const message = blankMessage(ctx, {
      pageId,
      psid,
      from: "page",
      appId,
      at: toMs(at) ?? ctx.now(),
      kind: object ? "image" : "text",
      text: text ?? null,
      metadata: metadata ?? null,
      objectId: object?.id ?? null,
    });
    pageSays(ctx, message);
    return c.json({ mid: message.mid }, 201);
  });
}

function knownPage(ctx: SimContext, pageId: string | undefined): string {
  const id = pageId ?? ctx.defaultPageId;
  if (!ctx.world.findPage(id)) throw new ControlProblem(404, "unknown_page", `There is no Page ${id}`);
  return id;
}
