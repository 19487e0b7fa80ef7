import { findGatewayPayment, lockGatewayPayments, moveGatewayPayment } from "../../db/gateway-payments.ts";
import type { GatewayPaymentRow } from "../../db/gateway-payments.ts";
import {
  claimGatewayRefund,
  listGatewayRefunds,
  moveGatewayRefund,
  refundNumber,
} from "../../db/gateway-refunds.ts";
import type { GatewayRefundRow } from "../../db/gateway-refunds.ts";
import type { ShopId } from "../../domain/id.ts";
import { afterRefundLookUp, isRefusalInDoubt, lookAgainMs } from "../../domain/payment/gateway-payment.ts";
import type { RefundStanding } from "../../domain/payment/gateway-payment.ts";
import type { MerchantAccount, PaymentGateway } from "../../domain/ports/payment-gateway.ts";
import { isUnderWay } from "../order/gateway-money.ts";
import type { UpkeepDeps } from "../upkeep/upkeep-deps.ts";
import { gatewayLeaseMs } from "./check-payment.ts";
import { openMerchant } from "./open-merchant.ts";
import { paymentOwners } from "./payment-owners.ts";

const ringAgainMs = 10_000;

type Work = {
  refund: GatewayRefundRow;
  payment: GatewayPaymentRow;
  account: MerchantAccount;
  gateway: PaymentGateway;
};

/**
 * Takes a refund one step further with its provider. Safe to run twice, and beside itself: the work is claimed, that the
 * provider is asked is written down before it is, and the refund's number is the same whenever it is asked.
 */
export async function checkRefund(
  deps: UpkeepDeps,
  ref: { shopId: ShopId; refundId: string },
): Promise<void> {
  const now = deps.clock.now();
  const until = new Date(now.getTime() + gatewayLeaseMs);
  const { refund, payment } = await deps.db.withShop(ref.shopId, async (trx) => {
    const refund = await claimGatewayRefund(trx, { ...ref, now, until });
    const paymentId = refund?.payment_id;
    const payment = paymentId && (await findGatewayPayment(trx, { shopId: ref.shopId, paymentId }));
    return { refund, payment };
  });
  if (!refund || !payment) return;
  await deps.atStep("refund.claimed");
  if (refund.state === "done") return ringUntilBooked(deps, refund, payment);
  if (refund.state === "failed") return schedule(deps, refund, null);
  const account = await openMerchant(deps, payment);
  const work = { refund, payment, account, gateway: deps.gateways[payment.provider] };
  return refund.state === "requested" ? ask(deps, work) : lookUp(deps, work);
}

async function ask(deps: UpkeepDeps, work: Work): Promise<void> {
  const { refund, payment, account, gateway } = work;
  if (!(await become(deps, refund, { state: "unknown" }))) return;
  const asked = { ...work, refund: { ...refund, state: "unknown" as const } };
  await deps.atStep("refund.asking");
  const answer = await gateway.refund(account, {
    merchantOrderId: payment.merchant_order_id,
    refundNumber: refundNumber(refund),
    amount: { amountMinor: refund.amount_minor, currency: payment.currency },
  });
  await deps.atStep("refund.asked");
  switch (answer.outcome) {
    case "done":
      return settle(deps, asked, "done");
    case "not_reached":
      await become(deps, asked.refund, { state: "requested", next_check_at: nextLook(deps, refund) });
      return;
    case "refused": {
      // What is refused may have been done before, by a call whose answer was lost.
      const standing = await look(asked);
      if (standing === "absent" || standing === "failed") return refused(deps, asked, answer.code);
      return settle(deps, asked, standing);
    }
    case "under_way":
    case "unclear":
      return schedule(deps, asked.refund, nextLook(deps, refund));
  }
}

async function lookUp(deps: UpkeepDeps, work: Work): Promise<void> {
  const standing = await look(work);
  await deps.atStep("refund.looked");
  await settle(deps, work, standing);
}

function look({ refund, payment, account, gateway }: Work): Promise<RefundStanding> {
  const { merchant_order_id: merchantOrderId } = payment;
  return gateway.queryRefund(account, { merchantOrderId, refundNumber: refundNumber(refund) });
}

async function settle(deps: UpkeepDeps, work: Work, standing: RefundStanding): Promise<void> {
  const { refund, payment } = work;
  const state = afterRefundLookUp(standing, { isRefused: refund.refused_at !== null });
  switch (state) {
    case "requested":
      await become(deps, refund, { state, next_check_at: deps.clock.now() });
      return;
    case "unknown":
      return schedule(deps, refund, nextLook(deps, refund));
    case "failed":
      return refused(deps, work, refund.error_code ?? "REFUND_FAILED");
    case "done": {
      const now = deps.clock.now();
      const next_check_at = new Date(now.getTime() + ringAgainMs);
      const isNews = await become(deps, refund, { state, done_at: now, checks: 0, next_check_at });
      await deps.atStep("refund.done");
      if (isNews) await paymentOwners[payment.purpose].ring(deps, payment, { isLate: false });
    }
  }
}

/** Believed when it was said for a while. */
async function refused(deps: UpkeepDeps, work: Work, code: string): Promise<void> {
  const { refund } = work;
  const now = deps.clock.now();
  const refusedAt = refund.refused_at ?? now;
  if (!isRefusalInDoubt(refusedAt, now)) return fail(deps, work, code);
  const next_check_at = nextLook(deps, refund);
  await become(deps, refund, { refused_at: refusedAt, error_code: code, next_check_at });
}

/** The provider gives nothing back: the money is the customer's still, and the owner hears of it. */
async function fail(deps: UpkeepDeps, { refund, payment }: Work, code: string): Promise<void> {
  const { shop_id: shopId, id: refundId } = refund;
  const now = deps.clock.now();
  deps.log.warn({ shopId, refundId, code }, "gateway.refund_refused");
  await deps.db.withShop(shopId, async (trx) => {
    const owner = { shopId, purpose: payment.purpose, ownerId: payment.owner_id };
    const locked = (await lockGatewayPayments(trx, owner)).find(({ id }) => id === payment.id);
    const set = { state: "failed" as const, error_code: code, next_check_at: null };
    if (!(await moveGatewayRefund(trx, { shopId, refundId, from: "unknown", set, now }))) return;
    const others = await listGatewayRefunds(trx, { shopId, paymentIds: [payment.id] });
    const isOpen = others.some(isUnderWay);
    if (locked?.state === "refunding" && !isOpen) {
      const set = { state: "paid" as const, error_code: code };
      await moveGatewayPayment(trx, { shopId, paymentId: payment.id, from: "refunding", set, now });
    }
    const notice = { ...payment, amount_minor: refund.amount_minor };
    const key = `gateway:refund:${refundId}:refused`;
    await paymentOwners[payment.purpose].tellOfRefusal(trx, notice, { key, now });
  });
}

async function ringUntilBooked(
  deps: UpkeepDeps,
  refund: GatewayRefundRow,
  payment: GatewayPaymentRow,
): Promise<void> {
  if (refund.booked_at !== null || refund.done_at === null) return schedule(deps, refund, null);
  const now = deps.clock.now().getTime();
  await schedule(deps, refund, new Date(now + ringAgainMs));
  const isLate = now - refund.done_at.getTime() > deps.patience.lateMs;
  await paymentOwners[payment.purpose].ring(deps, payment, { isLate });
}

function become(
  deps: UpkeepDeps,
  { shop_id: shopId, id: refundId, state: from }: GatewayRefundRow,
  set: Parameters<typeof moveGatewayRefund>[1]["set"],
): Promise<boolean> {
  return deps.db.withShop(shopId, (trx) =>
    moveGatewayRefund(trx, { shopId, refundId, from, set, now: deps.clock.now() }),
  );
}

async function schedule(deps: UpkeepDeps, refund: GatewayRefundRow, at: Date | null): Promise<void> {
  await become(deps, refund, { next_check_at: at });
}

function nextLook({ clock }: UpkeepDeps, { checks }: GatewayRefundRow): Date {
  return new Date(clock.now().getTime() + lookAgainMs(checks - 1));
}
