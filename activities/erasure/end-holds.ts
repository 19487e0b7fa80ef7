import { appendAudit } from "../../db/audit-events.ts";
import { getErasure, moveErasure } from "../../db/erasures.ts";
import { endHolds as endHoldRows, holdBooks } from "../../db/holds.ts";
import type { ErasureRef } from "../../workflows/erasure.contract.ts";
import type { ErasureDeps } from "./erasure-deps.ts";

/**
 * An order that is over leaves its hold to the books, if money was paid. Safe to run twice: a leg that has begun, and is
 * not certified, is answered with true until it is.
 */
export async function endHolds(deps: ErasureDeps, ref: ErasureRef): Promise<boolean> {
  const { shopId, requestId, subjectId } = ref;
  return deps.db.withShop(shopId, async (trx) => {
    const erasure = await getErasure(trx, ref);
    if (erasure.stage !== "certified") return erasure.leg > 1;
    const now = deps.clock.now();
    await holdBooks(trx, { ...ref, now });
    if (!(await endHoldRows(trx, { ...ref, now }))) return false;
    const set = { leg: erasure.leg + 1, final_at: null };
    await moveErasure(trx, { ...ref, from: "certified", to: "closed", set });
    const event = { shopId, actorKind: "system" as const, actorId: null, subjectId, resourceId: requestId };
    await appendAudit(trx, { ...event, action: "erasure.hold_ended", data: { leg: set.leg }, now });
    return true;
  });
}
