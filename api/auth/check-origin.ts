import type { Context } from "hono";

import { AppError } from "../../domain/app-error.ts";
import type { ApiEnv } from "../env.ts";

const safeMethods = new Set(["GET", "HEAD", "OPTIONS"]);

/**
 * Refuses unsafe requests that a foreign site may have made the browser send. Browsers add `Origin` to every such
 * request; with a cookie and neither `Origin` nor `Sec-Fetch-Site`, whoever asks is not a browser of ours.
 */
export function checkOrigin(c: Context<ApiEnv>, { isByCookie }: { isByCookie: boolean }): void {
  if (safeMethods.has(c.req.method)) return;
  const origin = c.req.header("origin");
  const fetchSite = c.req.header("sec-fetch-site");
  if (origin !== undefined) {
    if (isOwnOrigin(c, origin)) return;
  } else if (fetchSite === undefined ? !isByCookie : fetchSite === "same-origin") return;
  throw new AppError("forbidden", "request.foreign_origin", {
    internal: "unsafe request from a foreign origin",
    public: "This request came from another site.",
  });
}

/** The public address, or the very host that was asked: on loopback one page is `localhost` and `127.0.0.1`. */
function isOwnOrigin(c: Context<ApiEnv>, origin: string): boolean {
  const { publicUrl } = c.var.deps.settings;
  if (origin === new URL(publicUrl).origin) return true;
  const host = c.req.header("host");
  return publicUrl.startsWith("http:") && host !== undefined && origin === `http://${host}`;
}
