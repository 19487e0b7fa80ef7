import { Hono } from "hono";
import type { SimContext } from "../sim-context.ts";
import { cdnHash } from "./cdn-url.ts";

/** Serves pictures and files until their link expires; a forged or expired link is refused like at Meta. */
export function createCdnApp(ctx: SimContext): Hono {
  const app = new Hono();
  app.get("/:id", (c) => {
    const id = c.req.param("id");
    const oe = c.req.query("oe") ?? "";
    if (c.req.query("oh") !== cdnHash(ctx, id, oe)) return c.text("Bad URL hash", 403);
    if (Number.parseInt(oe, 16) * 1000 <= ctx.now()) return c.text("URL signature expired", 403);
    const object = ctx.world.findObject(id);
    const bytes = ctx.world.readObject(id);
    if (!object || !bytes) return c.text("Not found", 404);
    return c.body(new Uint8Array(bytes), 200, { "content-type": object.contentType });
  });
  return app;
}
