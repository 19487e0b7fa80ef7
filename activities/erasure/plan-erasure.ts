import { appendAudit } from "../../db/audit-events.ts";
import { countRows } from "../../db/erasable-rows.ts";
import { findErasure, findSubject, getErasure, insertErasure } from "../../db/erasures.ts";
import type { ErasureRow } from "../../db/erasures.ts";
import { AppError } from "../../domain/app-error.ts";
import type { ErasureInput, ErasurePlan, ErasureRef } from "../../workflows/erasure.contract.ts";
import type { ErasureDeps } from "./erasure-deps.ts";

/** Counts what is there and writes it down. Safe to run twice: the first plan stays. */
export async function planErasure(deps: ErasureDeps, ref: ErasureRef): Promise<ErasurePlan> {
  const { shopId, requestId, subjectId } = ref;
  const now = deps.clock.now();
  const erasure = await deps.db.withShop(shopId, async (trx) => {
    const known = await findErasure(trx, ref);
    if (known) return known;
    const subject = await findSubject(trx, ref);
    if (!subject) throw refused("not_found", "subject.not_found", ref);
    if (subject.kind !== "customer") throw refused("invalid", "erasure.not_a_customer", ref);
    const plan = await countRows(trx, ref);
    const isFirst = await insertErasure(trx, { ...ref, timings: deps.erasureTimings, plan, now });
    if (isFirst) {
      await appendAudit(trx, {
        shopId,
        actorKind: "system",
        actorId: null,
        action: "erasure.planned",
        subjectId,
        resourceId: requestId,
        data: Object.fromEntries(plan.map(({ store, count }) => [store, count])),
        now,
      });
    }
    return findErasure(trx, ref);
  });
  if (!erasure) throw refused("invalid", "erasure.of_another_request", ref);
  if (erasure.subject_id !== subjectId) throw refused("invalid", "erasure.of_another_subject", ref);
  return toPlan(erasure);
}

export async function loadErasure(
  deps: ErasureDeps,
  { shopId, requestId }: ErasureInput,
): Promise<{ ref: ErasureRef; plan: ErasurePlan }> {
  const erasure = await deps.db.withShop(shopId, (trx) => getErasure(trx, { shopId, requestId }));
  return { ref: { shopId, requestId, subjectId: erasure.subject_id }, plan: toPlan(erasure) };
}

function toPlan({ timings }: ErasureRow): ErasurePlan {
  const { closeWaitMs, pollMs, keyCacheMs, holdCheckMs, finalCheckMs } = timings;
  return {
    version: 1,
    waits: { closeWaitMs, pollMs, keyCacheMs, holdCheckMs, finalCheckMs },
    activity: { timeoutMs: timings.activityTimeoutMs, retryMs: timings.activityRetryMs },
  };
}

function refused(kind: "not_found" | "invalid", code: string, ref: ErasureRef): AppError {
  return new AppError(kind, code, { internal: `request ${ref.requestId}, subject ${ref.subjectId}` });
}
