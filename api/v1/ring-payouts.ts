import type { Context } from "hono";

import { listPayoutsToRing } from "../../db/payout-queries.ts";
import type { ParticipantId } from "../../domain/id.ts";
import type { ApiEnv } from "../env.ts";

/**
 * Lets the participant's payouts look again at what stands in their way. They look by themselves as well: with Temporal
 * away they only do it later.
 */
export function ringPayouts(c: Context<ApiEnv>, participantId: ParticipantId): void {
  const { deps, background } = c.var;
  const ring = async () => {
    const payouts = await deps.db.withoutShop((trx) => listPayoutsToRing(trx, participantId));
    for (const payout of payouts) await deps.processes.ringPayout(payout);
  };
  background(
    ring().catch((err: unknown) => {
      deps.log.warn({ participantId, err }, "payout.ring_failed");
    }),
  );
}
