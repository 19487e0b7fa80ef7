import {
  claimGatewayPayment,
  insertGatewayPayment,
  moveGatewayPayment,
  scheduleGatewayPayment,
} from "../../db/gateway-payments.ts";
import type { GatewayPaymentRow } from "../../db/gateway-payments.ts";
import type { GatewayPaymentId, ShopId } from "../../domain/id.ts";
import { afterLookUp, lookAgainMs, nextPaymentStep } from "../../domain/payment/gateway-payment.ts";
import type { PaymentFacts } from "../../domain/payment/gateway-payment.ts";
import type { MerchantAccount, PaymentGateway, QueryAnswer } from "../../domain/ports/payment-gateway.ts";
import { indexReference } from "../order/seal-change.ts";
import type { UpkeepDeps } from "../upkeep/upkeep-deps.ts";
import { openMerchant } from "./open-merchant.ts";
import { paymentOwners } from "./payment-owners.ts";

/** Longer than the two calls of a look, each of 8 s, and the drawing of a code. */
export const gatewayLeaseMs = 60_000;
/** The provider's clock may be behind, and a payment that was begun in time may end late. */
const graceMs = 10 * 60_000;
const ringAgainMs = 10_000;
/** Once more after it was closed: news may have come meanwhile. */
const lastLookMs = 60_000;
/** A callback says more than the look at once after it may: so often, over some minutes, a closed payment is looked up. */
const looksAfterNews = 8;
/** What the provider refuses, a person must set right first. */
const afterRefusalMs = 5 * 60_000;

type PaymentRef = { shopId: ShopId; paymentId: GatewayPaymentId };

type Work = {
  payment: GatewayPaymentRow;
  facts: PaymentFacts;
  title: string;
  account: MerchantAccount;
  gateway: PaymentGateway;
};

/**
 * Takes a payment one step further with its provider. Safe to run twice, and beside itself: the work is claimed, every
 * step is a guarded update, and that the provider is asked is written down before it is.
 */
export async function checkPayment(deps: UpkeepDeps, ref: PaymentRef): Promise<void> {
  const now = deps.clock.now();
  const until = new Date(now.getTime() + gatewayLeaseMs);
  const payment = await deps.db.withShop(ref.shopId, (trx) =>
    claimGatewayPayment(trx, { ...ref, now, until }),
  );
  if (!payment) return;
  await deps.atStep("gateway.claimed");
  const { isWanted, title } = await paymentOwners[payment.purpose].describe(deps, payment);
  const facts = { state: payment.state, isWanted, isOver: isOver(payment, now) };
  const step = nextPaymentStep(facts);
  if (step === "rest") return rest(deps, payment);
  if (step === "drop") {
    await become(deps, payment, { state: "closed", next_check_at: null });
    return;
  }
  const account = await openMerchant(deps, payment);
  const work = { payment, facts, title, account, gateway: deps.gateways[payment.provider] };
  return step === "open" ? open(deps, work) : lookUp(deps, work);
}

function isOver({ state, expires_at: expiresAt }: GatewayPaymentRow, now: Date): boolean {
  const graceOf = state === "created" || state === "unknown" ? 0 : graceMs;
  return expiresAt.getTime() + graceOf <= now.getTime();
}

async function open(deps: UpkeepDeps, { payment, title, account, gateway }: Work): Promise<void> {
  const asked = { ...payment, state: "unknown" as const };
  if (!(await become(deps, payment, { state: "unknown" }))) return;
  await deps.atStep("gateway.asking");
  const answer = await gateway.createPayment(account, {
    merchantOrderId: payment.merchant_order_id,
    amount: { amountMinor: payment.amount_minor, currency: payment.currency },
    title,
    notifyUrl: `${deps.publicUrl}/webhooks/payments/${payment.provider}`,
    expiresInMs: payment.expires_at.getTime() - deps.clock.now().getTime(),
  });
  await deps.atStep("gateway.asked");
  switch (answer.outcome) {
    case "created": {
      const set = {
        state: "pending" as const,
        error_code: null,
        checks: 0,
        next_check_at: later(deps, lookAgainMs(0)),
      };
      const { shop_id: shopId, id: paymentId } = payment;
      return paymentOwners[payment.purpose].showCode(deps, payment, {
        code: answer.code,
        move: (trx) =>
          moveGatewayPayment(trx, { shopId, paymentId, from: "unknown", set, now: deps.clock.now() }),
      });
    }
    case "not_reached":
      await become(deps, asked, {
        state: "created",
        next_check_at: later(deps, lookAgainMs(payment.checks)),
      });
      return;
    case "refused":
      return refused(deps, asked, answer.code);
    case "known":
    case "unclear":
      return lookAgain(deps, asked);
  }
}

async function lookUp(deps: UpkeepDeps, work: Work): Promise<void> {
  const { payment, facts, account, gateway } = work;
  const answer = await gateway.queryPayment(account, payment.merchant_order_id);
  await deps.atStep("gateway.looked");
  const outcome = afterLookUp(facts, standingOf(payment, answer));
  switch (outcome.do) {
    case "wait":
      return isDoneWith(payment, answer) ? schedule(deps, payment, null) : lookAgain(deps, payment);
    case "ask_close": {
      const closed = await gateway.closePayment(account, payment.merchant_order_id);
      await deps.atStep("gateway.closed");
      return closed.outcome === "closed" ? close(deps, work) : lookAgain(deps, payment);
    }
    case "become":
      switch (outcome.state) {
        case "created":
          await become(deps, payment, { state: "created", next_check_at: deps.clock.now() });
          return;
        case "closed":
          return close(deps, work);
        case "paid":
          return answer.standing === "paid" ? paid(deps, payment, answer) : lookAgain(deps, payment);
      }
  }
}

/** It was closed, the provider says so as well, and no callback of the last minutes says otherwise. */
function isDoneWith({ state, checks }: GatewayPaymentRow, { standing }: QueryAnswer): boolean {
  const saysSo = standing === "closed" || standing === "absent";
  return state === "closed" && saysSo && checks > looksAfterNews;
}

/** Money in another currency than was asked for is no answer that anybody can act on. */
function standingOf({ currency }: GatewayPaymentRow, answer: QueryAnswer): QueryAnswer["standing"] {
  return answer.standing === "paid" && answer.amount.currency !== currency ? "unclear" : answer.standing;
}

/** A payment whose code nobody was shown makes place for the next one. */
async function close(deps: UpkeepDeps, { payment, facts }: Work): Promise<void> {
  const now = deps.clock.now();
  const { shop_id: shopId, id: paymentId, state: from } = payment;
  const isReplaced = from === "unknown" && facts.isWanted && !facts.isOver;
  await deps.db.withShop(shopId, async (trx) => {
    const set = {
      state: "closed" as const,
      checks: looksAfterNews,
      next_check_at: later(deps, lastLookMs),
    };
    if (!(await moveGatewayPayment(trx, { shopId, paymentId, from, set, now })) || !isReplaced) return;
    await insertGatewayPayment(trx, {
      shopId,
      purpose: payment.purpose,
      ownerId: payment.owner_id,
      attempt: payment.attempt + 1,
      paymentMethodId: payment.payment_method_id,
      provider: payment.provider,
      amount: { amountMinor: payment.amount_minor, currency: payment.currency },
      expiresAt: payment.expires_at,
      now,
    });
  });
}

async function paid(
  deps: UpkeepDeps,
  payment: GatewayPaymentRow,
  { amount, reference }: Extract<QueryAnswer, { standing: "paid" }>,
): Promise<void> {
  const isNews = await become(deps, payment, {
    state: "paid",
    paid_minor: amount.amountMinor,
    provider_index: await indexReference(deps, payment.shop_id, reference),
    paid_at: deps.clock.now(),
    error_code: null,
    checks: 0,
    next_check_at: later(deps, ringAgainMs),
  });
  await deps.atStep("gateway.paid");
  if (isNews) await paymentOwners[payment.purpose].ring(deps, payment, { isLate: false });
}

/** Paid and not booked: whoever books it was not told, or did not look. */
async function rest(deps: UpkeepDeps, payment: GatewayPaymentRow): Promise<void> {
  if (payment.state !== "paid" || payment.booked_at !== null || payment.paid_at === null) {
    return schedule(deps, payment, null);
  }
  await schedule(deps, payment, later(deps, ringAgainMs));
  const waitedMs = deps.clock.now().getTime() - payment.paid_at.getTime();
  const isLate = waitedMs > deps.patience.lateMs;
  await paymentOwners[payment.purpose].ring(deps, payment, { isLate });
}

async function refused(deps: UpkeepDeps, payment: GatewayPaymentRow, code: string): Promise<void> {
  const { shop_id: shopId, id: paymentId } = payment;
  const now = deps.clock.now();
  deps.log.warn({ shopId, paymentId, code }, "gateway.refused");
  const set = { state: "created" as const, error_code: code, next_check_at: later(deps, afterRefusalMs) };
  await deps.db.withShop(shopId, async (trx) => {
    if (!(await moveGatewayPayment(trx, { shopId, paymentId, from: "unknown", set, now }))) return;
    await paymentOwners[payment.purpose].tellOfRefusal(trx, payment, {
      key: `gateway:${paymentId}:refused`,
      now,
    });
  });
}

function become(
  deps: UpkeepDeps,
  payment: GatewayPaymentRow,
  set: Parameters<typeof moveGatewayPayment>[1]["set"],
): Promise<boolean> {
  const { shop_id: shopId, id: paymentId, state: from } = payment;
  return deps.db.withShop(shopId, (trx) =>
    moveGatewayPayment(trx, { shopId, paymentId, from, set, now: deps.clock.now() }),
  );
}

/** News that came during the look has set a time of its own, which stays. */
async function schedule(deps: UpkeepDeps, payment: GatewayPaymentRow, at: Date | null): Promise<void> {
  const { shop_id: shopId, id: paymentId, next_check_at: lease } = payment;
  if (lease === null) return;
  await deps.db.withShop(shopId, (trx) => scheduleGatewayPayment(trx, { shopId, paymentId, lease, at }));
}

function lookAgain(deps: UpkeepDeps, payment: GatewayPaymentRow): Promise<void> {
  return schedule(deps, payment, later(deps, lookAgainMs(payment.checks - 1)));
}

function later({ clock }: UpkeepDeps, ms: number): Date {
  return new Date(clock.now().getTime() + ms);
}
