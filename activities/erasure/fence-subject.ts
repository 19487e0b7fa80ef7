import { randomBytes } from "node:crypto";

import { appendAudit } from "../../db/audit-events.ts";
import { findPsidIndex, replacePsidIndex } from "../../db/customers.ts";
import { getErasure, moveErasure, setErasureState } from "../../db/erasures.ts";
import { insertSuppression } from "../../db/suppressions.ts";
import type { CustomerId } from "../../domain/id.ts";
import { indexForSuppression } from "../../domain/privacy/suppression.ts";
import type { ErasureRef } from "../../workflows/erasure.contract.ts";
import type { ErasureDeps } from "./erasure-deps.ts";

const indexLength = 16;

/**
 * From its commit on nothing is written, sent or asked for the person; whoever is at it has finished before. In the same
 * transaction the sender is unlinked: an event from before creates nothing, what they do later is a new person's.
 * Safe to run twice: the stage is left once.
 */
export async function fenceSubject(deps: ErasureDeps, ref: ErasureRef): Promise<void> {
  const { shopId, requestId, subjectId } = ref;
  const customerId = subjectId as CustomerId;
  const { erasure, sender } = await deps.db.withShop(shopId, async (trx) => ({
    erasure: await getErasure(trx, ref),
    sender: await findPsidIndex(trx, { shopId, customerId }),
  }));
  if (erasure.stage !== "planned") return;
  const senderIndex = sender && (await indexForSuppression(deps.blindIndexer, { shopId, ...sender }));
  await deps.atStep("erasure.indexed");
  await deps.db.withShop(shopId, async (trx) => {
    await setErasureState(trx, { ...ref, to: "erasing" });
    const now = deps.clock.now();
    if (!(await moveErasure(trx, { ...ref, from: "planned", to: "fenced", set: { fenced_at: now } }))) return;
    if (senderIndex) {
      const until = new Date(now.getTime() + erasure.timings.suppressionMs);
      await insertSuppression(trx, { shopId, senderIndex, erasedAt: now, until });
      await replacePsidIndex(trx, { shopId, customerId, psidIndex: randomBytes(indexLength) });
    }
    const event = { shopId, actorKind: "system" as const, actorId: null, subjectId, resourceId: requestId };
    await appendAudit(trx, { ...event, action: "erasure.begun", now });
  });
}
