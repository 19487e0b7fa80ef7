import { appendAudit } from "../../db/audit-events.ts";
import type { ShopTransaction } from "../../db/connection.ts";
import { grantCredits } from "../../db/credits.ts";
import { getShop } from "../../db/shops.ts";
import { insertTopUpPayment } from "../../db/top-up-payments.ts";
import { findTopUp } from "../../db/top-ups.ts";
import type { UpgradeRequestRow } from "../../db/upgrade-requests.ts";
import { AppError } from "../../domain/app-error.ts";
import { newId } from "../../domain/id.ts";
import type { PlanPaymentId, UpgradeRequestId } from "../../domain/id.ts";
import { addDays } from "../../domain/subscription/calendar.ts";
import type { TopUpRef } from "../../domain/subscription/top-up.ts";

/**
 * The one place in which the money of a package of credits has its effects, in the transaction of the approval: the
 * payment is booked and the credits are granted. The plan stays as it is, and nobody earns a commission. Safe to run
 * twice: a request has one payment, and without it nothing else happens. Its counterpart is `reversePlanPayment`.
 */
export async function applyTopUp(
  trx: ShopTransaction,
  { request, topUp, now }: { request: UpgradeRequestRow; topUp: TopUpRef; now: Date },
): Promise<void> {
  const { shop_id: shopId, id: requestId } = request;
  const money = { amountMinor: request.amount_minor, currency: request.currency };
  const payment = {
    shopId,
    id: newId<PlanPaymentId>(),
    requestId,
    topUp,
    money,
    payerAccountId: request.requested_by,
    paidAt: now,
  };
  if (!(await insertTopUpPayment(trx, payment))) return;
  const bought = await findTopUp(trx, topUp);
  if (!bought) throw new AppError("internal", "top_up.not_found", { internal: `top-up ${topUp.topUpCode}` });
  const { time_zone: timeZone } = await getShop(trx, { shopId });
  const expiresAt = addDays(now, bought.validDays, timeZone);
  await appendAudit(trx, {
    shopId,
    actorKind: "system",
    actorId: null,
    action: "credits.topped_up",
    resourceId: requestId,
    data: {
      topUpCode: bought.code,
      topUpVersion: bought.version,
      ...money,
      credits: bought.credits,
      expiresAt: expiresAt.toISOString(),
    },
    now,
  });
  await grantCredits(trx, {
    shopId,
    kind: "top_up",
    credits: bought.credits,
    expiresAt,
    effectKey: topUpGrantKey(requestId),
    now,
  });
}

/** Once for each payment. */
export function topUpGrantKey(requestId: UpgradeRequestId): string {
  return `top_up:${requestId}`;
}
