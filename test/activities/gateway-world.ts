import { checkGateways } from "../../activities/gateway/check-gateways.ts";
import { decideOrder } from "../../activities/order/decide-order.ts";
import { createOrderActivities } from "../../activities/order/index.ts";
import { createKbzPay } from "../../clients/kbzpay.ts";
import { insertGatewayPayment } from "../../db/gateway-payments.ts";
import { moveStock } from "../../db/stock-moves.ts";
import { fromTypeId } from "../../domain/id.ts";
import type { OrderId, PaymentMethodId, ShopId } from "../../domain/id.ts";
import { signKbzFields } from "../../domain/payment/kbzpay-signature.ts";
import type { DecisionResult } from "../../workflows/order.contract.ts";
import { createOwnerWorld } from "../api/owner-world.ts";
import type { OwnerWorld } from "../api/owner-world.ts";
import { startTestSim } from "../sim/sim-harness.ts";
import { upkeepDeps } from "./upkeep-deps.ts";
import { anywhere } from "../support/egress.ts";

const merchant = { appId: "kp-test", merchantCode: "200001", merchantKey: "key-of-the-merchant" };
const totalMinor = 11_000;

export type GatewayOrder = { shopId: ShopId; orderId: OrderId; customerId: string };
export type WalletPayment = {
  merchantOrderId: string;
  code: string;
  amount: number;
  status: string;
  transactionId: string | null;
  refunds: { refundRequestNo: string; amount: number; status: string }[];
};
type FaultOf = { match: string; times?: number } & Record<string, unknown>;

/** Shops whose orders are paid at the simulated wallet, the worker's looks, and the order's own activities; no Temporal. */
export async function createGatewayWorld() {
  const world = await createOwnerWorld();
  // Its own callbacks go nowhere: the tests bring them, as the wallet signs them.
  const sim = await startTestSim({ webhookUrl: "http://127.0.0.1:9/", webhookTimings: { giveUpAfterMs: 0 } });
  const time = { steps: [] as string[], killAt: null as string | null, isTemporalAway: false };
  await callSim("PUT", `/payments/merchants/${merchant.merchantCode}`, {
    appId: merchant.appId,
    key: merchant.merchantKey,
  });

  async function callSim<Body>(method: string, path: string, body?: unknown): Promise<Body> {
    const response = await fetch(`${sim.url}${path}`, {
      method,
      headers: { "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return (text === "" ? undefined : JSON.parse(text)) as Body;
  }

  const kbzpay = createKbzPay({
    egress: anywhere,
    baseUrl: `${sim.url}/payments/gateway`,
    clock: world.deps.clock,
    timeoutMs: 400,
  });
  const shop = await addGatewayShop(world);
  const deps = upkeepDeps(world, {
    publicUrl: "http://127.0.0.1:9",
    gateways: { kbzpay },
    processes: {
      ringConversation: () => Promise.resolve(),
      ringErasure: () => Promise.resolve(),
      ringEvidence: () => Promise.resolve(),
      ringUpgrade: () => Promise.resolve(),
      ringPayout: () => Promise.resolve(),
      ringBreach: () => Promise.resolve(),
      ringPrivacyRequest: () => Promise.resolve(),
      ringSubscription: () => Promise.resolve(),
      tendPage: () => Promise.resolve(),
      sweepRetention: () => Promise.resolve(),
      // As the order's workflow does when it is rung.
      ringOrder: async (ref) => {
        if (time.isTemporalAway) throw new Error("temporal is away");
        let snapshot = await activities.loadOrder(ref);
        while (snapshot.hasUnjudgedEvidence) snapshot = await activities.reviewEvidence(ref);
      },
    },
    atStep: (step) => {
      time.steps.push(step);
      if (step !== time.killAt) return Promise.resolve();
      time.killAt = null;
      return Promise.reject(new Error(`killed at ${step}`));
    },
  });
  const activities = createOrderActivities(deps);

  return {
    ...world,
    sim,
    time,
    gatewayDeps: deps,
    activities,
    callSim,
    /** All in one shop. */
    addGatewayOrder: () => addGatewayOrder(world, shop),
    /** The next looks, as long as there is work, each after a minute: what backs off comes to its turn. */
    look: async (looks = 1) => {
      for (let look = 0; look < looks; look += 1) {
        await checkGateways(deps);
        if (look < looks - 1) world.passTime(60_000);
      }
    },
    arm: (fault: FaultOf) => callSim("POST", "/faults", { to: "payments", ...fault }),
    disarm: () => callSim("DELETE", "/faults"),
    wallet: async (): Promise<WalletPayment[]> => callSim("GET", "/payments/orders"),
    pay: (payment: Pick<WalletPayment, "code">, isForced = false) =>
      callSim<WalletPayment>("POST", "/payments/scans", { code: payment.code, isForced }),
    sendCallback: (payment: WalletPayment, set: Record<string, string> = {}, key = merchant.merchantKey) =>
      world.api.app.request("/webhooks/payments/kbzpay", {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ Request: callbackOf(payment, set, key) }),
      }),
    refund: (order: GatewayOrder, options: { key: string; amountMinor?: number }): Promise<DecisionResult> =>
      decideOrder(deps, {
        shopId: order.shopId,
        orderId: order.orderId,
        name: "refundOrder",
        updateId: options.key,
        request: {
          by: { accountId: null, apiKeyId: null },
          amountMinor: options.amountMinor ?? null,
          effectKey: options.key,
        },
      }),
    /** By the very number of the order's refund, as if a call had arrived whose answer said otherwise. */
    landRefund: async ({ orderId }: GatewayOrder) => {
      const { rows } = await world.owner.query<{ order: string; refund: string; amount: number }>(
        `select p.merchant_order_id as order, replace(r.id::text, '-', '') as refund, r.amount_minor::int as amount
          from gateway_refunds r join gateway_payments p on p.id = r.payment_id where p.owner_id = $1`,
        [orderId],
      );
      for (const { order: merchantOrderId, refund: refundNumber, amount: amountMinor } of rows) {
        const amount = { amountMinor, currency: "MMK" as const };
        await kbzpay.refund(merchant, { merchantOrderId, refundNumber, amount });
      }
    },
    rows: async <Row extends object>(sql: string, values: unknown[]) =>
      (await world.owner.query<Row>(sql, values)).rows,
    close: async () => {
      await sim.close();
      await world.close();
    },
  };
}

export type GatewayWorld = Awaited<ReturnType<typeof createGatewayWorld>>;

function callbackOf(payment: WalletPayment, set: Record<string, string>, key: string) {
  const fields = {
    appid: merchant.appId,
    notify_time: "1790000000",
    merch_code: merchant.merchantCode,
    merch_order_id: payment.merchantOrderId,
    mm_order_id: payment.transactionId ?? "0100999999999999",
    trans_currency: "MMK",
    total_amount: String(totalMinor),
    trade_status: "PAY_SUCCESS",
    nonce_str: crypto.randomUUID().replaceAll("-", ""),
    ...set,
  };
  return { ...fields, sign_type: "SHA256", sign: signKbzFields(fields, key) };
}

async function addGatewayShop(world: OwnerWorld) {
  const tenant = await world.addTenant();
  const answer = await world.ask("POST", "/v1/payment-methods", {
    token: tenant.owner,
    body: { kind: "gateway", name: "MMQR", gateway: { provider: "kbzpay", ...merchant } },
  });
  const paymentMethodId = fromTypeId<PaymentMethodId>("pm", answer.body.id);
  if (paymentMethodId === undefined) throw new TypeError("not a method's id");
  return { ...tenant, paymentMethodId };
}

/** Placed a moment ago, its stock reserved, its code still to be asked for. */
async function addGatewayOrder(
  world: OwnerWorld,
  { paymentMethodId, ...tenant }: Awaited<ReturnType<typeof addGatewayShop>>,
): Promise<GatewayOrder> {
  const { shopId } = tenant;
  const customer = await world.addCustomer(tenant);
  const now = world.deps.clock.now();
  const expiresAt = new Date(now.getTime() + 24 * 3_600_000);
  const { orderId, variantId } = await world.addOrder(customer, {
    set: {
      payment_kind: "gateway",
      payment_method_id: paymentMethodId,
      payment_due_at: expiresAt,
      evidence_hard_end_at: expiresAt,
    },
  });
  await world.worker.withShop(shopId, async (trx) => {
    const move = { shopId, actorId: null, now };
    await moveStock(trx, {
      ...move,
      kind: "initial",
      orderId: null,
      moves: [{ variantId, onHandDelta: 2, reservedDelta: 0 }],
    });
    await moveStock(trx, {
      ...move,
      kind: "reserve",
      orderId,
      moves: [{ variantId, onHandDelta: 0, reservedDelta: 2 }],
    });
    await insertGatewayPayment(trx, {
      shopId,
      purpose: "order",
      ownerId: orderId,
      attempt: 1,
      paymentMethodId,
      provider: "kbzpay",
      amount: { amountMinor: totalMinor, currency: "MMK" },
      expiresAt,
      now,
    });
  });
  return { shopId, orderId, customerId: customer.customerId };
}
