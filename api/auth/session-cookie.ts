import type { Context } from "hono";
import { deleteCookie, setCookie } from "hono/cookie";

import type { ApiSettings } from "../deps.ts";
import type { ApiEnv } from "../env.ts";

type Site = Pick<ApiSettings, "publicUrl">;

/** `__Host-` binds the cookie to this very host, and needs https. */
export function cookieName(site: Site): string {
  return isHttps(site) ? "__Host-session" : "session";
}

export function setSessionCookie(c: Context<ApiEnv>, token: string, expiresAt: Date): void {
  const { settings } = c.var.deps;
  setCookie(c, cookieName(settings), token, { ...attributes(settings), expires: expiresAt });
}

export function clearSessionCookie(c: Context<ApiEnv>): void {
  const { settings } = c.var.deps;
  deleteCookie(c, cookieName(settings), attributes(settings));
}

function attributes(site: Site) {
  return { path: "/", httpOnly: true, sameSite: "Lax", secure: isHttps(site) } as const;
}

export function isHttps({ publicUrl }: Site): boolean {
  return publicUrl.startsWith("https:");
}
