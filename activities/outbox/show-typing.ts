import type { SendTarget } from "../../db/send-targets.ts";
import type { ActivityDeps } from "../deps.ts";
import { openTarget } from "./drain-outbox.ts";
import type { ConversationRef } from "./open-part.ts";

/** While the model thinks the customer sees that the words were read. Nobody waits for it, and nothing hangs on it. */
export async function showTyping(deps: ActivityDeps, ref: ConversationRef, row: SendTarget): Promise<void> {
  try {
    if (row.pageState !== "connected" || row.pausedUntil !== null) return;
    const { page, psid } = await openTarget(deps, ref, row);
    await deps.messenger.sendAction(page, psid, "mark_seen");
    await deps.messenger.sendAction(page, psid, "typing_on");
  } catch (error) {
    deps.log.info({ shopId: ref.shopId, customerId: ref.customerId, err: error }, "typing.not_shown");
  }
}
