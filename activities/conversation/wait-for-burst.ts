import { setTimeout as wait } from "node:timers/promises";

import { peekWaiting } from "../../db/intake-claims.ts";
import type { Waiting } from "../../db/intake-claims.ts";
import type { TurnRef } from "../../workflows/conversation.contract.ts";
import type { ActivityDeps } from "../deps.ts";

/** Look again at least this often: another message may have made the burst longer. */
const longestNapMs = 500;

/**
 * Returns when nothing came for the quiet time, or the burst is as old as it may get, or there is none; with what waits
 * then.
 */
export async function waitForBurst(deps: ActivityDeps, ref: TurnRef): Promise<Waiting> {
  const { quietMs, maxBurstMs } = ref.timings;
  for (;;) {
    const waiting = await deps.db.withShop(ref.shopId, (trx) => peekWaiting(trx, ref));
    const { burst } = waiting;
    if (!burst) return waiting;
    const now = deps.clock.now().getTime();
    const leftMs = Math.min(burst.lastAt.getTime() + quietMs, burst.firstAt.getTime() + maxBurstMs) - now;
    if (leftMs <= 0) return waiting;
    await wait(Math.min(leftMs, longestNapMs));
  }
}
