import { afterEach, expect, test, vi } from "vitest";
import { transferHint } from "../../sim/chat/transfer-hint.js";
import {
  graph,
  listMessages,
  postJson,
  psid,
  say,
  send,
  startReceiver,
  startTestSim,
} from "./sim-harness.ts";

const opened: { close: () => Promise<void> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).toReversed()) await one.close();
});

async function openBoth() {
  const receiver = await startReceiver();
  const sim = await startTestSim({ webhookUrl: receiver.url });
  opened.push(receiver, sim);
  return { receiver, sim };
}

test("serves a chat page that may load nothing from elsewhere", async () => {
  const { sim } = await openBoth();
  const page = await fetch(`${sim.url}/chat`);
  expect(page.headers.get("content-security-policy")).toContain("default-src 'self'");
  const html = await page.text();
  expect(html).not.toMatch(/https?:\/\/|\son\w+=|<style|style=/);
  for (const [, path] of html.matchAll(/(?:src|href)="([^"]+)"/g)) {
    expect((await fetch(`${sim.url}${path ?? ""}`)).status).toBe(200);
  }
});

test("draws the slip's button itself, as its character is missing from many fonts", async () => {
  const { sim } = await openBoth();
  const html = await (await fetch(`${sim.url}/chat`)).text();
  expect(/<button[^>]*id="slip".*?<\/button>/s.exec(html)?.[0]).toMatch(/<svg[^>]*aria-hidden="true"/);
  expect(html).not.toContain("🧾");
});

test("tells the chat page at once of typing and of new messages", async () => {
  const { sim } = await openBoth();
  await say(sim, { text: "hi" });
  const leaving = new AbortController();
  const stream = await fetch(`${sim.url}/chat/events?psid=${psid}`, { signal: leaving.signal });
  let seen = "";
  const reading = (async () => {
    for await (const chunk of stream.body ?? []) seen += new TextDecoder().decode(chunk);
  })().catch(() => undefined);
  await vi.waitFor(() => expect(seen).toContain("event: changed"));
  const body = { recipient: { id: psid }, sender_action: "typing_on" };
  await graph(sim, "/me/messages", { body });
  await vi.waitFor(() => expect(seen).toContain("event: typing\ndata: true"));
  const before = seen.length;
  await send(sim, { text: "hello" });
  await vi.waitFor(() => expect(seen.slice(before)).toContain("event: changed"));
  leaving.abort();
  await reading;
});

test("sends one read webhook when the customer has seen the page's message", async () => {
  const { receiver, sim } = await openBoth();
  await say(sim, { text: "hi" });
  await send(sim, { text: "hello" });
  for (const isNews of [true, false]) {
    expect(await (await postJson(`${sim.url}/customers/${psid}/read`, {})).json()).toEqual({ isNews });
  }
  await vi.waitFor(() => expect(receiver.items().some((item) => item.read)).toBe(true));
  expect(receiver.items().filter((item) => item.read)).toHaveLength(1);
  expect((await listMessages(sim)).at(-1)?.readAt).toBeDefined();
});

test("knows nobody who only looked at an empty conversation", async () => {
  const { sim } = await openBoth();
  expect(await listMessages(sim, "7200000000000404")).toEqual([]);
  expect((await send(sim, { text: "x" }, {}, "7200000000000404")).json.error?.error_subcode).toBe(2018001);
});

test("answers no foreign host name", async () => {
  const { sim } = await openBoth();
  const answer = await sim.app.request("http://evil.example/pages");
  expect(answer.status).toBe(421);
});

test("reads amount and payee for a slip from what the shop asked for", () => {
  const text = "Please transfer 18,000 MMK to:\nKBZPay\nDaw Hla Hla\n09 123 456 789\n\nThen send the slip.";
  const later = { from: "page", text: "3,000 MMK is still open." };
  expect(transferHint([{ from: "page", text }])).toEqual({
    amount: "18000",
    currency: "MMK",
    payee: "Daw Hla Hla",
  });
  expect(transferHint([{ from: "page", text }, later])).toMatchObject({
    amount: "3000",
    payee: "Daw Hla Hla",
  });
  expect(transferHint([{ from: "customer", text }])).toEqual({ amount: "", currency: "", payee: "" });
});
