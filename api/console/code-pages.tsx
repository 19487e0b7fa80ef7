import type { Hono } from "hono";
import { deleteCookie, getCookie } from "hono/cookie";

import { AppError } from "../../domain/app-error.ts";
import { setBrowserCookie } from "../auth/browser-cookie.ts";
import { setSessionCookie } from "../auth/session-cookie.ts";
import { originOf } from "../auth/session-origin.ts";
import { completeSignIn } from "../auth/sign-in.ts";
import { setConsoleCookie } from "./console-cookie.ts";
import { asApiContext } from "./console-env.ts";
import type { ConsoleContext, ConsoleEnv } from "./console-env.ts";
import { readForm } from "./form.ts";
import { Document, sendPage } from "./layout.tsx";
import { safePath } from "./see-other.ts";
import { languageOf } from "./session-language.ts";
import { wordsOf } from "./words.ts";

const codeCookie = "console-code";
const codeSeconds = 600;

/** After the right password of an account with a second factor. */
export function askForCode(c: ConsoleContext, codeToken: string, next: string): Response {
  setConsoleCookie(c, { name: codeCookie, value: codeToken, maxAge: codeSeconds });
  return c.redirect(`/console/sign-in/code?next=${encodeURIComponent(next)}`, 303);
}

export function mountCodePages(app: Hono<ConsoleEnv>): void {
  app.get("/sign-in/code", async (c) =>
    getCookie(c, codeCookie) === undefined ? c.redirect("/console/sign-in", 303) : await showCode(c, {}),
  );

  app.post("/sign-in/code", async (c) => {
    const { deps, limits } = c.var;
    const form = await readForm(c);
    const next = safePath(form.optional("next"));
    const origin = originOf(asApiContext(c));
    const codeToken = getCookie(c, codeCookie) ?? "";
    const given = { codeToken, code: (form.optional("code") ?? "").slice(0, 64), origin };
    try {
      const { token, expiresAt } = await completeSignIn({ deps, limits }, given);
      setSessionCookie(asApiContext(c), token, expiresAt);
      setBrowserCookie(asApiContext(c), origin.browser);
      deleteCookie(c, codeCookie, { path: "/console" });
      return c.redirect(next, 303);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      if (error.code === "sign_in.over") return c.redirect("/console/sign-in", 303);
      if (error.kind === "unauthenticated") return showCode(c, { problem: "refused", next });
      if (error.kind === "too_many") return showCode(c, { problem: "limited", next });
      throw error;
    }
  });
}

type CodePage = { problem?: "refused" | "limited"; next?: string };

function showCode(c: ConsoleContext, { problem, next = c.req.query("next") ?? "" }: CodePage) {
  const language = languageOf(c);
  const { code, session } = wordsOf(language);
  c.status(problem === undefined ? 200 : problem === "refused" ? 401 : 429);
  return sendPage(
    c,
    <Document c={c} language={language} title={`${code.title} · Shopthread`}>
      <main id="main" class="sign-in">
        <h1>{code.title}</h1>
        <p class="muted">{code.lead}</p>
        {problem === undefined ? null : (
          <p class="flash flash-problem" role="alert">
            {problem === "refused" ? code.refused : session.limited}
          </p>
        )}
        <form method="post" action="/console/sign-in/code">
          <input type="hidden" name="next" value={next} />
          <label for="code">{code.code}</label>
          <input id="code" name="code" autocomplete="one-time-code" maxLength={64} required autofocus />
          <button class="primary">{code.go}</button>
        </form>
        <p>
          <a href="/console/sign-in">{code.again}</a>
        </p>
      </main>
    </Document>,
  );
}
