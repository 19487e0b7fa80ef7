import { appendAudit } from "../../db/audit-events.ts";
import type { ShopTransaction } from "../../db/connection.ts";
import { lockGatewayPayments, moveGatewayPayment } from "../../db/gateway-payments.ts";
import type { GatewayPaymentRow } from "../../db/gateway-payments.ts";
import { whyNotDecide } from "../../db/may-decide.ts";
import { markReversalRefunded } from "../../db/plan-reversals.ts";
import { lockUpgradeRequest } from "../../db/upgrade-requests.ts";
import type { UpgradeRequestRow } from "../../db/upgrade-requests.ts";
import type { DecideUpgrade, UpgradeDecisionResult } from "../../workflows/upgrade.contract.ts";
import type { ActivityDeps } from "../deps.ts";
import { askForRefund } from "./give-back.ts";
import { upgradeSnapshot } from "./upgrade-snapshot.ts";

type Refunding = Extract<DecideUpgrade, { name: "refundUpgradeMoney" }>;
type Said = Pick<UpgradeDecisionResult, "outcome" | "reason">;

const already: Said = { outcome: "already", reason: null };

/**
 * An admin gives back money that bought nothing: recorded here, carried out by the worker's loop under a number of its
 * own; or, what the provider has refused to give back, by a transfer that is made already. Safe to run twice: the payment
 * leaves `paid` once.
 */
export async function refundUpgradeMoney(
  deps: ActivityDeps,
  decision: Refunding,
): Promise<UpgradeDecisionResult> {
  const now = deps.clock.now();
  const { row, said } = await deps.db.withShop(decision.shopId, async (trx) => {
    const row = await lockUpgradeRequest(trx, decision);
    return { row, said: await refund(trx, { row, decision, now }) };
  });
  await deps.atStep("upgrade.committed");
  return { ...said, snapshot: upgradeSnapshot(row, now) };
}

async function refund(
  trx: ShopTransaction,
  { row, decision, now }: { row: UpgradeRequestRow; decision: Refunding; now: Date },
): Promise<Said> {
  const { shopId, requestId, request } = decision;
  const { accountId } = request.by;
  const reason = await whyNotDecide(trx, row, accountId);
  if (reason !== null) return { outcome: "refused", reason };
  const owner = { shopId, purpose: "upgrade", ownerId: requestId } as const;
  const payment = (await lockGatewayPayments(trx, owner)).find(({ id }) => id === request.paymentId);
  if (payment === undefined || payment.owed_at === null) {
    return { outcome: "refused", reason: "upgrade.money_not_owed" };
  }
  if (payment.state !== "paid") return already;
  const isByHand = request.way === "transfer";
  // Only the provider's refusal makes it sure that it does not go back twice.
  if (isByHand && payment.error_code === null)
    return { outcome: "refused", reason: "upgrade.money_not_refused" };
  const { paid_minor: amountMinor, currency } = payment;
  const effectKey = `${requestId}:${request.effectKey}`;
  const isFirst = isByHand
    ? await wasTransferred(trx, payment, now)
    : await askForRefund(trx, payment, { effectKey, requestedBy: accountId, now });
  if (!isFirst) return already;
  await appendAudit(trx, {
    shopId,
    actorKind: "admin",
    actorId: accountId,
    action: isByHand ? "upgrade.money_transferred_back" : "upgrade.money_refunded",
    resourceId: requestId,
    data: { amountMinor, currency },
    now,
  });
  return { outcome: "decided", reason: null };
}

/** By the word of the admin who has sent it. */
async function wasTransferred(
  trx: ShopTransaction,
  { shop_id: shopId, id: paymentId }: GatewayPaymentRow,
  now: Date,
): Promise<boolean> {
  const move = { shopId, paymentId, from: "paid", set: { state: "refunded" } } as const;
  if (!(await moveGatewayPayment(trx, { ...move, now }))) return false;
  await markReversalRefunded(trx, { shopId, gatewayPaymentId: paymentId, now });
  return true;
}
