import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as wait } from "node:timers/promises";

import { subscribedFields } from "../../domain/messenger/subscribed-fields.ts";
import { answerModel } from "./model-answers.ts";
import type { ModelRequest } from "./model-answers.ts";

export type Reply = { psid: string; text: string; at: number };

/**
 * The least of Graph API and model server that a turn needs, in this process: the simulators check and remember every
 * request, and would be the bottleneck. It counts what it is asked, and tells each reply the moment it comes.
 */
export class Outside {
  readonly url: string;
  /** Before each answer of the model. */
  modelMs = 0;
  readonly counts = { model: 0, actions: 0, messages: 0, bytes: 0 };
  onReply: (reply: Reply) => void = () => undefined;
  /** Which variant the model sells, by the shop's name in the prompt; set before the first message. */
  readonly variants = new Map<string, string>();
  private readonly server: Server;
  private readonly appId: string;
  private mids = 0;

  private constructor(server: Server, appId: string) {
    this.server = server;
    this.appId = appId;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    server.on("request", (req, res) => {
      this.handle(req, res).catch(() => res.destroy());
    });
  }

  static async start(appId: string): Promise<Outside> {
    const server = createServer({ keepAlive: true });
    server.keepAliveTimeout = 60_000;
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return new Outside(server, appId);
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve));
    this.server.closeAllConnections();
    await closed;
  }

  private async handle(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const body = await readBody(req);
    const path = (req.url ?? "").split("?")[0] ?? "";
    this.counts.bytes += body.length;
    if (path === "/model/v1/responses") return this.model(body, res);
    if (path.endsWith("/messages")) return this.message(body, res);
    if (path.endsWith("/subscribed_apps")) {
      const data = [{ id: this.appId, name: "bench", subscribed_fields: subscribedFields }];
      return send(res, req.method === "POST" ? { success: true } : { data });
    }
    if (path.endsWith("/debug_token"))
      return send(res, { data: { is_valid: true, app_id: this.appId, scopes: [], expires_at: 0 } });
    send(res, { id: path.split("/")[2], name: "Bench Page" });
  }

  private async model(body: string, res: ServerResponse): Promise<void> {
    this.counts.model += 1;
    if (this.modelMs > 0) await wait(this.modelMs);
    const request = JSON.parse(body) as ModelRequest;
    const shop = [...this.variants.keys()].find((name) => body.includes(name)) ?? "";
    send(res, answerModel(request, this.variants.get(shop) ?? ""));
  }

  private message(body: string, res: ServerResponse): void {
    const sent = JSON.parse(body) as {
      recipient: { id: string };
      message?: { text?: string };
      sender_action?: string;
    };
    const psid = sent.recipient.id;
    if (sent.message === undefined) {
      this.counts.actions += 1;
      return send(res, { recipient_id: psid });
    }
    this.counts.messages += 1;
    this.mids += 1;
    send(res, { recipient_id: psid, message_id: `m_out_${this.mids}` });
    this.onReply({ psid, text: sent.message.text ?? "", at: performance.now() });
  }
}

function readBody(req: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    req.on("data", (chunk: Buffer) => chunks.push(chunk));
    req.on("end", () => resolve(Buffer.concat(chunks).toString("utf8")));
    req.on("error", reject);
  });
}

function send(res: ServerResponse, answer: object): void {
  const text = JSON.stringify(answer);
  res.writeHead(200, { "content-type": "application/json", "content-length": Buffer.byteLength(text) });
  res.end(text);
}
