import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sign } from "hono/jwt";
import { decodeQR } from "qr/decode.js";
import sharp from "sharp";
import { afterEach, expect, test, vi } from "vitest";
import type { SimOptions } from "../../sim/sim-options.ts";
import {
  graph,
  listMessages,
  postJson,
  psid,
  say,
  send,
  startReceiver,
  startTestSim,
  testPage,
} from "./sim-harness.ts";

const opened: { close: () => Promise<void> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).toReversed()) await one.close();
});

async function openBoth(options: Partial<SimOptions> = {}, answer?: (count: number) => number) {
  const receiver = await startReceiver(answer);
  const sim = await startTestSim({ webhookUrl: receiver.url, ...options });
  opened.push(receiver, sim);
  return { receiver, sim };
}

const slip = {
  amountMinor: 45_000,
  currency: "MMK",
  reference: "0100 4512 8890 1234",
  paidAt: "2026-11-25T10:00:00.000Z",
  payee: "Daw Hla Hla မြန်မာ *** 4567",
};

async function drawSlip(url: string, more: object = {}): Promise<Buffer> {
  const answer = await postJson(`${url}/slips`, { ...slip, ...more });
  expect(answer.headers.get("content-type")).toBe("image/png");
  return Buffer.from(await answer.arrayBuffer());
}

async function readCode(picture: Buffer): Promise<string> {
  const { data, info } = await sharp(picture).ensureAlpha().raw().toBuffer({ resolveWithObject: true });
  return decodeQR({ data: new Uint8Array(data), width: info.width, height: info.height });
}

test("draws a slip whose code survives re-encoding to JPEG at 1,600 pixels", async () => {
  const { sim } = await openBoth();
  const png = await drawSlip(sim.url);
  const kept = await sharp(png).resize(1_600, 1_600, { fit: "inside" }).jpeg({ quality: 80 }).toBuffer();
  expect(JSON.parse(await readCode(kept))).toEqual({ shopthreadSlip: 1, ...slip });
  const small = await sharp(png).jpeg({ quality: 60 }).toBuffer();
  expect(JSON.parse(await readCode(small))).toEqual({ shopthreadSlip: 1, ...slip });
});

test("draws a blurred slip that nobody can read", async () => {
  const { sim } = await openBoth();
  await expect(readCode(await drawSlip(sim.url, { blurred: true }))).rejects.toThrow();
});

test("refuses a slip that would not fit into a readable code", async () => {
  const { sim } = await openBoth();
  const answer = await postJson(`${sim.url}/slips`, { ...slip, payee: "မ".repeat(100) });
  expect(answer.status).toBe(422);
  expect(await answer.json()).toMatchObject({ code: "slip_too_long" });
});

test("does the work and loses the answer with dropAfter", async () => {
  const { receiver, sim } = await openBoth();
  await say(sim, { text: "hi" });
  await postJson(`${sim.url}/faults`, { to: "graph", match: "out_7", dropAfter: true });
  await expect(send(sim, { text: "did it arrive?", metadata: "out_7" })).rejects.toThrow();
  await vi.waitFor(() =>
    expect(receiver.items().some((item) => item.message?.metadata === "out_7")).toBe(true),
  );
  expect((await listMessages(sim)).at(-1)?.metadata).toBe("out_7");
  const calls = (await (await fetch(`${sim.url}/calls?to=graph`)).json()) as Record<string, unknown>[];
  expect(calls).toMatchObject([
    { outcome: "dropped", status: 200, body: { message: { metadata: "out_7" } } },
  ]);
  expect((await send(sim, { text: "again" })).status).toBe(200);
});

test("refuses with the armed status so many times, and does no work", async () => {
  const { sim } = await openBoth();
  await say(sim, { text: "hi" });
  const body = {
    error: { message: "(#10) restricted", type: "OAuthException", code: 10, error_subcode: 1893063 },
  };
  await postJson(`${sim.url}/faults`, { to: "graph", match: "POST /v26.0", status: 400, body, times: 2 });
  expect((await send(sim, { text: "x" })).json.error?.error_subcode).toBe(1893063);
  expect((await send(sim, { text: "x" })).status).toBe(400);
  expect((await listMessages(sim)).filter((one) => one.from === "page")).toEqual([]);
  expect((await send(sim, { text: "x" })).status).toBe(200);
});

test("leaves a call hanging until the faults are disarmed", async () => {
  const { sim } = await openBoth();
  await say(sim, { text: "hi" });
  await postJson(`${sim.url}/faults`, { to: "graph", hang: true, times: 5 });
  const hanging = send(sim, { text: "x" }).then(
    () => "answered",
    () => "cut",
  );
  await vi.waitFor(() => expect(sim.context.log.list({ to: "graph" })[0]?.outcome).toBe("hung"));
  await fetch(`${sim.url}/faults`, { method: "DELETE" });
  expect(await hanging).toBe("cut");
  expect(await (await fetch(`${sim.url}/faults`)).json()).toEqual([]);
  expect((await send(sim, { text: "x" })).status).toBe(200);
});

test("lets the echo come before a late answer", async () => {
  const { receiver, sim } = await openBoth();
  await say(sim, { text: "hi" });
  await postJson(`${sim.url}/faults`, { to: "graph", answerDelayMs: 300 });
  const sending = send(sim, { text: "x", metadata: "out_8" }).then(() => Date.now());
  await vi.waitFor(() =>
    expect(receiver.items().some((item) => item.message?.metadata === "out_8")).toBe(true),
  );
  const echoAt = receiver.received.find((one) => one.raw.includes("out_8"))?.at ?? Infinity;
  expect(echoAt).toBeLessThan(await sending);
});

test("keeps tokens out of the log of calls", async () => {
  const { sim } = await openBoth();
  await graph(sim, `/${testPage.id}?access_token=${testPage.accessToken}`);
  expect(await (await fetch(`${sim.url}/calls`)).text()).not.toContain(testPage.accessToken);
});

test("keeps conversations, pictures and undelivered webhooks over a kill", async () => {
  const stateDir = mkdtempSync(join(tmpdir(), "sim-"));
  const first = await openBoth({ stateDir }, () => 503);
  await say(first.sim, { text: "မင်္ဂလာပါ" });
  await say(first.sim, { imageBase64: (await drawSlip(first.sim.url)).toString("base64") });
  await send(first.sim, { text: "hello", metadata: "out_3" });
  const before = await listMessages(first.sim);
  const journal = readFileSync(join(stateDir, "journal.jsonl"));
  await first.sim.close();
  writeFileSync(
    join(stateDir, "journal.jsonl"),
    Buffer.concat([journal, Buffer.from('{"kind":"message","id"')]),
  );

  const second = await openBoth({ stateDir });
  await vi.waitFor(() => expect(second.receiver.items()).toHaveLength(4));
  expect(
    second.receiver.items().map((item) => item.message?.metadata ?? item.message?.mid ?? "delivery"),
  ).toEqual([before[0]?.mid, before[1]?.mid, "out_3", "delivery"]);
  const after = await listMessages(second.sim);
  expect(after.map(({ mid, text }) => ({ mid, text }))).toEqual(
    before.map(({ mid, text }) => ({ mid, text })),
  );
  expect((await fetch(after[1]?.imageUrl ?? "")).status).toBe(200);
  rmSync(stateDir, { recursive: true, force: true });
});

test("sends push by an OAuth token and tells of devices that are gone", async () => {
  const { publicKey, privateKey } = generateKeyPairSync("rsa", {
    modulusLength: 2_048,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
  });
  const clientEmail = "push@shop.iam.gserviceaccount.com";
  const { sim } = await openBoth({ push: { projectId: "shop", clientEmail, publicKey } });
  const iat = Math.floor(Date.now() / 1000);
  const scope = "https://www.googleapis.com/auth/firebase.messaging";
  const claims = { iss: clientEmail, scope, aud: `${sim.url}/token`, iat, exp: iat + 3_600 };
  const exchange = async (assertion: string) =>
    fetch(`${sim.url}/token`, {
      method: "POST",
      body: new URLSearchParams({ grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer", assertion }),
    });
  const forged = await sign({ ...claims, iss: "someone@else" }, privateKey, "RS256");
  expect((await exchange(forged)).status).toBe(400);
  const { access_token } = (await (await exchange(await sign(claims, privateKey, "RS256"))).json()) as {
    access_token: string;
  };
  const push = async (token: string, bearer = access_token) =>
    fetch(`${sim.url}/v1/projects/shop/messages:send`, {
      method: "POST",
      headers: { authorization: `Bearer ${bearer}`, "content-type": "application/json" },
      body: JSON.stringify({ message: { token, notification: { title: "Order A-1", body: "45,000 MMK" } } }),
    });
  expect((await push("device-1", "stolen")).status).toBe(401);
  expect(await (await push("device-1")).json()).toMatchObject({
    name: expect.stringMatching(/^projects\/shop\/messages\//),
  });
  await fetch(`${sim.url}/push/devices/device-1`, {
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ state: "dead" }),
  });
  const gone = await push("device-1");
  expect(gone.status).toBe(404);
  expect(await gone.json()).toMatchObject({
    error: { status: "NOT_FOUND", details: [{ errorCode: "UNREGISTERED" }] },
  });
});

test("describes the handles in an OpenAPI document", async () => {
  const { sim } = await openBoth();
  const document = (await (await fetch(`${sim.url}/openapi.json`)).json()) as {
    openapi: string;
    paths: object;
  };
  expect(document.openapi).toBe("3.1.0");
  const handles = [
    "/customers/{psid}/messages",
    "/calls",
    "/faults",
    "/slips",
    "/pages",
    "/pages/{pageId}/echoes",
  ];
  expect(Object.keys(document.paths)).toEqual(expect.arrayContaining(handles));
});

test("refuses words without words and unknown Pages as problem+json", async () => {
  const { sim } = await openBoth();
  const url = `${sim.url}/customers/${psid}/messages`;
  for (const [body, status] of [
    [{}, 400],
    [{ text: "" }, 400],
    [{ text: "x", pageId: "404" }, 404],
  ] as const) {
    const answer = await postJson(url, body);
    expect(answer.status).toBe(status);
    expect(answer.headers.get("content-type")).toContain("application/problem+json");
  }
});

test("does Meta's handshake with the webhook address", async () => {
  const { sim } = await openBoth();
  const answer = await postJson(`${sim.url}/apps/990000000000001/handshake`, {});
  expect(await answer.json()).toEqual({ status: 200, isVerified: false });
});

test("serves the model beside the rest, logs its calls and switches its mode", async () => {
  const { sim } = await openBoth();
  const ask = () =>
    fetch(`${sim.url}/model/v1/responses`, {
      method: "POST",
      headers: { authorization: "Bearer demo", "content-type": "application/json" },
      body: JSON.stringify({ model: "demo", instructions: "", input: "say it back", store: false }),
    });
  const mode = await fetch(`${sim.url}/model/mode`, {
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ mode: "echo" }),
  });
  expect(mode.status).toBe(204);
  expect(await (await ask()).text()).toContain("say it back");
  expect(sim.context.log.list({ to: "model" })).toMatchObject([{ path: "/model/v1/responses", status: 200 }]);
});
