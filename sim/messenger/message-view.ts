import type { SimContext } from "../sim-context.ts";
import type { SimMessage } from "../world/world-types.ts";

/** Both directions in order, as `GET /customers/{psid}/messages` shows them. */
export function viewMessages(ctx: SimContext, pageId: string, psid: string) {
  const customer = ctx.world.findCustomer(pageId, psid);
  return ctx.world.listMessages(pageId, psid).map((message) => {
    const readUntil = (message.from === "page" ? customer?.readUntil : customer?.seenUntil) ?? 0;
    return {
      mid: message.mid,
      from: message.from,
      at: iso(message.at),
      kind: message.kind,
      text: message.text,
      quickReplies: message.quickReplies,
      payload: message.payload,
      metadata: message.metadata,
      appId: message.appId,
      ...(message.cards.length > 0 ? { cards: message.cards.map((card) => viewCard(ctx, card)) } : {}),
      ...(message.objectId === null ? {} : { imageUrl: objectUrl(ctx, message.objectId) }),
      ...(message.deliveredAt === null ? {} : { deliveredAt: iso(message.deliveredAt) }),
      ...(message.at <= readUntil ? { readAt: iso(readUntil) } : {}),
    };
  });
}

function viewCard(ctx: SimContext, card: SimMessage["cards"][number]) {
  return {
    title: card.title,
    subtitle: card.subtitle,
    imageUrl: card.objectId === null ? null : objectUrl(ctx, card.objectId),
    buttons: card.buttons,
  };
}

/** The chat page's own link, which does not expire: it is the customer's phone, not Meta's link. */
function objectUrl(ctx: SimContext, objectId: string): string {
  return `${ctx.baseUrl()}/chat/objects/${objectId}`;
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
