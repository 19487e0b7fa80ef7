import { appendAudit } from "../../db/audit-events.ts";
import type { ShopTransaction } from "../../db/connection.ts";
import { lockGatewayPayments, markPaymentBooked, markPaymentOwed } from "../../db/gateway-payments.ts";
import type { GatewayPaymentRow } from "../../db/gateway-payments.ts";
import { listGatewayRefunds, markRefundBooked } from "../../db/gateway-refunds.ts";
import { insertNotice } from "../../db/owner-notices.ts";
import { markReversalRefunded } from "../../db/plan-reversals.ts";
import { boughtOf, hasLaterRequest } from "../../db/upgrade-requests.ts";
import type { UpgradeChange, UpgradeRequestRow } from "../../db/upgrade-requests.ts";
import { newId } from "../../domain/id.ts";
import type { Invoicing } from "../../domain/invoice/invoice.ts";
import type { NoticeKind } from "../../domain/order/notice-texts.ts";
import { judgeMoney, purgeDueAt } from "../../domain/subscription/upgrade.ts";
import type { UpgradeRef, UpgradeSnapshot } from "../../workflows/upgrade.contract.ts";
import type { ActivityDeps } from "../deps.ts";
import { settlePayment } from "../gateway/settle-payment.ts";
import { ringSubscription } from "../subscription/ring-subscription.ts";
import { applyPayment } from "./apply-payment.ts";
import { meetDeadline } from "./deadlines.ts";

type Refunding = { row: UpgradeRequestRow; now: Date };
type Booking = Refunding & { invoicing: Invoicing };

/**
 * Books what the provider has confirmed: the price exactly approves the request without an admin, once; anything else
 * bought nothing and is owed. Safe to run twice: payments and refunds are marked in the same transaction.
 */
export async function bookUpgradeMoney(deps: ActivityDeps, ref: UpgradeRef): Promise<UpgradeSnapshot> {
  const snapshot = await meetDeadline(deps, ref, "bookUpgradeMoney", async (trx, { row, now }) => {
    const owner = { shopId: ref.shopId, purpose: "upgrade", ownerId: ref.requestId } as const;
    const payments = await lockGatewayPayments(trx, owner);
    let after = row;
    for (const payment of payments) {
      if (payment.state === "paid" && payment.booked_at === null) {
        after = await bookPayment(trx, payment, { row: after, invoicing: deps.invoicing, now });
      }
    }
    await bookRefunds(trx, payments, { row, now });
    return { ...changeOf(row, after), money_came_at: null };
  });
  if (snapshot.state === "approved") await ringSubscription(deps, ref);
  return snapshot;
}

function changeOf(row: UpgradeRequestRow, after: UpgradeRequestRow): UpgradeChange {
  if (after === row) return {};
  const { state, ended_at, purge_due_at, reference_index } = after;
  return { state, ended_at, purge_due_at, reference_index };
}

/** The request as it is after this payment. */
async function bookPayment(
  trx: ShopTransaction,
  payment: GatewayPaymentRow,
  booking: Booking,
): Promise<UpgradeRequestRow> {
  const { row, now } = booking;
  const { shop_id: shopId, id: paymentId } = payment;
  if (!(await markPaymentBooked(trx, { shopId, paymentId, now }))) return row;
  const judged = judgeMoney({
    state: row.state,
    priceMinor: row.amount_minor,
    paidMinor: payment.paid_minor,
    hasLater: await hasLaterRequest(trx, row),
  });
  if (judged === "approve") return approve(trx, payment, booking);
  await markPaymentOwed(trx, { shopId, paymentId, now });
  await tell(trx, payment, { ...booking, action: "upgrade.money_owed", kind: "upgrade_money_owed" });
  return row;
}

/** No transfer's reference counts any more: this money has a number of its own at the provider. */
async function approve(
  trx: ShopTransaction,
  payment: GatewayPaymentRow,
  booking: Booking,
): Promise<UpgradeRequestRow> {
  const { row, invoicing, now } = booking;
  const kind = boughtOf(row).kind === "plan" ? "upgrade_approved" : "top_up_approved";
  const invoiceNumber = await applyPayment(trx, { request: row, invoicing, now });
  await tell(trx, payment, { ...booking, action: "upgrade.approved", kind, invoiceNumber });
  const standing = { submittedAt: row.submitted_at, timings: row.timings };
  return {
    ...row,
    state: "approved",
    ended_at: now,
    purge_due_at: purgeDueAt(standing, now),
    reference_index: null,
  };
}

async function bookRefunds(
  trx: ShopTransaction,
  payments: GatewayPaymentRow[],
  { row, now }: Refunding,
): Promise<void> {
  const shopId = row.shop_id;
  const refunds = await listGatewayRefunds(trx, { shopId, paymentIds: payments.map(({ id }) => id) });
  for (const { id: refundId, payment_id: paymentId, state, booked_at: bookedAt } of refunds) {
    if (state !== "done" || bookedAt !== null) continue;
    await markRefundBooked(trx, { shopId, refundId, now });
    const payment = payments.find(({ id }) => id === paymentId);
    if (payment === undefined) continue;
    await settlePayment(trx, payment, now);
    await markReversalRefunded(trx, { shopId, gatewayPaymentId: paymentId, now });
  }
}

/** The log, and the owner. */
async function tell(
  trx: ShopTransaction,
  payment: GatewayPaymentRow,
  {
    row,
    now,
    action,
    kind,
    invoiceNumber,
  }: Refunding & { action: string; kind: NoticeKind; invoiceNumber?: string },
): Promise<void> {
  const { shop_id: shopId, id: paymentId, paid_minor: amountMinor, currency } = payment;
  const event = { shopId, actorKind: "system" as const, actorId: null, resourceId: row.id };
  await appendAudit(trx, { ...event, action, data: { amountMinor, currency, isByGateway: true }, now });
  const businessKey = `${row.id}:${action.replace("upgrade.", "")}:${paymentId}`;
  await insertNotice(trx, {
    shopId,
    id: newId(),
    kind,
    businessKey,
    data: { amountMinor, currency, ...(invoiceNumber === undefined ? {} : { invoiceNumber }) },
    now,
  });
}
