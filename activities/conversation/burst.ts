import type { Waiting } from "../../db/intake-claims.ts";
import type { ConversationTimings } from "../../domain/conversation/timings.ts";

/** A burst's end only ever moves away, so nothing is missed before it; a worker that stops waits for whoever naps. */
const longestNapMs = 2_000;

/** How long to leave a burst alone before the next look; 0 when nothing came for the quiet time, or it is as old as it may get. */
export function napMs({ burst }: Waiting, { quietMs, maxBurstMs }: ConversationTimings, now: Date): number {
  if (!burst) return 0;
  const endsAt = Math.min(burst.lastAt.getTime() + quietMs, burst.firstAt.getTime() + maxBurstMs);
  return Math.min(longestNapMs, Math.max(0, endsAt - now.getTime()));
}
