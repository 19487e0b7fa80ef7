import { cdnUrl } from "../cdn/cdn-url.ts";
import type { SimContext } from "../sim-context.ts";
import type { SimMessage } from "../world/world-types.ts";
import { blankMessage } from "./blank-message.ts";
import { newMid } from "./new-mid.ts";
import { meetCustomer } from "./meet-customer.ts";

export type CustomerWords = {
  text?: string | undefined;
  image?: Uint8Array | undefined;
  quickReply?: { payload: string; title?: string | undefined } | undefined;
  postback?: { payload: string; title?: string | undefined } | undefined;
  stickerId?: number | undefined;
  /** A webhook item as it is; sender, recipient and timestamp are added where missing. */
  raw?: Record<string, unknown> | undefined;
};

type Saying = { pageId: string; psid: string; at?: number | undefined; replyTo?: string | undefined };
type Shape = { message: Partial<SimMessage>; body: (message: SimMessage) => Record<string, unknown> };

/** The small like button; Meta sends stickers as type `sticker` since 30 Aug 2026. */
export const likeStickerId = 369_239_263_222_822;

/** The customer writes to the Page: the message is kept, the window opens, the webhook goes out. */
export function customerSays(
  ctx: SimContext,
  saying: Saying,
  words: CustomerWords,
): { mid: string; at: number }[] {
  const { pageId, psid } = saying;
  const at = saying.at ?? ctx.now();
  meetCustomer(ctx, pageId, psid);
  const said = shapesOf(ctx, saying, words).map(({ message, body }) => {
    const kept = blankMessage(ctx, { pageId, psid, from: "customer", at, ...message });
    ctx.world.putMessage(kept);
    ctx.webhooks.enqueue({
      pageId,
      psid,
      mid: kept.mid,
      item: { ...header(pageId, psid, at), ...body(kept) },
    });
    return { mid: kept.mid, at };
  });
  if (words.raw) said.push(sayRaw(ctx, { pageId, psid, at }, words.raw));
  const customer = meetCustomer(ctx, pageId, psid);
  ctx.world.putCustomer({ ...customer, lastActionAt: Math.max(customer.lastActionAt ?? 0, at) });
  ctx.live.emit({ type: "changed", pageId, psid });
  return said;
}

function shapesOf(ctx: SimContext, saying: Saying, words: CustomerWords): Shape[] {
  const replyTo = saying.replyTo === undefined ? {} : { reply_to: { mid: saying.replyTo } };
  const shapes: Shape[] = [];
  if (words.image) {
    const objectId = ctx.world.addObject(words.image).id;
    const attachment = { type: "image", payload: { url: cdnUrl(ctx, objectId) } };
    shapes.push({
      message: { kind: "image", objectId },
      body: ({ mid }) => ({ message: { mid, ...replyTo, attachments: [attachment] } }),
    });
  }
  if (words.stickerId !== undefined) shapes.push(stickerShape(ctx, words.stickerId));
  if (words.text !== undefined) {
    const text = words.text;
    shapes.push({ message: { text }, body: ({ mid }) => ({ message: { mid, ...replyTo, text } }) });
  }
  if (words.quickReply) {
    const { payload } = words.quickReply;
    const text = words.quickReply.title ?? titleOf(ctx, saying, payload);
    shapes.push({
      message: { kind: "quick_reply", text, payload },
      body: ({ mid }) => ({ message: { mid, text, quick_reply: { payload } } }),
    });
  }
  if (words.postback) {
    const { payload } = words.postback;
    const title = words.postback.title ?? titleOf(ctx, saying, payload);
    shapes.push({
      message: { kind: "postback", text: title, payload },
      body: ({ mid }) => ({ postback: { mid, title, payload } }),
    });
  }
  return shapes;
}

function stickerShape(ctx: SimContext, stickerId: number): Shape {
  const payload = { url: `${ctx.baseUrl()}/chat/like.png`, sticker_id: stickerId };
  return {
    message: { kind: "sticker", text: "👍" },
    body: ({ mid }) => ({ message: { mid, attachments: [{ type: "sticker", payload }] } }),
  };
}

function titleOf(ctx: SimContext, { pageId, psid }: Saying, payload: string): string {
  for (const message of ctx.world.listMessages(pageId, psid).toReversed()) {
    const buttons = message.cards.flatMap((card) => card.buttons);
    const choice = [...message.quickReplies, ...buttons].find((one) => one.payload === payload);
    if (choice) return choice.title;
  }
  return payload;
}

function sayRaw(
  ctx: SimContext,
  saying: { pageId: string; psid: string; at: number },
  raw: Record<string, unknown>,
): { mid: string; at: number } {
  const { pageId, psid, at } = saying;
  const inner = raw["message"];
  const fields = typeof inner === "object" && inner !== null ? (inner as Record<string, unknown>) : undefined;
  const mid = typeof fields?.["mid"] === "string" ? fields["mid"] : newMid();
  const text = typeof fields?.["text"] === "string" ? fields["text"] : null;
  if (fields && !ctx.world.findMessage(pageId, mid)) {
    ctx.world.putMessage(blankMessage(ctx, { pageId, psid, from: "customer", at, mid, text, kind: "other" }));
  }
  const message = fields ? { message: { mid, ...fields } } : {};
  ctx.webhooks.enqueue({ pageId, psid, mid, item: { ...header(pageId, psid, at), ...raw, ...message } });
  return { mid, at };
}

function header(pageId: string, psid: string, at: number): Record<string, unknown> {
  return { sender: { id: psid }, recipient: { id: pageId }, timestamp: at };
}
