import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import type { RunningSim } from "../../sim/start-sim.ts";
import type { Received } from "./sim-harness.ts";
import {
  graph,
  listMessages,
  postJson,
  proofOf,
  psid,
  say,
  send,
  startReceiver,
  startTestSim,
  testApp,
  testPage,
} from "./sim-harness.ts";

let receiver: { url: string; received: Received[]; close: () => Promise<void> };
let sim: RunningSim;
let nowMs = Date.now();

beforeAll(async () => {
  receiver = await startReceiver();
  sim = await startTestSim({ webhookUrl: receiver.url, now: () => nowMs });
});
afterAll(async () => {
  await sim.close();
  await receiver.close();
});
beforeEach(async () => {
  nowMs += 1_000;
  await say(sim, { text: "hi" });
});

const codes = (answer: Awaited<ReturnType<typeof send>>) => [
  answer.json.error?.code,
  answer.json.error?.error_subcode,
];

test("accepts a text with quick replies and shows it in the conversation", async () => {
  const quickReplies = [{ content_type: "text", title: "ဟုတ်ကဲ့", payload: "confirm:1:2" }];
  const sent = await send(sim, { text: "Sure?", metadata: "out_2", quick_replies: quickReplies });
  expect(sent.status).toBe(200);
  const last = (await listMessages(sim)).at(-1);
  expect(last).toMatchObject({
    mid: sent.json.message_id,
    from: "page",
    kind: "text",
    text: "Sure?",
    metadata: "out_2",
    quickReplies: [{ title: "ဟုတ်ကဲ့", payload: "confirm:1:2" }],
  });
  expect(last?.deliveredAt).toBeDefined();
});

test("counts 2,000 characters, 13 quick replies and 20 letters of a title", async () => {
  const reply = { content_type: "text", title: "x".repeat(20), payload: "p" };
  expect((await send(sim, { text: "က".repeat(2_000), quick_replies: times(13, reply) })).status).toBe(200);
  expect(codes(await send(sim, { text: "x".repeat(2_001) }))).toEqual([100, undefined]);
  expect(codes(await send(sim, { text: "x", quick_replies: times(14, reply) }))).toEqual([100, undefined]);
  const long = { ...reply, title: "x".repeat(21) };
  expect(codes(await send(sim, { text: "x", quick_replies: [long] }))).toEqual([100, undefined]);
  expect(codes(await send(sim, { text: "x", metadata: "m".repeat(1_001) }))).toEqual([100, undefined]);
  expect(codes(await send(sim, {}))).toEqual([100, undefined]);
});

test("refuses what is outside the 24-hour window by its own clock", async () => {
  nowMs += 24 * 3_600_000 + 60_000;
  expect(codes(await send(sim, { text: "late" }))).toEqual([10, 2018278]);
  expect(
    (await send(sim, { text: "a person" }, { messaging_type: "MESSAGE_TAG", tag: "HUMAN_AGENT" })).status,
  ).toBe(200);
  const dead = { messaging_type: "MESSAGE_TAG", tag: "POST_PURCHASE_UPDATE" };
  expect(codes(await send(sim, { text: "x" }, dead))[0]).toBe(100);
});

test("closes the window for a customer who wrote long ago", async () => {
  const at = new Date(nowMs - 25 * 3_600_000).toISOString();
  await say(sim, { text: "long ago", at }, "7200000000000777");
  expect(codes(await send(sim, { text: "x" }, {}, "7200000000000777"))).toEqual([10, 2018278]);
});

test("knows customers per Page only", async () => {
  expect(codes(await send(sim, { text: "x" }, {}, "9999"))).toEqual([100, 2018001]);
  const other = await postJson(`${sim.url}/pages`, {
    id: "110000000000002",
    accessToken: "EAA-token-of-page-b",
  });
  expect(other.status).toBe(201);
  const body = { recipient: { id: psid }, message: { text: "x" } };
  const wrong = await graph(sim, "/me/messages", { body, token: "EAA-token-of-page-b" });
  expect(codes(wrong)).toEqual([100, 2018001]);
  const crossed = await graph(sim, `/${testPage.id}/messages`, { body, token: "EAA-token-of-page-b" });
  expect(codes(crossed)).toEqual([100, 33]);
});

test("refuses wrong tokens, missing and wrong proofs", async () => {
  const body = { recipient: { id: psid }, message: { text: "x" } };
  expect(codes(await graph(sim, "/me/messages", { body, token: "EAA-nobody" }))).toEqual([190, undefined]);
  const wrongProof = await graph(sim, "/me/messages", {
    body,
    proof: proofOf(testPage.accessToken, "other"),
  });
  expect(codes(wrongProof)).toEqual([100, undefined]);
  const bare = await postJson(`${sim.url}/v26.0/me/messages?access_token=${testPage.accessToken}`, body);
  expect(bare.status).toBe(400);
});

test("takes sender actions alone and marks the customer's messages as seen", async () => {
  const act = (action: string, more = {}) =>
    graph(sim, "/me/messages", { body: { recipient: { id: psid }, sender_action: action, ...more } });
  expect((await act("typing_on")).json).toEqual({ recipient_id: psid });
  expect(codes(await act("typing_on", { message: { text: "x" } }))[0]).toBe(100);
  expect(codes(await act("dance"))[0]).toBe(100);
  await act("mark_seen");
  expect((await listMessages(sim)).findLast((one) => one.from === "customer")?.readAt).toBeDefined();
});

test("shows cards with their buttons and refuses an eleventh element", async () => {
  const element = {
    title: "Dress",
    subtitle: "15,000 Ks",
    buttons: [{ type: "postback", title: "Order", payload: "P1" }],
  };
  const cards = (count: number) => ({
    attachment: {
      type: "template",
      payload: { template_type: "generic", elements: times(count, element) },
    },
  });
  expect((await send(sim, cards(10))).status).toBe(200);
  expect((await listMessages(sim)).at(-1)).toMatchObject({ kind: "cards", cards: { length: 10 } });
  expect(codes(await send(sim, cards(11)))[0]).toBe(100);
});

test("takes a picture as multipart upload and sends it by attachment id", async () => {
  const form = new FormData();
  form.set("message", JSON.stringify({ attachment: { type: "image", payload: { is_reusable: true } } }));
  form.set("filedata", new Blob([onePixelPng()], { type: "image/png" }), "a.png");
  const answer = await fetch(
    `${sim.url}/v26.0/me/message_attachments?appsecret_proof=${proofOf(testPage.accessToken)}`,
    {
      method: "POST",
      headers: { authorization: `Bearer ${testPage.accessToken}` },
      body: form,
    },
  );
  const { attachment_id } = (await answer.json()) as { attachment_id: string };
  const image = (id: string) => ({ attachment: { type: "image", payload: { attachment_id: id } } });
  expect((await send(sim, image(attachment_id))).status).toBe(200);
  expect(codes(await send(sim, image("12345")))).toEqual([100, 2018074]);
  const shown = (await listMessages(sim)).at(-1);
  const picture = await fetch(shown?.imageUrl ?? "");
  expect(picture.headers.get("content-type")).toBe("image/png");
});

test("serves a customer's picture until its link expires, and no forged link", async () => {
  await say(sim, { imageBase64: onePixelPng().toString("base64") });
  await vi.waitFor(() => expect(receiver.received.at(-1)?.raw).toContain("cdn"));
  const message = receiver.received.at(-1)?.body.entry[0]?.messaging?.[0]?.message;
  const payload = message?.attachments?.[0]?.payload;
  const url = new URL((typeof payload === "object" ? payload?.url : undefined) ?? "");
  expect(Number.parseInt(url.searchParams.get("oe") ?? "", 16) * 1000).toBeGreaterThan(
    nowMs + 34 * 3_600_000,
  );
  expect((await fetch(url)).status).toBe(200);
  nowMs += 36 * 3_600_000;
  expect((await fetch(url)).status).toBe(403);
  url.searchParams.set("oe", "FFFFFFFF");
  expect((await fetch(url)).status).toBe(403);
});

test("subscribes, lists and unsubscribes apps", async () => {
  const path = `/${testPage.id}/subscribed_apps`;
  const fields = "messages,message_echoes";
  expect((await graph(sim, `${path}?subscribed_fields=${fields}`, { method: "POST" })).json).toEqual({
    success: true,
  });
  expect((await graph(sim, path)).json.data).toMatchObject([
    { id: testApp.appId, subscribed_fields: fields.split(",") },
  ]);
  expect((await graph(sim, `${path}?subscribed_fields=nonsense`, { method: "POST" })).json.error?.code).toBe(
    100,
  );
  await graph(sim, path, { method: "DELETE" });
  expect((await graph(sim, path)).json.data).toEqual([]);
});

test("gives the newest messages of a conversation without metadata", async () => {
  const sent = await send(sim, { text: "find me", metadata: "out_9" });
  const fields = "messages{id,created_time,from,message}";
  const found = await graph(
    sim,
    `/${testPage.id}/conversations?platform=messenger&user_id=${psid}&fields=${fields}`,
  );
  const conversation = found.json.data?.[0] as unknown as { messages: { data: Record<string, unknown>[] } };
  expect(conversation.messages.data.length).toBeLessThanOrEqual(20);
  expect(conversation.messages.data[0]).toEqual({
    id: sent.json.message_id,
    created_time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+0000$/),
    from: { id: testPage.id, name: "Shop A" },
    message: "find me",
  });
});

test("tells whether a token is alive", async () => {
  const app = `${testApp.appId}|${testApp.appSecret}`;
  const ask = async (token: string) => {
    const query = new URLSearchParams({ input_token: token, access_token: app });
    return (await (await fetch(`${sim.url}/v26.0/debug_token?${query.toString()}`)).json()) as {
      data: { is_valid: boolean };
    };
  };
  expect((await ask(testPage.accessToken)).data).toMatchObject({ is_valid: true, profile_id: testPage.id });
  expect((await ask("dead")).data).toMatchObject({ is_valid: false, error: { code: 190 } });
});

const times = <T>(count: number, one: T): T[] => Array.from({ length: count }, () => one);

function onePixelPng(): Buffer<ArrayBuffer> {
  return Buffer.from(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
    "base64",
  );
}
