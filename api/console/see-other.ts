import type { Context } from "hono";

import type { ConsoleEnv } from "./console-env.ts";

export function isByHtmx(c: Context<ConsoleEnv>): boolean {
  return c.req.header("hx-request") === "true";
}

/** Leads the browser to another page; what htmx fetches in the background must not be followed silently. */
export function seeOther(c: Context<ConsoleEnv>, path: string): Response {
  return isByHtmx(c) ? c.body(null, 401, { "hx-redirect": path }) : c.redirect(path, 303);
}

/** A page of the console, whatever was asked for. */
export function safePath(path: string | undefined): string {
  return path !== undefined && /^\/console(\/[A-Za-z0-9_/-]*)?(\?[A-Za-z0-9_=&%.-]*)?$/.test(path)
    ? path
    : "/console";
}

/** Back to the page that sent this; it is our own origin, which was checked. */
export function refererPath(c: Context<ConsoleEnv>): string {
  const referer = c.req.header("referer");
  if (referer === undefined || !URL.canParse(referer)) return safePath(undefined);
  const { pathname, search } = new URL(referer);
  return safePath(pathname + search);
}
