import { getConversation } from "../../db/conversations.ts";
import { evidenceReminderAt, findEvidence, readingPlace } from "../../db/payment-evidence.ts";
import type { EvidenceRow } from "../../db/payment-evidence.ts";
import { getShop } from "../../db/shops.ts";
import type { ShopRow } from "../../db/shops.ts";
import { AppError } from "../../domain/app-error.ts";
import { texts } from "../../domain/conversation/texts.ts";
import type { CustomerTexts } from "../../domain/conversation/customer-texts.ts";
import type { ProofReading } from "../../domain/payment/proof-reading.ts";
import type { EvidenceRef, EvidenceSnapshot } from "../../workflows/evidence.contract.ts";
import type { ActivityDeps } from "../deps.ts";
import { decodeReading } from "../../domain/payment/proof-reading.ts";

/** A slip and what a decision about it looks at, opened. */
export type EvidenceView = {
  slip: EvidenceRow & { opened: ProofReading | null };
  shop: ShopRow;
  say: CustomerTexts;
  now: Date;
};

export async function readEvidenceView(
  deps: ActivityDeps,
  { shopId, evidenceId }: EvidenceRef,
): Promise<EvidenceView> {
  const { row, shop, language } = await deps.db.withShop(shopId, async (trx) => {
    const row = await findEvidence(trx, { shopId, evidenceId });
    if (!row) throw new AppError("not_found", "evidence.not_found", { internal: `evidence ${evidenceId}` });
    const conversation = await getConversation(trx, { shopId, customerId: row.customer_id });
    return { row, shop: await getShop(trx, { shopId }), language: conversation.language };
  });
  const [plaintext] = await deps.sealer.open([{ place: readingPlace(row), sealed: row.reading }]);
  const opened = plaintext === undefined ? null : decodeReading(plaintext);
  return { slip: { ...row, opened }, shop, say: texts(language), now: deps.clock.now() };
}

export function evidenceSnapshot(view: EvidenceView): EvidenceSnapshot {
  const { activityTimeoutMs, activityRetryMs } = view.shop.order_timings;
  return {
    version: 1,
    isUnmatched: view.slip.state === "unmatched",
    waitMs: Math.max(
      0,
      evidenceReminderAt(view.slip, view.shop.order_timings).getTime() - view.now.getTime(),
    ),
    activity: { timeoutMs: activityTimeoutMs, retryMs: activityRetryMs },
  };
}
