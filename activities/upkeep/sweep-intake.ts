import { endHumanMode, isHumanMode, lockConversation } from "../../db/conversations.ts";
import { listConversationsToRing, listOrdersToReview } from "../../db/system-sweeps.ts";
import type { ConversationToRing } from "../../db/system-sweeps.ts";
import type { UpkeepDeps } from "./upkeep-deps.ts";

/** What waited this long was not looked at by whoever should have rung. */
const waitedMs = 10_000;
const batch = 200;

export type SweepDeps = Pick<UpkeepDeps, "db" | "system" | "clock" | "processes">;

/** Rings for whatever stays unclaimed: after a lost bell, an outage of Temporal, a worker that died, an ended human mode. */
export async function sweepIntake(deps: SweepDeps): Promise<number> {
  const now = deps.clock.now();
  const conversations = await listConversationsToRing(deps.system, { now, waitedMs, limit: batch });
  for (const conversation of conversations) {
    await leaveHumanMode(deps, conversation);
    await deps.processes.ringConversation(conversation);
  }
  const before = new Date(now.getTime() - waitedMs);
  const orders = await listOrdersToReview(deps.system, { before, limit: batch });
  for (const order of orders) await deps.processes.ringOrder(order);
  return conversations.length + orders.length;
}

/** Its end is a time; the row is cleared so that it is noticed once. */
async function leaveHumanMode(deps: SweepDeps, ref: ConversationToRing): Promise<void> {
  await deps.db.withShop(ref.shopId, async (trx) => {
    const conversation = await lockConversation(trx, ref);
    const hasEnded = conversation.human_until !== null && !isHumanMode(conversation, deps.clock.now());
    if (hasEnded) await endHumanMode(trx, ref);
  });
}
