import { decodeQR } from "qr/decode.js";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { eventually } from "../support/eventually.ts";
import { startHouse } from "../support/house.ts";
import type { House } from "../support/house.ts";
import {
  countHeard,
  decide,
  getOrder,
  hearsOnce,
  letExpire,
  openStory,
  orderBecomes,
  place,
  slip,
  stockOf,
  underReview,
} from "../support/order-story.ts";
import type { Story } from "../support/order-story.ts";
import type { SeenMessage } from "../support/people.ts";

let house: House;
beforeAll(async () => {
  house = await startHouse();
});
afterAll(() => house.close());

const gateway = {
  provider: "kbzpay",
  appId: "kp-flow",
  merchantCode: "400001",
  merchantKey: "key-of-the-flow",
};

/** A shop whose customers pay at the wallet. */
async function openGatewayStory(): Promise<Story> {
  const story = await openStory(house, { timings: { paymentDueMs: 600_000, expiryWarningMs: 300_000 } });
  await sim("PUT", `/payments/merchants/${gateway.merchantCode}`, {
    appId: gateway.appId,
    key: gateway.merchantKey,
  });
  const method = { kind: "gateway", name: "MMQR", gateway, isVisibleToCustomer: true };
  const answer = await story.owner.post("/v1/payment-methods", method);
  expect(answer.status).toBe(201);
  expect(await answer.text()).not.toContain(gateway.merchantKey);
  return story;
}

async function sim<Body>(method: string, path: string, body: unknown): Promise<Body> {
  const headers = { "content-type": "application/json" };
  const response = await fetch(`${house.sim.url}${path}`, { method, headers, body: JSON.stringify(body) });
  const text = await response.text();
  return (text === "" ? undefined : JSON.parse(text)) as Body;
}

/** As the customer's wallet reads it with its camera from the picture in the chat. */
async function scan({ customer }: Story, known = 0): Promise<string> {
  const picture = await eventually("a code comes", async () => {
    const pictures = (await customer.received()).filter(({ kind }: SeenMessage) => kind === "image");
    return pictures[known];
  });
  const bytes = Buffer.from(await (await fetch(picture.imageUrl ?? "")).arrayBuffer());
  const { data, info } = await sharp(bytes).ensureAlpha().raw().toBuffer({ resolveWithObject: true });
  return decodeQR({ data: new Uint8Array(data), width: info.width, height: info.height });
}

const pay = (code: string, isForced = false) => sim("POST", "/payments/scans", { code, isForced });

type GatewayPayments = { data: { orderId: string; state: string; paid: object; merchantOrderId: string }[] };

// Each story has a shop of its own.
describe.concurrent("an order", { timeout: 60_000 }, () => {
  test("M:MMSO-26 M:MMSO-29 an order is paid by the code in the chat, without the owner, and given back", async () => {
    const story = await openGatewayStory();
    const { owner, customer } = story;
    const order = await place(story, { method: "MMQR" });
    await pay(await scan(story));

    const paid = await orderBecomes(owner, order.id, { paymentState: "paid" });
    expect(paid.payments).toMatchObject([
      { kind: "payment", amount: { amountMinor: 47_500, currency: "MMK" } },
    ]);
    await hearsOnce(customer, "Paid: 47,500 MMK (MMQR)");
    expect(await stockOf(story)).toEqual({ onHand: 4, reserved: 0 });
    const { data } = await owner.get<GatewayPayments>(`/v1/gateway-payments?orderId=${order.id}`);
    expect(data).toMatchObject([
      { orderId: order.id, state: "paid", paid: { amountMinor: 47_500, currency: "MMK" } },
    ]);

    await decide(owner, order, "refund", { amountMinor: 47_500 });
    await orderBecomes(owner, order.id, { paymentState: "refunded", orderState: "cancelled" });
    await hearsOnce(customer, "has given back 47,500 MMK");
    const wallet = await sim<{ merchantOrderId: string; refunds: object[] }[]>(
      "GET",
      "/payments/orders",
      undefined,
    );
    const mine = wallet.find(({ merchantOrderId }) => merchantOrderId === data[0]?.merchantOrderId);
    expect(mine?.refunds).toMatchObject([{ amount: 47_500, status: "REFUND_SUCCESS" }]);
    expect(await stockOf(story)).toEqual({ onHand: 5, reserved: 0 });
  });

  test("an order that expired before its money came is open again, and paid once", async () => {
    const story = await openGatewayStory();
    const { owner, customer } = story;
    const order = await place(story, { method: "MMQR" });
    const code = await scan(story);
    await letExpire(story, order);
    await orderBecomes(owner, order.id, { orderState: "cancelled" });
    await pay(code, true);
    await orderBecomes(owner, order.id, { orderState: "placed", paymentState: "paid" });
    await customer.hearsText("is open again");
    await customer.hearsText("Paid: 47,500 MMK (MMQR)");
    expect(await countHeard(customer, "Paid: 47,500 MMK")).toBe(1);
    expect(await stockOf(story)).toEqual({ onHand: 4, reserved: 0 });
  });

  test("M:MMSO-17 is checked out at the provider, which confirms it, or by transfer, whose screenshot the owner confirms", async () => {
    const story = await openGatewayStory();
    const { owner, customer } = story;
    const atProvider = await place(story, { method: "MMQR" });
    await pay(await scan(story));
    await orderBecomes(owner, atProvider.id, { paymentState: "paid" });

    const byTransfer = await place(story);
    await customer.sendSlip(slip({ amountMinor: 47_500 }));
    const shown = await underReview(owner, byTransfer.id);
    expect(shown.evidence).toMatchObject([{ verdict: "matches" }]);
    expect((await getOrder(owner, byTransfer.id)).payments).toEqual([]);
    await decide(owner, shown, "confirm-payment");
    await hearsOnce(customer, "Paid: 47,500 MMK (KBZPay)");
    for (const { id } of [atProvider, byTransfer]) {
      const { paymentState, payments } = await getOrder(owner, id);
      expect([paymentState, payments.length]).toEqual(["paid", 1]);
    }
    expect(await stockOf(story)).toEqual({ onHand: 3, reserved: 0 });
  });
});
