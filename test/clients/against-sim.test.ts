import { generateKeyPairSync } from "node:crypto";
import sharp from "sharp";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parseAttachmentHosts } from "../../clients/attachment-hosts.ts";
import { createAttachmentFetcher } from "../../clients/fetch-attachment.ts";
import { hashSentText } from "../../clients/find-sent-message.ts";
import { createImageProcessor } from "../../clients/image.ts";
import { createMessengerClient } from "../../clients/messenger.ts";
import { createModelClient } from "../../clients/model.ts";
import { createPushClient } from "../../clients/push.ts";
import type { MessengerClient } from "../../domain/ports/messenger-client.ts";
import { startSim } from "../../sim/start-sim.ts";
import type { RunningSim } from "../../sim/start-sim.ts";
import { anywhere } from "../support/egress.ts";

const page = { metaPageId: "104000000000001", token: "sim-page-token" };
const psid = "7200000000000001";
const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });

let sim: RunningSim;
let messenger: MessengerClient;

beforeAll(async () => {
  sim = await startSim({
    port: 0,
    appId: "900",
    appSecret: "sim-secret",
    verifyToken: "verify",
    webhookUrl: "http://127.0.0.1:9/webhooks/messenger",
    page: { id: page.metaPageId, name: "Shop", accessToken: page.token },
    push: { projectId: "demo", clientEmail: "push@demo.example", publicKey },
  });
  messenger = createMessengerClient({
    egress: anywhere,
    baseUrl: sim.url,
    version: "v26.0",
    appId: "900",
    appSecret: "sim-secret",
  });
  await control("POST", `/customers/${psid}/messages`, { text: "မင်္ဂလာပါ" });
});
afterAll(() => sim.close());

async function control(method: string, path: string, body?: unknown): Promise<unknown> {
  const response = await fetch(`${sim.url}${path}`, {
    method,
    headers: { "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return response.json();
}

function send(content: Parameters<MessengerClient["sendPart"]>[0]["content"], metadata: string) {
  return messenger.sendPart({ page, psid, content, messagingType: "RESPONSE", metadata });
}

test("the Page is subscribed, read back and its token found good", async () => {
  expect(await messenger.subscribe(page, ["messages", "message_echoes"])).toEqual({ ok: true, value: true });
  expect(await messenger.listSubscribedFields(page)).toEqual({
    ok: true,
    value: ["messages", "message_echoes"],
  });
  expect(await messenger.getPage(page)).toEqual({
    ok: true,
    value: { metaPageId: page.metaPageId, name: "Shop" },
  });
  expect(await messenger.probeToken(page)).toMatchObject({
    ok: true,
    value: { isValid: true, appId: "900" },
  });
  const dead = { ...page, token: "revoked" };
  expect(await messenger.probeToken(dead)).toMatchObject({ ok: true, value: { isValid: false } });
  expect(await messenger.getPage(dead)).toMatchObject({ ok: false, action: "page_broken", code: 190 });
});

test("text, cards and a picture in bytes arrive, with typing before", async () => {
  expect(await messenger.sendAction(page, psid, "typing_on")).toBe(true);
  const jpeg = await sharp({ create: { width: 40, height: 40, channels: 3, background: "red" } })
    .jpeg()
    .toBuffer();
  const card = {
    title: "Dress",
    subtitle: "15,000 MMK",
    imageUrl: null,
    buttons: [{ title: "Buy", payload: "buy:1" }],
  };
  const results = [
    await send(
      { kind: "text", text: "OK?", quickReplies: [{ title: "Yes", payload: "confirm:1" }] },
      "out-1",
    ),
    await send({ kind: "cards", cards: [card] }, "out-2"),
    await send({ kind: "image", image: { bytes: jpeg } }, "out-3"),
  ];
  expect(results.map(({ outcome }) => outcome)).toEqual(["sent", "sent", "sent"]);
  const listed = JSON.stringify(await control("GET", `/customers/${psid}/messages`));
  for (const metadata of ["out-1", "out-2", "out-3"]) expect(listed).toContain(`"metadata":"${metadata}"`);
});

test("a message whose answer was lost is found by its words", async () => {
  const notBefore = new Date();
  await control("POST", "/faults", { to: "graph", match: "/messages", dropAfter: true, times: 1 });
  const text = "Your order A-7 is placed.";
  expect(await send({ kind: "text", text, quickReplies: [] }, "out-9")).toEqual({ outcome: "unknown" });
  const search = { page, psid, textHash: hashSentText(text), notBefore, isKnown: () => false };
  const found = await messenger.findSentMessage(search);
  expect(found).toMatchObject({ outcome: "found", mid: expect.any(String) as string });
  const other = { ...search, textHash: hashSentText("never sent") };
  expect(await messenger.findSentMessage(other)).toEqual({ outcome: "absent" });
});

test("a stranger cannot be written to", async () => {
  const stranger = { page, psid: "7200000000009999", messagingType: "RESPONSE" as const, metadata: "x" };
  const result = await messenger.sendPart({
    ...stranger,
    content: { kind: "text", text: "Hi", quickReplies: [] },
  });
  expect(result).toEqual({ outcome: "refused", action: "permanent", code: 100, subcode: 2_018_001 });
});

test("a customer's picture is fetched from the simulator's own address only", async () => {
  const { host } = new URL(sim.url);
  const fetcher = createAttachmentFetcher({ egress: anywhere, hosts: parseAttachmentHosts(host) });
  expect(await fetcher.fetchAttachment(`${sim.url}/no-such-picture`)).toMatchObject({
    ok: false,
    reason: "gone",
  });
  expect(
    await createAttachmentFetcher({
      egress: anywhere,
      hosts: parseAttachmentHosts("fbcdn.net"),
    }).fetchAttachment(sim.url),
  ).toMatchObject({
    reason: "host_not_allowed",
  });
});

test("a push signs in and goes out", async () => {
  const push = createPushClient({
    egress: anywhere,
    baseUrl: sim.url,
    tokenUrl: `${sim.url}/token`,
    projectId: "demo",
    clientEmail: "push@demo.example",
    privateKey: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    clock: { now: () => new Date() },
  });
  const sent = await push.sendPush({
    deviceToken: "d1",
    noticeId: "n1",
    title: "Order",
    body: "1",
    path: "/",
  });
  expect(sent).toEqual({ outcome: "sent" });
});

test("a slip is drawn anew and still read", async () => {
  const slip = {
    amountMinor: 15_000,
    currency: "MMK",
    reference: "0123456789",
    paidAt: "2026-11-25T10:00:00+06:30",
    payee: "Ko Aung",
  };
  const png = await fetch(`${sim.url}/slips`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(slip),
  });
  const image = await createImageProcessor().sanitiseImage(new Uint8Array(await png.arrayBuffer()));
  if (!image.ok) throw new Error(image.reason);
  const model = createModelClient({
    egress: anywhere,
    apiKey: "demo",
    baseUrl: `${sim.url}/model/v1`,
    model: "demo",
  });
  const answer = await model.readSlip({ jpeg: image.bytes, timeoutMs: 10_000 });
  expect(answer).toMatchObject({
    ok: true,
    reading: {
      isSlip: true,
      isLegible: true,
      amount: "15000",
      reference: "0123456789",
      paidAt: new Date("2026-11-25T03:30:00Z"),
      payee: "Ko Aung",
    },
  });
});
