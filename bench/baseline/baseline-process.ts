import { createServer } from "node:http";
import type { IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

import { createMessengerClient } from "../../clients/messenger.ts";
import { createModelClient } from "../../clients/model.ts";
import { parseWebhook } from "../../domain/messenger/parse-webhook.ts";
import { verifySignature } from "../../domain/messenger/verify-signature.ts";
import { BaselineStore } from "./baseline-store.ts";
import { answerTurn } from "./baseline-turn.ts";
import type { Message } from "./baseline-turn.ts";

/**
 * The same turn without durability, sealing, tenants or fences: a queue in memory, one process. What is in work when it
 * dies is lost. It shares the product's clients, so that the difference is the product's own.
 */
const { DATABASE_URL = "", OUTSIDE_URL = "", APP_SECRET = "", APP_ID = "" } = process.env;
const store = new BaselineStore(DATABASE_URL);
await store.prepare();
const deps = {
  store,
  messenger: createMessengerClient({
    baseUrl: OUTSIDE_URL,
    version: "v26.0",
    appId: APP_ID,
    appSecret: APP_SECRET,
  }),
  model: createModelClient({ apiKey: "sk-bench", baseUrl: `${OUTSIDE_URL}/model/v1`, model: "bench" }),
};

/** One at a time for each customer. */
const queues = new Map<string, Promise<void>>();

function enqueue(message: Message): void {
  const before = queues.get(message.psid) ?? Promise.resolve();
  const turn = before
    .then(() => answerTurn(deps, message))
    .catch((error: unknown) => console.error(error))
    .finally(() => {
      if (queues.get(message.psid) === turn) queues.delete(message.psid);
    });
  queues.set(message.psid, turn);
}

const server = createServer((req, res) => {
  void readBody(req).then((body) => {
    const signature = req.headers["x-hub-signature-256"];
    const isSigned = verifySignature(body, typeof signature === "string" ? signature : undefined, [
      APP_SECRET,
    ]);
    const parsed = parseWebhook(body);
    if (!isSigned || !parsed.ok) return res.writeHead(401).end();
    for (const { pageId, events } of parsed.pages) {
      for (const event of events) {
        if (event.kind !== "message") continue;
        enqueue({ pageId, psid: event.senderId, mid: event.mid ?? "", text: event.text ?? "" });
      }
    }
    return res.writeHead(200).end("EVENT_RECEIVED");
  });
});
server.listen(0, "127.0.0.1", () => {
  process.send?.({ port: (server.address() as AddressInfo).port });
});
process.on("disconnect", () => process.exit(0));

async function readBody(req: IncomingMessage): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  for await (const chunk of req) chunks.push(chunk as Buffer);
  return new Uint8Array(Buffer.concat(chunks));
}
