import { createHmac } from "node:crypto";
import type { SimContext } from "../sim-context.ts";

/** A picture link like Meta's: `oe` is the expiry in hexadecimal Unix seconds, `oh` protects it. */
export function cdnUrl(ctx: SimContext, objectId: string): string {
  const oe = Math.floor((ctx.now() + ctx.cdnTtlMs) / 1000)
    .toString(16)
    .toUpperCase();
  return `${ctx.baseUrl()}/cdn/${objectId}?oh=${cdnHash(ctx, objectId, oe)}&oe=${oe}`;
}

export function cdnHash(ctx: SimContext, objectId: string, oe: string): string {
  return createHmac("sha256", ctx.world.cdnSecret).update(`${objectId}/${oe}`).digest("hex").slice(0, 32);
}
