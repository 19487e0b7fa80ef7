import type { Context } from "hono";
import { deleteCookie, getCookie } from "hono/cookie";

import { setConsoleCookie } from "./console-cookie.ts";
import type { ConsoleEnv } from "./console-env.ts";

const kinds = ["done", "note", "problem"] as const;

/** A code of the dictionary (`flash` or `problems`), never text: a cookie is no place for what people wrote. */
export type Flash = { kind: (typeof kinds)[number]; code: string };

const cookie = "console-flash";

export function setFlash(c: Context<ConsoleEnv>, { kind, code }: Flash): void {
  setConsoleCookie(c, { name: cookie, value: `${kind}:${code}`, maxAge: 60 });
}

/** Reads it and takes it away. */
export function takeFlash(c: Context<ConsoleEnv>): Flash | undefined {
  const value = getCookie(c, cookie);
  if (value === undefined) return undefined;
  deleteCookie(c, cookie, { path: "/console" });
  const [, name, code] = /^([a-z]+):([A-Za-z0-9_.]{1,80})$/.exec(value) ?? [];
  const kind = kinds.find((known) => known === name);
  return kind === undefined || code === undefined ? undefined : { kind, code };
}
