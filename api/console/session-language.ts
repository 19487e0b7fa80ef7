import { getCookie } from "hono/cookie";

import type { Language } from "../../domain/shop/policies.ts";
import { setConsoleCookie } from "./console-cookie.ts";
import type { ConsoleContext } from "./console-env.ts";

const languageCookie = "console-language";

/** Before there is a session: what the link says, what was chosen before, what the browser prefers. */
export function languageOf(c: ConsoleContext): Language {
  const chosen = c.req.query("language") ?? getCookie(c, languageCookie);
  if (chosen === "en" || chosen === "my") return chosen;
  return /^en\b/i.test(c.req.header("accept-language") ?? "") ? "en" : "my";
}

export function rememberLanguage(c: ConsoleContext, language: Language): void {
  setConsoleCookie(c, { name: languageCookie, value: language, maxAge: 365 * 24 * 60 * 60 });
}
