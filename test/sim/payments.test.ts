import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";

import { createKbzPay } from "../../clients/kbzpay.ts";
import { verifyKbzCallback } from "../../clients/kbzpay-callback.ts";
import { eventually } from "../support/eventually.ts";
import { postJson, startTestSim } from "./sim-harness.ts";
import { anywhere } from "../support/egress.ts";

const account = { appId: "kp-2", merchantCode: "500001", merchantKey: "key-of-the-sim" };

const opened: { close: () => Promise<void> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).toReversed()) await one.close();
});

/** A merchant's server that answers what the test wants, and the wallet with one payment of it. */
async function openBoth(answers: string[] = []) {
  const received: Record<string, unknown>[] = [];
  const server = createServer((req, res) => {
    const chunks: Buffer[] = [];
    req.on("data", (chunk: Buffer) => chunks.push(chunk));
    req.on("end", () => {
      const body = JSON.parse(Buffer.concat(chunks).toString()) as { Request: Record<string, unknown> };
      received.push(body.Request);
      res.end(answers[received.length - 1] ?? "success");
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  opened.push({
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  });
  const sim = await startTestSim({ webhookUrl: "http://127.0.0.1:9/" });
  opened.push(sim);
  await fetch(`${sim.url}/payments/merchants/${account.merchantCode}`, {
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ appId: account.appId, key: account.merchantKey }),
  });
  const gateway = createKbzPay({
    egress: anywhere,
    baseUrl: `${sim.url}/payments/gateway`,
    clock: { now: () => new Date() },
  });
  const answer = await gateway.createPayment(account, {
    merchantOrderId: "order1",
    amount: { amountMinor: 2_000, currency: "MMK" },
    title: "Order <1>",
    notifyUrl: `http://127.0.0.1:${port}/callback`,
    expiresInMs: 60_000,
  });
  if (answer.outcome !== "created") throw new Error(`the payment is ${answer.outcome}`);
  const scan = (body: object = {}) => postJson(`${sim.url}/payments/scans`, { code: answer.code, ...body });
  return { sim, received, scan, code: answer.code };
}

test("whoever is paid is told by a signed callback, until it says success", async () => {
  const { received, scan } = await openBoth(["fail", ""]);
  expect((await scan()).status).toBe(200);
  await eventually("the third is taken", () => received.length === 3);
  for (const fields of received) {
    expect(verifyKbzCallback(fields, account)?.merchantOrderId).toBe("order1");
    expect(verifyKbzCallback(fields, { ...account, merchantKey: "another" })).toBeUndefined();
  }
  expect(new Set(received.map(({ sign }) => sign)).size, "each is signed anew").toBe(3);
});

test("a callback may be lost or come several times", async () => {
  const lost = await openBoth();
  await postJson(`${lost.sim.url}/faults`, { to: "payments", match: "CALLBACK", lose: true });
  await lost.scan();
  const twice = await openBoth();
  await postJson(`${twice.sim.url}/faults`, { to: "payments", match: "CALLBACK", duplicate: 1 });
  await twice.scan();
  await eventually("both have come", () => twice.received.length === 2);
  expect(lost.received).toEqual([]);
});

test("a code is paid once, and by its own amount only", async () => {
  const { scan, sim } = await openBoth();
  expect([(await scan()).status, (await scan()).status]).toEqual([200, 409]);
  expect((await postJson(`${sim.url}/payments/scans`, { code: "unknown" })).status).toBe(404);
});

test("a tester pays on the wallet's page, which shows no markup of a merchant", async () => {
  const { sim, received, code } = await openBoth();
  const page = await (await fetch(`${sim.url}/payments/wallet`)).text();
  expect(page).toContain("Order &lt;1&gt;");
  const paid = await fetch(`${sim.url}/payments/wallet`, {
    method: "POST",
    body: new URLSearchParams({ code }),
    redirect: "manual",
  });
  expect(paid.status).toBe(303);
  await eventually("the merchant is told", () => received.length === 1);
});
