import type { SimContext } from "../sim-context.ts";
import type { SimMessage } from "../world/world-types.ts";
import { newMid } from "./new-mid.ts";

type Needed = Pick<SimMessage, "pageId" | "psid" | "from">;

export function blankMessage(ctx: SimContext, needed: Needed & Partial<SimMessage>): SimMessage {
  return {
    mid: newMid(),
    seq: ctx.world.nextSeq(),
    at: ctx.now(),
    kind: "text",
    text: null,
    quickReplies: [],
    payload: null,
    metadata: null,
    appId: null,
    cards: [],
    objectId: null,
    deliveredAt: null,
    ...needed,
  };
}
