import { appendAudit } from "../../db/audit-events.ts";
import { destroyKeys as destroyKeyRows, getErasure, moveErasure } from "../../db/erasures.ts";
import { lockOpenHolds } from "../../db/holds.ts";
import { AppError } from "../../domain/app-error.ts";
import { purposesToDestroy } from "../../domain/privacy/erasure.ts";
import type { Purpose } from "../../domain/sealing.ts";
import type { HoldRow } from "../../db/holds.ts";
import type { ErasureRef } from "../../workflows/erasure.contract.ts";
import type { ErasureDeps } from "./erasure-deps.ts";

/**
 * The irreversible step. Whose keys go is noted outside the database first, so that a restored backup is erased again;
 * the holds are looked at once more in the transaction that destroys. Safe to run twice: the stage is left once, and an
 * entry that stands twice in the list is harmless.
 */
export async function destroyKeys(deps: ErasureDeps, ref: ErasureRef): Promise<void> {
  const { shopId, requestId, subjectId } = ref;
  const { stage, purposes } = await deps.db.withShop(shopId, async (trx) => ({
    stage: (await getErasure(trx, ref)).stage,
    purposes: unheld(await lockOpenHolds(trx, ref)),
  }));
  if (stage !== "cleared") return;
  const at = deps.clock.now();
  await deps.erasureList.append([{ shopId, subjectId, purposes, at }]);
  await deps.atStep("erasure.listed");
  await deps.db.withShop(shopId, async (trx) => {
    const erasure = await getErasure(trx, ref);
    const stillUnheld = unheld(await lockOpenHolds(trx, ref));
    if (purposes.some((purpose) => !stillUnheld.includes(purpose))) {
      throw new AppError("conflict", "erasure.hold_placed", { internal: `request ${requestId}` });
    }
    const destroyed = await destroyKeyRows(trx, { shopId, subjectId, purposes, now: at });
    const keys = JSON.stringify([...erasure.destroyed_keys, ...destroyed]);
    const set = { destroyed_keys: keys };
    if (!(await moveErasure(trx, { ...ref, from: "cleared", to: "unreadable", set }))) return;
    const event = { shopId, actorKind: "system" as const, actorId: null, subjectId, resourceId: requestId };
    const data = { purposes: destroyed.map(({ purpose }) => purpose).join() };
    await appendAudit(trx, { ...event, action: "erasure.keys_destroyed", data, now: at });
  });
  deps.forgetKeys(subjectId);
}

function unheld(holds: HoldRow[]): Purpose[] {
  return purposesToDestroy(
    "customer",
    holds.map(({ purpose, ended_at: endedAt }) => ({ purpose, endedAt })),
  );
}
