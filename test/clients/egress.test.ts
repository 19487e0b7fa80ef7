import { generateKeyPairSync } from "node:crypto";
import { readFileSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { parseAttachmentHosts } from "../../clients/attachment-hosts.ts";
import { createEgress, isEgressRefusal } from "../../clients/egress.ts";
import type { Egress } from "../../clients/egress.ts";
import { createAttachmentFetcher } from "../../clients/fetch-attachment.ts";
import { createKbzPay } from "../../clients/kbzpay.ts";
import { createMailClient } from "../../clients/mail.ts";
import { createMessengerClient } from "../../clients/messenger.ts";
import { createModelClient } from "../../clients/model.ts";
import { createOtlpExporter } from "../../clients/otlp.ts";
import { createPushClient } from "../../clients/push.ts";
import { processorNames } from "../../domain/privacy/processors.ts";
import type { Processor } from "../../domain/privacy/processors.ts";
import { unlistedFields } from "../../domain/privacy/processor-fields.ts";
import type { RunningSim } from "../../sim/start-sim.ts";
import { startTestSim } from "../sim/sim-harness.ts";
import { outsideRequests } from "../support/outside-requests.ts";

const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const clock = { now: () => new Date() };
const account = { appId: "kp1", merchantCode: "100009", merchantKey: "key" };
const page = { metaPageId: "1040", token: "PAGE-TOKEN" };
const amount = { amountMinor: 5_000, currency: "MMK" } as const;
const payment = { merchantOrderId: "o1", amount, title: "Order A-1", notifyUrl: "http://127.0.0.1:9/" };

let sim: RunningSim;
beforeAll(async () => {
  sim = await startTestSim({
    webhookUrl: "http://127.0.0.1:9/",
    merchant: account,
    push: { projectId: "p1", clientEmail: "push@p1.example", publicKey: privateKey },
  });
});
afterAll(() => sim.close());

/** One call of every client. */
function callsThrough(egress: Egress) {
  const { url } = sim;
  const pem = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  const messenger = createMessengerClient({
    egress,
    baseUrl: url,
    version: "v26.0",
    appId: "1",
    appSecret: "s",
  });
  const model = createModelClient({ egress, apiKey: "k", baseUrl: `${url}/model/v1`, model: "demo" });
  const fcm = { projectId: "p1", clientEmail: "push@p1.example", privateKey: pem, clock };
  const push = createPushClient({ egress, baseUrl: url, tokenUrl: `${url}/token`, ...fcm });
  const mail = createMailClient({ egress, url: sim.mailUrl, from: "no-reply@shop.example" });
  const kbzpay = createKbzPay({ egress, baseUrl: `${url}/payments/gateway`, clock });
  const hosts = parseAttachmentHosts(new URL(url).host);
  const attachments = createAttachmentFetcher({ egress, hosts });
  const words = { kind: "message", role: "user", text: "Hi" } as const;
  const limits = { maxOutputTokens: 100, timeoutMs: 5_000 };
  return {
    messenger: () =>
      messenger.sendPart({
        page,
        psid: "72",
        content: { kind: "text", text: "Hi", quickReplies: [] },
        messagingType: "RESPONSE",
        metadata: "out-1",
      }),
    model: () => model.respond({ instructions: "Answer.", input: [words], tools: [], ...limits }),
    slip: () => model.readSlip({ jpeg: Buffer.from("no picture"), timeoutMs: 5_000 }),
    push: () => push.sendPush({ deviceToken: "d", noticeId: "n", title: "T", body: "B", path: "/" }),
    mail: () => mail.sendMail({ id: "m1", to: "to@example.com", subject: "S", body: "B" }),
    kbzpay: () => kbzpay.createPayment(account, { ...payment, expiresInMs: 60_000 }),
    look: () => kbzpay.queryPayment(account, "o1"),
    giveBack: () => kbzpay.refund(account, { merchantOrderId: "o1", refundNumber: "r1", amount }),
    close: () => kbzpay.closePayment(account, "o1"),
    attachment: () => attachments.fetchAttachment(`${url}/no-such-picture`),
  };
}

const nothing: Processor[] = processorNames.map((name) => ({ name, hosts: [], terms: null }));
const everything = (): Processor[] => {
  const hosts = [new URL(sim.url).host, new URL(sim.mailUrl).host];
  return processorNames.map((name) => ({ name, hosts, terms: null }));
};

describe("what the register refuses", () => {
  test("reaches nobody, and every client says that nothing went out", async () => {
    const refused: string[] = [];
    const egress = createEgress({ register: nothing, clock });
    egress.watch(({ name, reason }) => refused.push(`${name} ${reason}`));
    const before = (await outsideRequests(sim.url)).length;
    const calls = callsThrough(egress);
    expect(await calls.messenger()).toMatchObject({ outcome: "retry" });
    expect(await calls.model()).toEqual({ ok: false, code: "model.not_admitted", retryAfterMs: null });
    expect(await calls.slip()).toMatchObject({ code: "model.not_admitted" });
    expect(await calls.push()).toMatchObject({ outcome: "retry" });
    expect(await calls.mail()).toEqual({ outcome: "retry", code: "smtp.not_admitted" });
    expect(await calls.kbzpay()).toEqual({ outcome: "not_reached" });
    expect(await calls.attachment()).toMatchObject({ ok: false, reason: "unreachable" });
    expect(await outsideRequests(sim.url)).toHaveLength(before);
    expect(refused).toEqual(
      ["meta", "model", "model", "push", "mail", "kbzpay", "meta"].map((name) => `${name} unknown_host`),
    );
  });

  test("costs no trace that is told of nobody", async () => {
    const lost: number[] = [];
    const egress = createEgress({ register: nothing, clock });
    const options = { egress, endpoint: sim.url, headers: {}, service: "test" };
    const exporter = createOtlpExporter({ ...options, onFailure: (count) => lost.push(count) });
    const span = { traceId: "1", spanId: "2", name: "request", startMs: 1, endMs: 2 };
    exporter.take([{ ...span, fields: {}, steps: [], links: [] }]);
    await exporter.close();
    expect(lost).toEqual([1]);
  });

  test("is an error that says why, without the address", async () => {
    const egress = createEgress({ register: nothing, clock });
    const error = await egress
      .fetch("model", "https://ma-hla.example/09791234567")
      .catch((err: unknown) => err);
    expect(error).toMatchObject({ kind: "unavailable", code: "egress.unknown_host" });
    expect(String(error)).not.toContain("ma-hla");
    expect([isEgressRefusal(error), isEgressRefusal(new Error("x", { cause: error }))]).toEqual([true, true]);
    expect(isEgressRefusal(new Error("x"))).toBe(false);
  });
});

test("P:MMSO-23 each processor, the payment gateway among them, gets no field beyond its list", async () => {
  const calls = callsThrough(createEgress({ register: everything(), clock }));
  for (const call of Object.values(calls)) await call();
  const requests = await outsideRequests(sim.url);
  const names = new Set(requests.map(({ name }) => name));
  expect([...names].toSorted()).toEqual(["kbzpay", "mail", "meta", "model", "push"]);
  expect(requests.filter(({ name }) => name === "kbzpay").length).toBeGreaterThanOrEqual(4);
  expect(requests.flatMap(({ name, request }) => unlistedFields(name, request))).toEqual([]);
});

describe("the way out", () => {
  /** Who may hold what reaches out, and why it needs no guard of its own. */
  const allowed: Record<string, string> = {
    "clients/egress.ts": "the guard",
    "clients/tls12-fetch.ts": "the guard's",
    "clients/fetch-attachment.ts": "asks the guard, then pins the address",
    "clients/mail.ts": "asks the guard",
    "clients/model-errors.ts": "knows the package's errors",
    "clients/public-address.ts": "compares addresses",
    "api/client-network.ts": "reads addresses",
    "clients/model.ts": "the package is given the guard's fetch",
    "clients/remote-keyring.ts": "our own keyring",
    "runtime/core-metrics.ts": "its own process, on loopback",
    "runtime/temporal-download.ts": "the server's program, before there is data",
    "runtime/free-port.ts": "listens, to find a port",
    "runtime/metrics-server.ts": "listens",
    "runtime/api.ts": "listens",
    "runtime/keyring.ts": "listens",
    "runtime/tls.ts": "says what TLS there must be",
  };
  const reachesOut =
    /(?<![\w.])fetch\(|from "(?:node:(?:https?|http2|net|tls|dgram)|undici|nodemailer|openai)"/u;

  test("is the guard's for every part of the product", () => {
    const checkout = fileURLToPath(new URL("../..", import.meta.url));
    const folders = ["domain", "db", "clients", "activities", "api", "runtime", "workflows"];
    const files = folders.flatMap((folder) =>
      readdirSync(`${checkout}${folder}`, { recursive: true, encoding: "utf8" })
        .filter((name) => /\.tsx?$/u.test(name))
        .map((name) => `${folder}/${name}`),
    );
    const found = files.filter((file) => {
      const source = readFileSync(`${checkout}${file}`, "utf8").replaceAll(/^import type .*$/gmu, "");
      return reachesOut.test(source.replaceAll(/^\s*(?:\/\/|\*|\/\*\*).*$/gmu, ""));
    });
    expect(found.filter((file) => !(file in allowed))).toEqual([]);
    expect(found).toContain("clients/egress.ts");
  });
});
