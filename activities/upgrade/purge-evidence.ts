import { appendAudit } from "../../db/audit-events.ts";
import { deleteLooseObject, insertLooseObjects } from "../../db/loose-objects.ts";
import { deleteUpgradeEvidence } from "../../db/upgrade-evidence.ts";
import type { ObjectId } from "../../domain/id.ts";
import type { UpgradeRef, UpgradeSnapshot } from "../../workflows/upgrade.contract.ts";
import type { ActivityDeps } from "../deps.ts";
import { meetDeadline } from "./deadlines.ts";

/**
 * Destroys the key of a request and removes its pictures; what was paid stays in the books. Safe to run twice: the rows go
 * once, and bytes that a dead process left are noted as loose, for `reconcile` to remove.
 */
export async function purgeUpgradeEvidence(deps: ActivityDeps, ref: UpgradeRef): Promise<UpgradeSnapshot> {
  const { shopId, requestId } = ref;
  let objectIds: ObjectId[] = [];
  const snapshot = await meetDeadline(deps, ref, "purgeUpgradeEvidence", async (trx, { now }) => {
    // The bytes have the upload's id.
    objectIds = (await deleteUpgradeEvidence(trx, ref)) as string[] as ObjectId[];
    await insertLooseObjects(trx, { shopId, objectIds, dueAt: now });
    const event = { shopId, actorKind: "system" as const, actorId: null, resourceId: requestId };
    await appendAudit(trx, { ...event, action: "upgrade.purged", data: { pictures: objectIds.length }, now });
    return { purged_at: now, upload_id: null, reference_note_id: null, reason_note_id: null };
  });
  for (const objectId of objectIds) {
    await deps.objects.remove(objectId);
    await deps.db.withShop(shopId, (trx) => deleteLooseObject(trx, { shopId, objectId }));
  }
  return snapshot;
}
