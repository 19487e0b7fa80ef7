import { readFileSync } from "node:fs";
import { Hono } from "hono";
import { streamSSE } from "hono/streaming";
import sharp from "sharp";
import type { LiveEvent } from "../live.ts";
import type { SimContext } from "../sim-context.ts";

const contentSecurityPolicy =
  "default-src 'self'; img-src 'self' blob:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
const keepAliveMs = 15_000;
const assets = {
  "chat.css": "text/css; charset=utf-8",
  "chat.js": "text/javascript; charset=utf-8",
  "chat-view.js": "text/javascript; charset=utf-8",
  "transfer-hint.js": "text/javascript; charset=utf-8",
} as const;

const likeSvg = `<svg xmlns="http://www.w3.org/2000/svg" width="240" height="240" viewBox="0 0 24 24"><path fill="#0866ff" d="M2 10h4v11H2zM8 10l5-9c2 0 3 2 2.500 4L15 9h5c1.500 0 2.300 1.300 2 2.600l-2 7.400c-.3 1.200-1 2-2.500 2H8z"/></svg>`;

/** The customer's Messenger: one page, its live events, and the pictures that it shows. */
export function createChatApp(ctx: SimContext): Hono {
  const app = new Hono();
  app.use(async (c, next) => {
    await next();
    c.header("content-security-policy", contentSecurityPolicy);
    c.header("x-content-type-options", "nosniff");
    c.header("referrer-policy", "no-referrer");
  });
  app.get("/", (c) => c.html(readAsset("chat.html")));
  app.get("/like.png", async (c) => {
    const png = await sharp(Buffer.from(likeSvg)).png().toBuffer();
    return c.body(new Uint8Array(png), 200, { "content-type": "image/png" });
  });
  for (const [name, contentType] of Object.entries(assets)) {
    app.get(`/${name}`, (c) => c.body(readAsset(name), 200, { "content-type": contentType }));
  }
  app.get("/objects/:id", (c) => {
    const id = c.req.param("id");
    const object = ctx.world.findObject(id);
    const bytes = ctx.world.readObject(id);
    if (!object || !bytes) return c.text("Not found", 404);
    // Whatever is not a picture is only ever saved, never shown as a page of this origin.
    const isPicture = /^image\/(png|jpeg|gif|webp)$/.test(object.contentType);
    return c.body(new Uint8Array(bytes), 200, {
      "content-type": isPicture ? object.contentType : "application/octet-stream",
      "cache-control": "private, max-age=3600",
    });
  });
  app.get("/events", (c) => {
    const pageId = c.req.query("pageId") ?? ctx.defaultPageId;
    const psid = c.req.query("psid") ?? "";
    return streamSSE(c, async (stream) => {
      const stop = ctx.live.subscribe((event) => {
        if (event.pageId === pageId && event.psid === psid) void stream.writeSSE(toSse(event));
      });
      stream.onAbort(stop);
      await stream.writeSSE({ event: "changed", data: "" });
      while (!stream.aborted) {
        await stream.sleep(keepAliveMs);
        if (!stream.aborted) await stream.writeSSE({ event: "alive", data: "" });
      }
    });
  });
  return app;
}

function toSse(event: LiveEvent): { event: string; data: string } {
  return { event: event.type, data: event.type === "typing" ? String(event.isOn) : "" };
}

function readAsset(name: string): string {
  return readFileSync(new URL(name, import.meta.url), "utf8");
}
