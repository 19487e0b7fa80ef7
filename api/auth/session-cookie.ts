import type { Context } from "hono";
import { deleteCookie, setCookie } from "hono/cookie";

import type { ApiSettings } from "../deps.ts";
import type { ApiEnv } from "../env.ts";

type Site = Pick<ApiSettings, "publicUrl">;

export function cookieName(site: Site): string {
  return hostCookie(site, "session");
}

/** `__Host-` binds the cookie to this very host, and needs https. */
export function hostCookie(site: Site, name: string): string {
  return isHttps(site) ? `__Host-${name}` : name;
}

export function setSessionCookie(c: Context<ApiEnv>, token: string, expiresAt: Date): void {
  const { settings } = c.var.deps;
  setCookie(c, cookieName(settings), token, { ...cookieAttributes(settings), expires: expiresAt });
}

export function clearSessionCookie(c: Context<ApiEnv>): void {
  const { settings } = c.var.deps;
  deleteCookie(c, cookieName(settings), cookieAttributes(settings));
}

export function cookieAttributes(site: Site) {
  return { path: "/", httpOnly: true, sameSite: "Lax", secure: isHttps(site) } as const;
}

export function isHttps({ publicUrl }: Site): boolean {
  return publicUrl.startsWith("https:");
}
