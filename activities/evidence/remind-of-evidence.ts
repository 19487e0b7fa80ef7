import { insertNotice } from "../../db/owner-notices.ts";
import { evidenceReminderAt, postponeReminder } from "../../db/payment-evidence.ts";
import { newId } from "../../domain/id.ts";
import type { EvidenceRef, EvidenceSnapshot } from "../../workflows/evidence.contract.ts";
import type { ActivityDeps } from "../deps.ts";
import { evidenceSnapshot, readEvidenceView } from "./evidence-view.ts";

/**
 * The owner is told once more of a slip that nobody decided about, a first time after hours, then every day.
 * Safe to run twice: the next due date is written with the notice, from the one that was read.
 */
export async function remindOfEvidence(deps: ActivityDeps, ref: EvidenceRef): Promise<EvidenceSnapshot> {
  const view = await readEvidenceView(deps, ref);
  const { slip, shop, now } = view;
  const dueAt = evidenceReminderAt(slip, shop.order_timings);
  if (slip.state !== "unmatched" || dueAt > now) return evidenceSnapshot(view);
  const remindAt = new Date(now.getTime() + shop.order_timings.shipReminderMs);
  await deps.db.withShop(ref.shopId, async (trx) => {
    if (!(await postponeReminder(trx, { ...ref, from: slip.remind_at, to: remindAt }))) return;
    await insertNotice(trx, {
      shopId: ref.shopId,
      id: newId(),
      customerId: slip.customer_id,
      kind: "unmatched_evidence",
      businessKey: `${slip.id}:unmatched:${dueAt.getTime()}`,
      data: {},
      now,
    });
  });
  return evidenceSnapshot({ ...view, slip: { ...slip, remind_at: remindAt } });
}
