import { appendAudit } from "../../db/audit-events.ts";
import { reverseCommissions } from "../../db/commissions.ts";
import type { ShopTransaction } from "../../db/connection.ts";
import { reverseGrant } from "../../db/credits.ts";
import { whyNotDecide } from "../../db/may-decide.ts";
import { insertNotice } from "../../db/owner-notices.ts";
import {
  finishPlanReversal,
  insertPlanReversal,
  lockPlanReversal,
  setRefundWay,
} from "../../db/plan-reversals.ts";
import { findPlatformPayment } from "../../db/platform-payments.ts";
import type { PlatformPaymentRow } from "../../db/platform-payments.ts";
import type { SubscriptionRow } from "../../db/subscriptions.ts";
import { boughtOf, lockUpgradeRequest } from "../../db/upgrade-requests.ts";
import { newId } from "../../domain/id.ts";
import type { AccountId, PlanPaymentId, ShopId } from "../../domain/id.ts";
import type { ReversePlanPayment } from "../../workflows/subscription.contract.ts";
import { issueCreditNote } from "../invoice/issue-invoice.ts";
import { planGrantKey } from "../upgrade/apply-plan-payment.ts";
import { topUpGrantKey } from "../upgrade/apply-top-up.ts";
import { giveBack } from "../upgrade/give-back.ts";
import type { Said } from "./said.ts";
import { shortenPeriod } from "./shorten-period.ts";

type Deciding = { row: SubscriptionRow; request: ReversePlanPayment; now: Date };
type Reversing = Deciding & { payment: PlatformPaymentRow; reversalId: string; by: AccountId };

/** Before the subscription, as an approval holds it: the money of a request is moved under its lock. */
export async function lockRequestOfPayment(
  trx: ShopTransaction,
  { shopId, paymentId }: { shopId: ShopId; paymentId: PlanPaymentId },
): Promise<void> {
  const payment = await findPlatformPayment(trx, { shopId, paymentId });
  if (payment) await lockUpgradeRequest(trx, { shopId, requestId: payment.request_id });
}

/**
 * The money of a plan or of a package is gone: the counterpart of `applyPlanPayment` and `applyTopUp`, of the whole payment
 * and once for each. Above the configured amount the first admin only proposes it, and another one must say the same. Under
 * `lockRequestOfPayment` and `lockSubscription`.
 */
export async function reversePlanPayment(trx: ShopTransaction, deciding: Deciding): Promise<Said> {
  const { row, request, now } = deciding;
  const { shop_id: shopId } = row;
  const { paymentId, kind, reasonNoteId, needsSecondApproval } = request;
  const payment = await findPlatformPayment(trx, { shopId, paymentId });
  if (!payment) return { refused: "plan_payment.not_found" };
  const reversal = await lockPlanReversal(trx, { shopId, paymentId });
  if (reversal?.state === "done") return "already";
  const by = request.by.accountId;
  const reason = await whyNotDecide(trx, { shop_id: shopId, requested_by: payment.payer_account_id }, by);
  if (reason !== null || by === null) return { refused: reason ?? "upgrade.no_person" };
  // What this confirms was withdrawn meanwhile, and perhaps proposed anew by somebody for another reason.
  const { reversalId = null } = request;
  if (reversalId !== null && reversalId !== reversal?.id) return { refused: "plan_payment.not_proposed" };
  if (reversal) {
    if (reversal.proposed_by === by) return "already";
    if (reversal.kind !== kind) return { refused: "plan_payment.other_reversal" };
    await finishPlanReversal(trx, { shopId, id: reversal.id, approvedBy: by, now });
    await reverse(trx, { ...deciding, payment, reversalId: reversal.id, by });
    return "decided";
  }
  const id = newId<string>();
  const bought = boughtOf(payment).kind;
  const proposed = {
    shopId,
    id,
    paymentId,
    bought,
    kind,
    needsSecondApproval,
    reasonNoteId,
    proposedBy: by,
    now,
  };
  await insertPlanReversal(trx, proposed);
  if (needsSecondApproval) {
    const data = { kind, amountMinor: payment.amount_minor, currency: payment.currency };
    const event = { shopId, actorKind: "admin" as const, actorId: by, resourceId: paymentId };
    await appendAudit(trx, { ...event, action: "plan_payment.reversal_proposed", data, now });
  } else {
    await reverse(trx, { ...deciding, payment, reversalId: id, by });
  }
  return "decided";
}

/** Locks as an approval does: the subscription, commissions, grants, and the series of numbers last. */
async function reverse(trx: ShopTransaction, reversing: Reversing): Promise<void> {
  const { request, payment, reversalId, by, now } = reversing;
  const {
    shop_id: shopId,
    id: paymentId,
    request_id: requestId,
    amount_minor: amountMinor,
    currency,
  } = payment;
  if (request.kind === "refund") {
    const gatewayPaymentId = await giveBack(trx, { shopId, paymentId, requestId, by, now });
    await setRefundWay(trx, { shopId, id: reversalId, gatewayPaymentId });
  }
  const { bought, kind, lost } = await takeBack(trx, reversing);
  await appendAudit(trx, {
    shopId,
    actorKind: "admin",
    actorId: by,
    action: "plan_payment.reversed",
    resourceId: paymentId,
    data: { kind: request.kind, ...bought, amountMinor, currency, ...lost },
    now,
  });
  const creditNoteNumber = await issueCreditNote(trx, { shopId, requestId, now });
  await insertNotice(trx, {
    shopId,
    id: newId(),
    kind,
    businessKey: `${paymentId}:reversed`,
    data: { amountMinor, currency, ...(creditNoteNumber === null ? {} : { creditNoteNumber }) },
    now,
  });
}

/** What the payment has bought, as far as it is left. Credits that were used are nobody's debt. */
async function takeBack(trx: ShopTransaction, { row, payment, reversalId, now }: Reversing) {
  const { shop_id: shopId, id: paymentId, request_id: requestId, amount_minor: refundedMinor } = payment;
  const bought = boughtOf(payment);
  switch (bought.kind) {
    case "plan": {
      const days = await shortenPeriod(trx, { row, paymentId, now });
      const commissions = await reverseCommissions(trx, {
        paymentId,
        refundId: reversalId,
        refundedMinor,
        now,
      });
      const credits = (await reverseGrant(trx, { shopId, effectKey: planGrantKey(requestId), now })) ?? 0;
      return {
        bought: { planCode: bought.planCode },
        kind: "plan_reversed" as const,
        lost: { days, commissions, credits },
      };
    }
    case "top_up": {
      const credits = (await reverseGrant(trx, { shopId, effectKey: topUpGrantKey(requestId), now })) ?? 0;
      return {
        bought: { topUpCode: bought.topUpCode },
        kind: "top_up_reversed" as const,
        lost: { credits },
      };
    }
  }
}
