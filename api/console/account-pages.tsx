import type { Hono } from "hono";

import type {
  ListedAccountEvent,
  ListedSession,
  NoticePreferences,
  PageOf,
  SecondFactor,
} from "./api-types.ts";
import { showAccountPage } from "./account-layout.tsx";
import { callApi, callRenewing } from "./call-api.ts";
import { carryOut } from "./carry-out.ts";
import type { ConsoleContext, ConsoleEnv, Visit } from "./console-env.ts";
import { flashProblem, problemFlash } from "./flash-problem.ts";
import { readForm } from "./form.ts";
import { NoticeChoices, mountNoticePreferences } from "./notice-preferences-section.tsx";
import { Chip, Time } from "./parts.tsx";
import { safePath } from "./see-other.ts";
import { readKept, showKept, showStepUp } from "./step-up-page.tsx";
import { factorPath, requireVisit } from "./viewer.ts";
import { wordFor } from "./words.ts";

const page = "/console/account";

/** Sessions, the second factor and the history of whoever is signed in. */
export function mountAccountPages(app: Hono<ConsoleEnv>): void {
  app.get("/account", requireVisit, (c) => showAccount(c));

  app.post("/account/sessions/end-others", requireVisit, (c) =>
    carryOut(c, {
      call: () => ({ method: "POST", path: "/sessions/revoke-others" }),
      done: "sessionsEnded",
      page,
    }),
  );

  app.post("/account/sessions/:sessionId/end", requireVisit, (c) =>
    carryOut(c, {
      call: () => ({ method: "DELETE", path: `/sessions/${encodeURIComponent(c.req.param("sessionId"))}` }),
      done: "sessionEnded",
      page,
    }),
  );

  mountNoticePreferences(app);
  app.get("/step-up", requireVisit, (c) => showStepUp(c, { next: safePath(c.req.query("next")) }));

  app.post("/step-up", requireVisit, async (c) => {
    const { session } = c.var.visit;
    const form = await readForm(c);
    const next = safePath(form.optional("next"));
    const kept = readKept(form);
    try {
      const body = session.hasFactor
        ? { code: form.required("code") }
        : // Never trimmed: spaces may belong to it.
          { password: form.fields.find(([name]) => name === "password")?.[1] ?? "" };
      await callRenewing(c, { method: "POST", path: "/sessions/current/step-up", body });
      return kept === undefined ? c.redirect(next, 303) : showKept(c, { next, kept });
    } catch (error) {
      if (kept !== undefined) {
        c.set("flash", problemFlash(error));
        return showStepUp(c, { next, kept });
      }
      flashProblem(c, error);
      return c.redirect(`/console/step-up?next=${encodeURIComponent(next)}`, 303);
    }
  });
}

async function showAccount(c: ConsoleContext): Promise<Response> {
  const { visit } = c.var;
  const { account } = visit.words;
  const factor = await callApi<SecondFactor>(c, { method: "GET", path: "/second-factor" });
  if (factor.isRequired && factor.state !== "confirmed") return c.redirect(factorPath, 303);
  const sessions = await callApi<PageOf<ListedSession>>(c, { method: "GET", path: "/sessions?limit=100" });
  const { preferences } = await callApi<NoticePreferences>(c, { method: "GET", path: "/notice-preferences" });
  const events = await callApi<PageOf<ListedAccountEvent>>(c, { method: "GET", path: "/account-events" });
  return showAccountPage(c, {
    title: account.title,
    children: (
      <>
        <p>
          <a href="/console">{account.back}</a>
        </p>
        <p>
          <a href="/console/account/password">{account.passwordAndAddress}</a>
        </p>
        <FactorCard factor={factor} visit={visit} />
        <NoticeChoices preferences={preferences} visit={visit} />
        <Sessions sessions={sessions.data} visit={visit} />
        <History events={events.data} visit={visit} />
      </>
    ),
  });
}

function FactorCard({ factor, visit }: { factor: SecondFactor; visit: Visit }) {
  const { account } = visit.words;
  const isOn = factor.state === "confirmed";
  return (
    <section class="card" aria-labelledby="factor">
      <h2 id="factor">{account.factor}</h2>
      <p>{isOn ? account.factorOn : account.factorOff}</p>
      {isOn ? <p>{account.codesLeft(factor.recoveryCodesLeft)}</p> : null}
      <p>
        <a class="button" href="/console/account/factor">
          {isOn ? account.factor : account.setUp}
        </a>
      </p>
    </section>
  );
}

function Sessions({ sessions, visit }: { sessions: readonly ListedSession[]; visit: Visit }) {
  const { account } = visit.words;
  return (
    <section class="card" aria-labelledby="sessions">
      <h2 id="sessions">{account.sessions}</h2>
      <ul class="plain-list">
        {sessions.map(({ id, device, network, isCurrent, lastUsedAt }) => (
          <li>
            <p>
              <strong>{device === null || device === "Program" ? account.program : device}</strong>{" "}
              {network === null ? null : <code>{network}</code>}{" "}
              {isCurrent ? <Chip>{account.current}</Chip> : null}
            </p>
            <p class="muted">
              {account.lastUsed}: <Time at={lastUsedAt} viewer={inUtc(visit)} /> UTC
            </p>
            {isCurrent ? null : (
              <form method="post" action={`/console/account/sessions/${id}/end`}>
                <button>{account.end}</button>
              </form>
            )}
          </li>
        ))}
      </ul>
      {sessions.length < 2 ? null : (
        <form method="post" action="/console/account/sessions/end-others">
          <button>{account.endOthers}</button>
        </form>
      )}
    </section>
  );
}

function History({ events, visit }: { events: readonly ListedAccountEvent[]; visit: Visit }) {
  const { account } = visit.words;
  return (
    <section class="card" aria-labelledby="history">
      <h2 id="history">{account.history}</h2>
      <ul class="plain-list">
        {events.map(({ kind, at }) => (
          <li>
            {wordFor(account.events, kind)} · <Time at={at} viewer={inUtc(visit)} /> UTC
          </li>
        ))}
      </ul>
    </section>
  );
}

/** An account may have shops in several time zones, or none. */
function inUtc({ session }: Visit) {
  return { language: session.language, shop: { timeZone: "UTC" } };
}
