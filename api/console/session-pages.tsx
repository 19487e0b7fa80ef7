import type { Hono } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";

import { endSession, setSessionLanguage } from "../../db/sessions.ts";
import { AppError } from "../../domain/app-error.ts";
import { setBrowserCookie } from "../auth/browser-cookie.ts";
import { clearSessionCookie, setSessionCookie } from "../auth/session-cookie.ts";
import { originOf } from "../auth/session-origin.ts";
import { signIn } from "../auth/sign-in.ts";
import { askForCode } from "./code-pages.tsx";
import { asApiContext } from "./console-env.ts";
import type { ConsoleContext, ConsoleEnv } from "./console-env.ts";
import { readForm } from "./form.ts";
import { Document, sendPage } from "./layout.tsx";
import { refererPath, safePath } from "./see-other.ts";
import { languageOf, rememberLanguage } from "./session-language.ts";
import { findVisit, rememberShop, requireViewer } from "./viewer.ts";
import { wordsOf } from "./words.ts";

export function mountSessionPages(app: Hono<ConsoleEnv>): void {
  app.get("/sign-in", (c) => showSignIn(c, {}));

  app.post("/sign-in", async (c) => {
    const { deps, limits } = c.var;
    const form = await readForm(c);
    const email = form.optional("email") ?? "";
    const origin = originOf(asApiContext(c));
    try {
      const answer = await signIn(
        { deps, limits },
        {
          email: email.slice(0, 254),
          // Never trimmed: spaces may belong to it.
          password: (form.fields.find(([name]) => name === "password")?.[1] ?? "").slice(0, 1_024),
          language: languageOf(c),
          origin,
        },
      );
      const next = safePath(form.optional("next"));
      if (answer.state === "code_needed") return askForCode(c, answer.codeToken, next);
      setSessionCookie(asApiContext(c), answer.token, answer.expiresAt);
      setBrowserCookie(asApiContext(c), origin.browser);
      return c.redirect(next, 303);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      if (error.kind === "unauthenticated") return showSignIn(c, { email, problem: "refused", status: 401 });
      if (error.code === "account.suspended")
        return showSignIn(c, { email, problem: "suspended", status: 403 });
      if (error.kind === "too_many") return showSignIn(c, { email, problem: "limited", status: 429 });
      throw error;
    }
  });

  app.post("/sign-out", async (c) => {
    const { deps } = c.var;
    const session = await findVisit(c);
    if (session !== undefined) {
      const now = deps.clock.now();
      await deps.db.withoutShop((trx) => endSession(trx, { id: session.id, now }));
    }
    clearSessionCookie(asApiContext(c));
    return c.redirect("/console/sign-in", 303);
  });

  app.post("/language", async (c) => {
    const { deps } = c.var;
    const session = await findVisit(c);
    const language = (await readForm(c)).optional("language") === "en" ? "en" : "my";
    rememberLanguage(c, language);
    if (session !== undefined) {
      await deps.db.withoutShop((trx) => setSessionLanguage(trx, { id: session.id, language }));
    }
    return c.redirect(refererPath(c), 303);
  });

  app.post("/shop-choice", requireViewer, async (c) => {
    rememberShop(c, (await readForm(c)).optional("shop") ?? "");
    return c.redirect("/console", 303);
  });
}

type SignInPage = {
  email?: string;
  problem?: "refused" | "limited" | "suspended";
  status?: ContentfulStatusCode;
};

async function showSignIn(c: ConsoleContext, { email = "", problem, status = 200 }: SignInPage) {
  const language = languageOf(c);
  const words = wordsOf(language);
  const next = c.req.query("next") ?? "";
  const other = language === "my" ? "en" : "my";
  if (c.req.query("language") !== undefined) rememberLanguage(c, language);
  c.status(status);
  return sendPage(
    c,
    <Document c={c} language={language} title={`${words.session.title} · Shopthread`}>
      <main id="main" class="sign-in">
        <h1>Shopthread</h1>
        <p class="muted">{words.session.lead}</p>
        {problem === undefined ? null : (
          <p class="flash flash-problem" role="alert">
            {problem === "suspended" ? words.appeal.suspended : words.session[problem]}
          </p>
        )}
        <form method="post" action="/console/sign-in">
          <input type="hidden" name="next" value={next} />
          <label for="email">{words.session.email}</label>
          <input
            id="email"
            name="email"
            type="text"
            autocapitalize="none"
            autocomplete="username"
            required
            autofocus={email === ""}
            value={email}
          />
          <label for="password">{words.session.password}</label>
          <input
            id="password"
            name="password"
            type="password"
            autocomplete="current-password"
            required
            autofocus={email !== ""}
          />
          <button class="primary">{words.session.signIn}</button>
        </form>
        <p>
          {problem === "suspended" ? <a href="/console/appeal">{words.appeal.title}</a> : null}{" "}
          <a href="/console/forgot">{words.password.forgot}</a>{" "}
          <a href="/console/sign-up">{words.signUp.title}</a>
        </p>
        <p>
          <a href={`/console/sign-in?language=${other}&next=${encodeURIComponent(next)}`} lang={other}>
            {words.otherLanguage}
          </a>
        </p>
      </main>
    </Document>,
  );
}
