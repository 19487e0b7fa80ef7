import { createHmac } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { WebhookBody } from "../../domain/wire/messenger.ts";
import type { RunningSim, StartSimOptions } from "../../sim/start-sim.ts";
import { startSim } from "../../sim/start-sim.ts";

export const testApp = {
  appId: "990000000000001",
  appSecret: "a-secret-of-the-app",
  verifyToken: "verify-me",
};
export const testPage = { id: "110000000000001", name: "Shop A", accessToken: "EAA-token-of-page-a" };
export const psid = "7200000000000001";

export type Received = { raw: string; signature: string | undefined; body: WebhookBody; at: number };

/** A product that answers what the test wants and remembers the bytes that came. */
export async function startReceiver(answer: (count: number) => number = () => 200) {
  const received: Received[] = [];
  const server = createServer((req, res) => {
    const chunks: Buffer[] = [];
    req.on("data", (chunk: Buffer) => chunks.push(chunk));
    req.on("end", () => {
      const raw = Buffer.concat(chunks).toString("latin1");
      const signature = req.headers["x-hub-signature-256"] as string | undefined;
      if (raw !== "") received.push({ raw, signature, body: JSON.parse(raw) as WebhookBody, at: Date.now() });
      res.statusCode = answer(received.length);
      res.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/webhooks/messenger`,
    received,
    items: () => received.flatMap((one) => one.body.entry.flatMap((entry) => entry.messaging ?? [])),
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export function startTestSim(
  options: Partial<StartSimOptions> & { webhookUrl: string },
): Promise<RunningSim> {
  return startSim({
    port: 0,
    ...testApp,
    page: testPage,
    webhookTimings: { answerTimeoutMs: 10_000, firstRetryMs: 10, maxRetryMs: 50 },
    ...options,
  });
}

export async function postJson(url: string, body: unknown): Promise<Response> {
  return fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
}

export async function say(sim: RunningSim, words: Record<string, unknown>, who = psid) {
  const answer = await postJson(`${sim.url}/customers/${who}/messages`, words);
  return { status: answer.status, ...((await answer.json()) as { mid: string; at: string }) };
}

export function proofOf(token: string, secret = testApp.appSecret): string {
  return createHmac("sha256", secret).update(token).digest("hex");
}

/** A Graph call as the product makes it; the answer's status and JSON. */
export async function graph(
  sim: RunningSim,
  path: string,
  options: { body?: unknown; token?: string; proof?: string; method?: string } = {},
) {
  const token = options.token ?? testPage.accessToken;
  const url = new URL(`${sim.url}/v26.0${path}`);
  url.searchParams.set("appsecret_proof", options.proof ?? proofOf(token));
  const answer = await fetch(url, {
    method: options.method ?? (options.body === undefined ? "GET" : "POST"),
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
  });
  return { status: answer.status, json: (await answer.json()) as GraphAnswer };
}

export type GraphAnswer = {
  message_id?: string;
  error?: { code: number; error_subcode?: number; message: string };
  data?: Record<string, never>[];
};

export function send(sim: RunningSim, message: unknown, more: Record<string, unknown> = {}, to = psid) {
  return graph(sim, `/${testPage.id}/messages`, {
    body: { recipient: { id: to }, messaging_type: "RESPONSE", message, ...more },
  });
}

export async function listMessages(sim: RunningSim, who = psid) {
  const answer = await fetch(`${sim.url}/customers/${who}/messages`);
  return (await answer.json()) as {
    mid: string;
    from: string;
    at: string;
    kind: string;
    text: string | null;
    quickReplies: unknown[];
    metadata: string | null;
    imageUrl?: string;
    deliveredAt?: string;
    readAt?: string;
  }[];
}
