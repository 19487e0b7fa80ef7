import { appendAudit } from "../../db/audit-events.ts";
import { reverseCommissions } from "../../db/commissions.ts";
import type { ShopTransaction } from "../../db/connection.ts";
import { reverseGrant } from "../../db/credits.ts";
import { whyNotDecide } from "../../db/may-decide.ts";
import { insertNotice } from "../../db/owner-notices.ts";
import { lockPlanPayment, setScheduledMonths } from "../../db/plan-payments.ts";
import type { PlanPaymentRow } from "../../db/plan-payments.ts";
import { findPlanReversal, finishPlanReversal, insertPlanReversal } from "../../db/plan-reversals.ts";
import { getShop } from "../../db/shops.ts";
import { changeSubscription, paidPeriodOf } from "../../db/subscriptions.ts";
import type { SubscriptionRow } from "../../db/subscriptions.ts";
import { newId } from "../../domain/id.ts";
import type { AccountId } from "../../domain/id.ts";
import { wholeDaysBetween } from "../../domain/subscription/calendar.ts";
import { periodWithout } from "../../domain/subscription/period-without.ts";
import type { ReversePlanPayment } from "../../workflows/subscription.contract.ts";
import { issueCreditNote } from "../invoice/issue-invoice.ts";
import { planGrantKey } from "../upgrade/apply-plan-payment.ts";
import type { Said } from "./said.ts";

type Deciding = { row: SubscriptionRow; request: ReversePlanPayment; now: Date };
type Reversing = Deciding & { payment: PlanPaymentRow; reversalId: string; by: AccountId };

/**
 * The money of a plan is gone: the counterpart of `applyPlanPayment`, of the whole payment and once for each. Above the
 * configured amount the first admin only proposes it, and another one must say the same. Under `lockSubscription`.
 */
export async function reversePlanPayment(trx: ShopTransaction, deciding: Deciding): Promise<Said> {
  const { row, request, now } = deciding;
  const { shop_id: shopId } = row;
  const { paymentId, kind, reasonNoteId, needsSecondApproval } = request;
  const payment = await lockPlanPayment(trx, { shopId, paymentId });
  if (!payment) return { refused: "plan_payment.not_found" };
  const reversal = await findPlanReversal(trx, { shopId, paymentId });
  if (reversal?.state === "done") return "already";
  const by = request.by.accountId;
  const reason = await whyNotDecide(trx, { shop_id: shopId, requested_by: payment.payer_account_id }, by);
  if (reason !== null || by === null) return { refused: reason ?? "upgrade.no_person" };
  if (reversal) {
    if (reversal.proposed_by === by) return "already";
    if (reversal.kind !== kind) return { refused: "plan_payment.other_reversal" };
    await finishPlanReversal(trx, { shopId, id: reversal.id, approvedBy: by, now });
    await reverse(trx, { ...deciding, payment, reversalId: reversal.id, by });
    return "decided";
  }
  const id = newId<string>();
  const proposed = { shopId, id, paymentId, kind, needsSecondApproval, reasonNoteId, proposedBy: by, now };
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
  const { row, request, payment, reversalId, by, now } = reversing;
  const { shop_id: shopId, id: paymentId, amount_minor: amountMinor, currency } = payment;
  const days = await shortenPeriod(trx, reversing);
  await insertNotice(trx, {
    shopId,
    id: newId(),
    kind: "plan_reversed",
    businessKey: `${paymentId}:reversed`,
    data: { amountMinor, currency },
    now,
  });
  const refund = { paymentId, refundId: reversalId, refundedMinor: amountMinor, now };
  const commissions = await reverseCommissions(trx, refund);
  const credits = await reverseGrant(trx, { shopId, effectKey: planGrantKey(payment.request_id), now });
  await appendAudit(trx, {
    shopId,
    actorKind: "admin",
    actorId: by,
    action: "plan_payment.reversed",
    resourceId: paymentId,
    data: {
      kind: request.kind,
      planCode: row.plan_code,
      amountMinor,
      currency,
      days,
      commissions,
      credits: credits ?? 0,
    },
    now,
  });
  await issueCreditNote(trx, { shopId, requestId: payment.request_id, now });
}

/** Takes the payment's money out of what runs, or of what waits for the end of it; answers how many days that costs. */
async function shortenPeriod(trx: ShopTransaction, { row, payment, now }: Reversing): Promise<number> {
  const { shop_id: shopId } = row;
  await setScheduledMonths(trx, { shopId, paymentId: payment.id, months: 0 });
  if (payment.scheduled_months > 0) {
    const set = {
      scheduled_months: row.scheduled_months - payment.scheduled_months,
      scheduled_worth_minor: row.scheduled_worth_minor - payment.amount_minor,
    };
    await changeSubscription(trx, { from: row, set, now });
    return 0;
  }
  const running = paidPeriodOf(row, row.currency);
  if (running === null || payment.worth_minor === 0) return 0;
  const { time_zone: timeZone } = await getShop(trx, { shopId });
  const left = periodWithout(running, { worthMinor: payment.worth_minor, now, timeZone });
  const isShorter = left.endsAt < running.endsAt;
  const set = {
    ends_at: left.endsAt,
    worth_minor: left.worthMinor,
    ...(isShorter ? { reminded_before_ms: null } : {}),
  };
  await changeSubscription(trx, { from: row, set, now });
  return wholeDaysBetween(left.endsAt, running.endsAt);
}
