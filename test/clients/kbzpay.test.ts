import { afterAll, afterEach, beforeAll, expect, test } from "vitest";

import { createKbzPay } from "../../clients/kbzpay.ts";
import { findFreePort } from "../../runtime/free-port.ts";
import { startTestSim, postJson } from "../sim/sim-harness.ts";
import type { RunningSim } from "../../sim/start-sim.ts";
import { anywhere } from "../support/egress.ts";

const account = { appId: "kp-1", merchantCode: "300001", merchantKey: "the-merchants-key" };
const amount = { amountMinor: 47_500, currency: "MMK" } as const;
const clock = { now: () => new Date() };

let sim: RunningSim;
let gateway: ReturnType<typeof createKbzPay>;
let count = 0;
beforeAll(async () => {
  sim = await startTestSim({ webhookUrl: "http://127.0.0.1:9/", webhookTimings: { giveUpAfterMs: 0 } });
  await put(`/payments/merchants/${account.merchantCode}`, {
    appId: account.appId,
    key: account.merchantKey,
  });
  gateway = createKbzPay({ egress: anywhere, baseUrl: `${sim.url}/payments/gateway`, clock, timeoutMs: 400 });
});
afterAll(() => sim.close());
afterEach(() => fetch(`${sim.url}/faults`, { method: "DELETE" }));

function put(path: string, body: unknown) {
  const headers = { "content-type": "application/json" };
  return fetch(`${sim.url}${path}`, { method: "PUT", headers, body: JSON.stringify(body) });
}

function numbered() {
  count += 1;
  const merchantOrderId = `order${count}`;
  const notifyUrl = "http://127.0.0.1:9/webhooks/payments/kbzpay";
  return { merchantOrderId, amount, title: "Order A-1", notifyUrl, expiresInMs: 3_600_000 };
}

async function openOne() {
  const payment = numbered();
  const answer = await gateway.createPayment(account, payment);
  if (answer.outcome !== "created") throw new Error(`the payment is ${answer.outcome}`);
  return { ...payment, code: answer.code };
}

const pay = (code: string) => postJson(`${sim.url}/payments/scans`, { code });

test("a payment is opened, waits, is paid, and is given back once a number", async () => {
  const { merchantOrderId, code } = await openOne();
  expect(await gateway.queryPayment(account, merchantOrderId)).toEqual({ standing: "waiting" });
  await pay(code);
  expect(await gateway.queryPayment(account, merchantOrderId)).toEqual({
    standing: "paid",
    amount,
    reference: expect.stringMatching(/^0100\d+$/u) as string,
  });
  const refund = { merchantOrderId, refundNumber: "r1" };
  expect(await gateway.queryRefund(account, refund)).toBe("absent");
  expect(await gateway.refund(account, { ...refund, amount })).toEqual({ outcome: "done" });
  expect(await gateway.refund(account, { ...refund, amount }), "again").toEqual({ outcome: "unclear" });
  expect(await gateway.queryRefund(account, refund)).toBe("done");
});

test("what is closed cannot be paid any more", async () => {
  const { merchantOrderId, code } = await openOne();
  expect(await gateway.closePayment(account, merchantOrderId)).toEqual({ outcome: "closed" });
  expect((await pay(code)).status).toBe(409);
  expect(await gateway.queryPayment(account, merchantOrderId)).toEqual({ standing: "closed" });
});

test("a number that was used, one that is not there, and a wrong key are told apart", async () => {
  const payment = await openOne();
  expect(await gateway.createPayment(account, payment)).toEqual({ outcome: "known" });
  expect(await gateway.queryPayment(account, "nothere")).toEqual({ standing: "absent" });
  const wrong = { ...account, merchantKey: "another-key" };
  expect(await gateway.createPayment(wrong, numbered())).toEqual({ outcome: "refused", code: "SIGN_ERROR" });
});

const strange: [string, object][] = [
  ["no answer", { hang: true }],
  ["an answer that is lost", { dropAfter: true }],
  ["an error of the server", { status: 500 }],
  ["a page instead of JSON", { status: 200, body: "<html>" }],
  ["JSON of another form", { status: 200, body: { Response: "SUCCESS" } }],
  [
    "success without what belongs to it",
    { status: 200, body: { Response: { result: "SUCCESS", code: "0" } } },
  ],
  [
    "a wrong signature",
    { status: 200, body: { Response: { result: "SUCCESS", code: "0", sign: "0".repeat(64) } } },
  ],
];

test.each(strange)("%s is no answer", async (_what, fault) => {
  const { merchantOrderId, code } = await openOne();
  await pay(code);
  await postJson(`${sim.url}/faults`, { to: "payments", times: null, ...fault });
  expect(await gateway.createPayment(account, numbered())).toEqual({ outcome: "unclear" });
  expect(await gateway.queryPayment(account, merchantOrderId)).toEqual({ standing: "unclear" });
  const refund = { merchantOrderId, refundNumber: "r1" };
  expect(await gateway.refund(account, { ...refund, amount })).toEqual({ outcome: "unclear" });
  expect(await gateway.queryRefund(account, refund)).toBe("unclear");
});

const order = (set: object) => ({
  status: 200,
  body: {
    Response: {
      result: "SUCCESS",
      code: "0",
      merch_order_id: "mine",
      trade_status: "PAY_SUCCESS",
      total_amount: "47500",
      trans_currency: "MMK",
      mm_order_id: "0100123456",
      ...set,
    },
  },
});

test("an answer without a signature counts, for TLS vouches for it", async () => {
  await postJson(`${sim.url}/faults`, { to: "payments", ...order({}) });
  expect(await gateway.queryPayment(account, "mine")).toMatchObject({ standing: "paid", amount });
});

test.each([
  ["is of another order", { merch_order_id: "another" }],
  ["has a fraction", { total_amount: "47500.50" }],
  ["is below zero", { total_amount: "-1" }],
  ["is nothing", { total_amount: "0" }],
  ["is no number", { total_amount: "1e9" }],
  ["has no currency", { trans_currency: "USD" }],
  ["has no number of the wallet", { mm_order_id: "" }],
  ["has a state that nobody knows", { trade_status: "SOMETHING_NEW" }],
  ["is wrongly signed", { sign: "0".repeat(64) }],
])("money that %s is not believed", async (_what, set) => {
  await postJson(`${sim.url}/faults`, { to: "payments", ...order(set) });
  expect(await gateway.queryPayment(account, "mine")).toEqual({ standing: "unclear" });
});

test("a gateway that cannot be reached was not asked", async () => {
  const port = await findFreePort(0, "SHOPTHREAD_PORT");
  const away = createKbzPay({
    egress: anywhere,
    baseUrl: `http://127.0.0.1:${port}/gateway`,
    clock,
    timeoutMs: 400,
  });
  expect(await away.createPayment(account, numbered())).toEqual({ outcome: "not_reached" });
  const refund = { merchantOrderId: "any", refundNumber: "r1", amount };
  expect(await away.refund(account, refund)).toEqual({ outcome: "not_reached" });
});

/** All that the provider may be told. */
const allowed = {
  envelope: "timestamp method notify_url nonce_str version biz_content sign_type sign".split(" "),
  business: [
    ..."appid merch_code merch_order_id trade_type title total_amount trans_currency timeout_express".split(
      " ",
    ),
    ..."refund_request_no refund_amount".split(" "),
  ],
};

test("P:MMSO-23 the gateway hears of number, amount, currency, title and time, and of nothing about people", async () => {
  const { merchantOrderId, code } = await openOne();
  await pay(code);
  await gateway.queryPayment(account, merchantOrderId);
  await gateway.refund(account, { merchantOrderId, refundNumber: "r1", amount });
  await gateway.queryRefund(account, { merchantOrderId, refundNumber: "r1" });
  const closed = await openOne();
  await gateway.closePayment(account, closed.merchantOrderId);
  type Call = { body: { Request: { biz_content: object } } };
  const calls = (await (await fetch(`${sim.url}/calls?to=payments`)).json()) as Call[];
  const fieldsOf = (objects: object[]) => [...new Set(objects.flatMap(Object.keys))];
  const requests = calls.map(({ body }) => body.Request);
  expect(allowed.envelope).toEqual(expect.arrayContaining(fieldsOf(requests)));
  expect(allowed.business).toEqual(expect.arrayContaining(fieldsOf(requests.map((one) => one.biz_content))));
});

test("the key goes nowhere", async () => {
  await openOne();
  const calls = await (await fetch(`${sim.url}/calls?to=payments`)).text();
  expect(calls).toContain("kbz.payment.precreate");
  expect(calls).not.toContain(account.merchantKey);
});
