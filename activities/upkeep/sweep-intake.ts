import { forgetHumanMode } from "../../db/conversations.ts";
import { listConversationsToRing, listOrdersToReview } from "../../db/system-sweeps.ts";
import type { UpkeepDeps } from "./upkeep-deps.ts";

const batch = 200;

export type SweepDeps = Pick<UpkeepDeps, "db" | "system" | "clock" | "processes" | "patience">;

/** Rings for whatever stays unclaimed: after a lost bell, an outage of Temporal, a worker that died, an ended human mode. */
export async function sweepIntake(deps: SweepDeps): Promise<number> {
  const now = deps.clock.now();
  const { waitedMs, lateMs } = deps.patience;
  const isLate = ({ since }: { since: Date }) => now.getTime() - since.getTime() > lateMs;
  const conversations = await listConversationsToRing(deps.system, { now, waitedMs, limit: batch });
  const rings = conversations.map((conversation) => async () => {
    await deps.processes.ringConversation({ ...conversation, isLate: isLate(conversation) });
    // After the bell, so that a lost one is rung again.
    await deps.db.withShop(conversation.shopId, (trx) => forgetHumanMode(trx, { ...conversation, now }));
  });
  const before = new Date(now.getTime() - waitedMs);
  const orders = await listOrdersToReview(deps.system, { before, limit: batch });
  await each([
    ...rings,
    ...orders.map((order) => () => deps.processes.ringOrder({ ...order, isLate: isLate(order) })),
  ]);
  return conversations.length + orders.length;
}

/** One that cannot be rung must not hold the others; the first failure is reported after all were tried. */
async function each(works: (() => Promise<void>)[]): Promise<void> {
  const failures: unknown[] = [];
  for (const work of works) await work().catch((error: unknown) => failures.push(error));
  if (failures.length > 0) throw failures[0];
}
