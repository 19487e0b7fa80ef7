import { cdnUrl } from "../cdn/cdn-url.ts";
import type { SimContext } from "../sim-context.ts";
import type { SimMessage } from "../world/world-types.ts";
import { markRead } from "./mark-read.ts";

/**
 * The Page's message reaches the customer: it is kept, then come the echo, the delivery and, if customers read at
 * once, the read webhook. `attachments` are those of the echo where they differ from a plain picture.
 */
export function pageSays(ctx: SimContext, message: SimMessage, attachments?: unknown[]): void {
  const { pageId, psid, mid, at } = message;
  const deliveredAt = Math.max(at, ctx.now());
  ctx.world.putMessage({ ...message, deliveredAt });
  ctx.webhooks.enqueue({
    pageId,
    psid,
    item: {
      sender: { id: pageId },
      recipient: { id: psid },
      timestamp: at,
      message: {
        is_echo: true,
        ...(message.appId === null ? {} : { app_id: looseId(message.appId) }),
        ...(message.metadata === null ? {} : { metadata: message.metadata }),
        mid,
        ...(message.text === null ? {} : { text: message.text }),
        ...echoAttachments(ctx, message, attachments),
      },
    },
  });
  ctx.webhooks.enqueue({
    pageId,
    psid,
    item: {
      sender: { id: psid },
      recipient: { id: pageId },
      timestamp: deliveredAt,
      delivery: { mids: [mid], watermark: deliveredAt },
    },
  });
  ctx.live.emit({ type: "typing", pageId, psid, isOn: false });
  if (ctx.autoRead) markRead(ctx, pageId, psid);
  ctx.live.emit({ type: "changed", pageId, psid });
}

function echoAttachments(ctx: SimContext, message: SimMessage, attachments: unknown[] | undefined): object {
  if (attachments) return { attachments };
  if (message.objectId === null) return {};
  const type = message.kind === "image" ? "image" : "file";
  return { attachments: [{ type, payload: { url: cdnUrl(ctx, message.objectId) } }] };
}

/** Meta writes app ids as bare numbers; ids that a number cannot hold exactly stay text. */
function looseId(id: string): string | number {
  const number = Number(id);
  return Number.isSafeInteger(number) && String(number) === id ? number : id;
}
