import { createHmac } from "node:crypto";
import { Agent, request } from "node:http";

export type Posted = { status: number; ms: number };

/** Posts signed webhooks as Meta does, over connections that stay open. */
export class WebhookPoster {
  private readonly agent = new Agent({ keepAlive: true, maxSockets: 256 });
  private readonly url: URL;
  private readonly appSecret: string;

  constructor(url: string, appSecret: string) {
    this.url = new URL(url);
    this.appSecret = appSecret;
  }

  /** One text message; rejects when no answer comes within 30 seconds. */
  post(message: { pageId: string; psid: string; mid: string; text: string }): Promise<Posted> {
    const { pageId, psid, mid, text } = message;
    const now = Date.now();
    const item = {
      sender: { id: psid },
      recipient: { id: pageId },
      timestamp: now,
      message: { mid, text },
    };
    const entry = [{ id: pageId, time: now, messaging: [item] }];
    return this.send(JSON.stringify({ object: "page", entry }));
  }

  close(): void {
    this.agent.destroy();
  }

  private send(body: string): Promise<Posted> {
    const startedAt = performance.now();
    const signature = createHmac("sha256", this.appSecret).update(body).digest("hex");
    return new Promise((resolve, reject) => {
      const req = request(this.url, {
        method: "POST",
        agent: this.agent,
        timeout: 30_000,
        headers: {
          "content-type": "application/json",
          "content-length": Buffer.byteLength(body),
          "x-hub-signature-256": `sha256=${signature}`,
        },
      });
      req.on("response", (res) => {
        res.resume();
        res.on("end", () => resolve({ status: res.statusCode ?? 0, ms: performance.now() - startedAt }));
        res.on("error", reject);
      });
      req.on("timeout", () => req.destroy(new Error("the webhook was not answered within 30 s")));
      req.on("error", reject);
      req.end(body);
    });
  }
}
