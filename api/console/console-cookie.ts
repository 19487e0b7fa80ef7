import type { Context } from "hono";
import { setCookie } from "hono/cookie";

import { isHttps } from "../auth/session-cookie.ts";
import type { ConsoleEnv } from "./console-env.ts";

/** For pages only and for no script; without `maxAge` (seconds) until the browser closes. */
export function setConsoleCookie(
  c: Context<ConsoleEnv>,
  cookie: { name: string; value: string; maxAge?: number },
): void {
  const { name, value, ...life } = cookie;
  const secure = isHttps(c.var.deps.settings);
  setCookie(c, name, value, { path: "/console", secure, httpOnly: true, sameSite: "Lax", ...life });
}
