import { deleteRows } from "../../db/erasable-rows.ts";
import { getErasure, moveErasure } from "../../db/erasures.ts";
import { deleteLooseObject, insertLooseObjects, listDueObjects } from "../../db/loose-objects.ts";
import type { ObjectId } from "../../domain/id.ts";
import type { ErasureRef } from "../../workflows/erasure.contract.ts";
import type { ErasureDeps } from "./erasure-deps.ts";

const batch = 100;

/**
 * The rows in one transaction, their bytes after it. Safe to run twice: the stage is left once, and bytes are noted as
 * loose until they are gone.
 */
export async function removeRows(deps: ErasureDeps, ref: ErasureRef): Promise<void> {
  const { shopId } = ref;
  await deps.db.withShop(shopId, async (trx) => {
    const erasure = await getErasure(trx, ref);
    if (erasure.stage !== "proven") return;
    const { removed, objectIds } = await deleteRows(trx, ref);
    const sums = add(erasure.removed, removed);
    const set = { removed: JSON.stringify(sums) };
    if (!(await moveErasure(trx, { ...ref, from: "proven", to: "removed", set }))) return;
    await insertLooseObjects(trx, {
      shopId,
      objectIds: objectIds as ObjectId[],
      dueAt: deps.clock.now(),
    });
  });
  await deps.atStep("erasure.rows_removed");
  await removeBytes(deps, ref);
}

/** All loose bytes of the shop that are due: the person's are among them. */
async function removeBytes(deps: ErasureDeps, { shopId }: ErasureRef): Promise<void> {
  for (;;) {
    const now = deps.clock.now();
    const due = await deps.db.withShop(shopId, (trx) => listDueObjects(trx, { shopId, now, limit: batch }));
    for (const objectId of due) {
      await deps.objects.remove(objectId);
      await deps.db.withShop(shopId, (trx) => deleteLooseObject(trx, { shopId, objectId }));
    }
    if (due.length < batch) return;
  }
}

function add(sums: Record<string, number>, more: Record<string, number>): Record<string, number> {
  const names = new Set([...Object.keys(sums), ...Object.keys(more)]);
  return Object.fromEntries([...names].map((name) => [name, (sums[name] ?? 0) + (more[name] ?? 0)]));
}
