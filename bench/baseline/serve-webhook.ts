import { createServer } from "node:http";
import type { IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

import { parseWebhook } from "../../domain/messenger/parse-webhook.ts";
import { verifySignature } from "../../domain/messenger/verify-signature.ts";
import type { Message } from "./baseline-turn.ts";

/**
 * Signed webhooks get 200 when every message of theirs is accepted. Tells whoever started this process its port, and what
 * else works for it.
 */
export function serveWebhook(
  accept: (message: Message) => Promise<void>,
  helpers: Record<string, number> = {},
): void {
  const secrets = [process.env["APP_SECRET"] ?? ""];
  const server = createServer((req, res) => {
    receive(req, secrets, accept).then(
      (status) => res.writeHead(status).end("EVENT_RECEIVED"),
      () => res.writeHead(500).end(),
    );
  });
  server.listen(0, "127.0.0.1", () => {
    process.send?.({ port: (server.address() as AddressInfo).port, helpers });
  });
  process.on("disconnect", () => process.exit(0));
}

async function receive(
  req: IncomingMessage,
  secrets: string[],
  accept: (message: Message) => Promise<void>,
): Promise<number> {
  const chunks: Buffer[] = [];
  for await (const chunk of req) chunks.push(chunk as Buffer);
  const body = new Uint8Array(Buffer.concat(chunks));
  const signature = req.headers["x-hub-signature-256"];
  if (!verifySignature(body, typeof signature === "string" ? signature : undefined, secrets)) return 401;
  const parsed = parseWebhook(body);
  if (!parsed.ok) return 400;
  for (const { pageId, events } of parsed.pages) {
    for (const event of events) {
      if (event.kind !== "message") continue;
      await accept({ pageId, psid: event.senderId, mid: event.mid, text: event.text ?? "" });
    }
  }
  return 200;
}
