import { randomBytes } from "node:crypto";
import type { Context } from "hono";
import { getCookie, setCookie } from "hono/cookie";

import type { ApiSettings } from "../deps.ts";
import type { ApiEnv } from "../env.ts";
import { cookieAttributes, hostCookie } from "./session-cookie.ts";

const pattern = /^[A-Za-z0-9_-]{22}$/;
/** Browsers keep no cookie for longer. */
const maxAge = 400 * 24 * 60 * 60;

export function browserCookieName(site: Pick<ApiSettings, "publicUrl">): string {
  return hostCookie(site, "browser");
}

/** The random name of a browser, which outlives its sessions; a program has none, nor a browser before its first one. */
export function readBrowser(c: Context<ApiEnv>): string | undefined {
  const name = getCookie(c, browserCookieName(c.var.deps.settings));
  return name !== undefined && pattern.test(name) ? name : undefined;
}

export function newBrowser(): string {
  return randomBytes(16).toString("base64url");
}

export function setBrowserCookie(c: Context<ApiEnv>, name: string): void {
  const { settings } = c.var.deps;
  setCookie(c, browserCookieName(settings), name, { ...cookieAttributes(settings), maxAge });
}
