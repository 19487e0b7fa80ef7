import { setTimeout as wait } from "node:timers/promises";

import { peekBurst } from "../../db/intake-claims.ts";
import type { TurnRef } from "../../workflows/conversation.contract.ts";
import type { ActivityDeps } from "../deps.ts";

/** Look again at least this often: another message may have made the burst longer. */
const longestNapMs = 500;

/** Returns when nothing came for the quiet time, or the burst is as old as it may get, or there is none. */
export async function waitForBurst(deps: ActivityDeps, ref: TurnRef): Promise<void> {
  const { quietMs, maxBurstMs } = ref.timings;
  for (;;) {
    const burst = await deps.db.withShop(ref.shopId, (trx) => peekBurst(trx, ref));
    if (!burst) return;
    const now = deps.clock.now().getTime();
    const leftMs = Math.min(burst.lastAt.getTime() + quietMs, burst.firstAt.getTime() + maxBurstMs) - now;
    if (leftMs <= 0) return;
    await wait(Math.min(leftMs, longestNapMs));
  }
}
