import { deleteLooseObject } from "../../db/loose-objects.ts";
import { listLooseObjects } from "../../db/system-sweeps.ts";
import type { UpkeepDeps } from "./upkeep-deps.ts";

const batch = 100;

export type LooseObjectDeps = Pick<UpkeepDeps, "db" | "system" | "clock" | "objects" | "log">;

/**
 * Removes the bytes that no row names any more, or never came to name. Safe to run twice: bytes first, their note last.
 * Answers how many are gone.
 */
export async function removeLooseObjects(deps: LooseObjectDeps): Promise<number> {
  const due = await listLooseObjects(deps.system, { now: deps.clock.now(), limit: batch });
  let removed = 0;
  for (const object of due) {
    try {
      await deps.objects.remove(object.objectId);
      await deps.db.withShop(object.shopId, (trx) => deleteLooseObject(trx, object));
      removed += 1;
    } catch (error) {
      // One object's trouble must not hold the others; it stays due.
      deps.log.error({ ...object, err: error }, "object.not_removed");
    }
  }
  return removed;
}
