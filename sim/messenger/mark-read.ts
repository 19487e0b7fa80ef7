import type { SimContext } from "../sim-context.ts";

/** The customer has everything on the screen; a read webhook goes out if that is news. */
export function markRead(ctx: SimContext, pageId: string, psid: string): boolean {
  const customer = ctx.world.findCustomer(pageId, psid);
  const newest = ctx.world.listMessages(pageId, psid).findLast((message) => message.from === "page");
  if (!customer || !newest || newest.at <= customer.readUntil) return false;
  const watermark = Math.max(newest.at, ctx.now());
  ctx.world.putCustomer({ ...customer, readUntil: watermark });
  ctx.webhooks.enqueue({
    pageId,
    psid,
    item: { sender: { id: psid }, recipient: { id: pageId }, timestamp: watermark, read: { watermark } },
  });
  ctx.live.emit({ type: "changed", pageId, psid });
  return true;
}
