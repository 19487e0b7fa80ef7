import { createHmac } from "node:crypto";
import { afterEach, expect, test, vi } from "vitest";
import { encodeWebhook, signWebhook } from "../../sim/webhooks/encode-webhook.ts";
import { postJson, psid, say, send, startReceiver, startTestSim, testApp, testPage } from "./sim-harness.ts";

const opened: { close: () => Promise<void> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).toReversed()) await one.close();
});

async function openBoth(answer?: (count: number) => number) {
  const receiver = await startReceiver(answer);
  const sim = await startTestSim({ webhookUrl: receiver.url });
  opened.push(receiver, sim);
  return { receiver, sim };
}

test("writes non-ASCII as lower-case escapes and slashes as backslash-slash", () => {
  expect(encodeWebhook({ text: "ခ 🙂 é a/b \\/" })).toBe(
    String.raw`{"text":"\u1001 \ud83d\ude42 \u00e9 a\/b \\\/"}`,
  );
});

test("signs the escaped bytes, not the decoded ones", () => {
  const escaped = String.raw`{"text":"\u1001"}`;
  const decoded = JSON.stringify(JSON.parse(escaped));
  const expected = `sha256=${createHmac("sha256", "s").update(escaped).digest("hex")}`;
  expect(signWebhook(encodeWebhook({ text: "ခ" }), "s")).toBe(expected);
  expect(signWebhook(decoded, "s")).not.toBe(expected);
});

test("delivers a customer's text as a signed webhook of the Page over the raw bytes", async () => {
  const { receiver, sim } = await openBoth();
  const said = await say(sim, { text: "မင်္ဂလာပါ http://a.b/c" });
  await vi.waitFor(() => expect(receiver.received).toHaveLength(1));
  const [got] = receiver.received;
  expect(got?.raw).not.toMatch(/[^\x20-\x7e]/);
  expect(got?.raw).toContain(String.raw`\u1019`);
  expect(got?.raw).toContain(String.raw`http:\/\/a.b\/c`);
  const hmac = createHmac("sha256", testApp.appSecret)
    .update(got?.raw ?? "", "latin1")
    .digest("hex");
  expect(got?.signature).toBe(`sha256=${hmac}`);
  expect(got?.body.object).toBe("page");
  expect(got?.body.entry[0]?.id).toBe(testPage.id);
  expect(receiver.items()[0]).toEqual({
    sender: { id: psid },
    recipient: { id: testPage.id },
    timestamp: Date.parse(said.at),
    message: { mid: said.mid, text: "မင်္ဂလာပါ http://a.b/c" },
  });
});

test("repeats a webhook until 200 and keeps the order of the conversation", async () => {
  const { receiver, sim } = await openBoth((count) => (count <= 3 ? 503 : 200));
  for (const text of ["one", "two", "three"]) await say(sim, { text });
  await vi.waitFor(() => expect(receiver.received).toHaveLength(6));
  const texts = receiver.items().map((item) => item.message?.text);
  expect(texts).toEqual(["one", "one", "one", "one", "two", "three"]);
});

test("gives up after the limit and unsubscribes the app, as Meta does", async () => {
  const receiver = await startReceiver(() => 500);
  const sim = await startTestSim({
    webhookUrl: receiver.url,
    webhookTimings: { firstRetryMs: 5, maxRetryMs: 5, giveUpAfterMs: 50 },
  });
  opened.push(receiver, sim);
  await say(sim, { text: "nobody hears" });
  await vi.waitFor(() => expect(sim.context.world.findPage(testPage.id)?.subscriptions).toEqual({}));
  expect(sim.context.webhooks.list()[0]?.state).toBe("given_up");
});

test("answers a send with echo, delivery and read in this order", async () => {
  const receiver = await startReceiver();
  const sim = await startTestSim({ webhookUrl: receiver.url, autoRead: true });
  opened.push(receiver, sim);
  await say(sim, { text: "hi" });
  const sent = await send(sim, { text: "hello", metadata: "out_1" });
  await vi.waitFor(() => expect(receiver.received).toHaveLength(4));
  const [, echo, delivery, read] = receiver.items();
  expect(echo).toMatchObject({
    sender: { id: testPage.id },
    recipient: { id: psid },
    message: {
      is_echo: true,
      app_id: 990000000000001,
      metadata: "out_1",
      mid: sent.json.message_id,
      text: "hello",
    },
  });
  expect(delivery).toMatchObject({ sender: { id: psid }, delivery: { mids: [sent.json.message_id] } });
  expect(read).toMatchObject({ sender: { id: psid }, read: { watermark: expect.any(Number) } });
});

test("shows a person's message in Business Suite as an echo without our app", async () => {
  const { receiver, sim } = await openBoth();
  await postJson(`${sim.url}/pages/${testPage.id}/echoes`, { psid, text: "I take over" });
  await vi.waitFor(() => expect(receiver.received.length).toBeGreaterThan(0));
  const echo = receiver.items()[0]?.message;
  expect(echo).toMatchObject({ is_echo: true, text: "I take over" });
  expect(echo).not.toHaveProperty("app_id");
  expect(echo).not.toHaveProperty("metadata");
});

test("duplicates, reorders and loses webhooks on demand", async () => {
  const { receiver, sim } = await openBoth();
  await postJson(`${sim.url}/faults`, { to: "webhook", match: "twice", duplicate: 1 });
  await postJson(`${sim.url}/faults`, { to: "webhook", match: "late", reorder: true });
  await postJson(`${sim.url}/faults`, { to: "webhook", match: "never", lose: true });
  for (const text of ["twice", "late", "early", "never", "last"]) await say(sim, { text });
  await vi.waitFor(() => expect(receiver.received).toHaveLength(5));
  const texts = receiver.items().map((item) => item.message?.text);
  expect(texts).toEqual(["twice", "twice", "early", "late", "last"]);
});

test("delivers raw items with sender, recipient and time filled in", async () => {
  const { receiver, sim } = await openBoth();
  await say(sim, { raw: { message_edit: { mid: "m_A1", text: "2 pieces", num_edit: 1 } } });
  await say(sim, { sticker: true });
  await say(sim, { at: "2026-01-01T00:00:00Z", postback: { payload: "GET_STARTED", title: "Get started" } });
  await vi.waitFor(() => expect(receiver.received).toHaveLength(3));
  const [edit, sticker, postback] = receiver.items();
  expect(edit).toMatchObject({ sender: { id: psid }, message_edit: { mid: "m_A1", num_edit: 1 } });
  expect(sticker).toMatchObject({ message: { attachments: [{ type: "sticker" }] } });
  expect(postback).toMatchObject({ timestamp: 1767225600000, postback: { payload: "GET_STARTED" } });
});

test("sends any bytes with any signature and tells the answer", async () => {
  const { receiver, sim } = await openBoth(() => 403);
  const answer = await postJson(`${sim.url}/webhooks`, { rawBody: "{}", signature: "sha256=00" });
  expect(await answer.json()).toEqual({ status: 403 });
  expect(receiver.received[0]).toMatchObject({ raw: "{}", signature: "sha256=00" });
});
