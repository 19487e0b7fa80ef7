import type { Hono } from "hono";
import { raw } from "hono/html";

import { showAccountPage } from "./account-layout.tsx";
import type { ConfirmedFactor, Enrolment, SecondFactor } from "./api-types.ts";
import { callApi, callRenewing } from "./call-api.ts";
import { carryOut, isStepUpNeeded, stepUpPath } from "./carry-out.ts";
import type { ConsoleContext, ConsoleEnv, Visit } from "./console-env.ts";
import { flashProblem } from "./flash-problem.ts";
import { readForm } from "./form.ts";
import { factorPath, requireVisit } from "./viewer.ts";

const page = factorPath;

/** To set up the second factor, and to take it away. What is shown once is the answer of its own form. */
export function mountFactorPages(app: Hono<ConsoleEnv>): void {
  app.get("/account/factor", requireVisit, (c) => showFactor(c));

  app.post("/account/factor", requireVisit, (c) =>
    showOnce(c, async () =>
      showEnrolment(c, await callApi<Enrolment>(c, { method: "POST", path: "/second-factor" })),
    ),
  );

  // What these forms answer is shown once: read again, they lead to what holds.
  for (const form of ["confirm", "codes"]) app.get(`/account/factor/${form}`, (c) => c.redirect(page, 303));

  app.post("/account/factor/confirm", requireVisit, (c) =>
    showOnce(c, async () => {
      const body = { code: (await readForm(c)).required("code").replaceAll(" ", "") };
      const call = { method: "POST", path: "/second-factor/confirm", body } as const;
      return showCodes(c, (await callRenewing<ConfirmedFactor>(c, call)).recoveryCodes);
    }),
  );

  app.post("/account/factor/codes", requireVisit, (c) =>
    showOnce(c, async () => {
      const body = { code: (await readForm(c)).required("code") };
      const call = { method: "POST", path: "/second-factor/recovery-codes", body } as const;
      return showCodes(c, (await callRenewing<ConfirmedFactor>(c, call)).recoveryCodes);
    }),
  );

  app.post("/account/factor/remove", requireVisit, async (c) => {
    const form = await readForm(c);
    return carryOut(c, {
      call: () => ({
        method: "POST",
        path: "/second-factor/remove",
        body: { code: form.required("code") },
      }),
      done: "factorRemoved",
      page,
      isRenewing: true,
    });
  });
}

async function showOnce(c: ConsoleContext, show: () => Promise<Response>): Promise<Response> {
  try {
    return await show();
  } catch (error) {
    if (isStepUpNeeded(error)) return c.redirect(stepUpPath(page), 303);
    flashProblem(c, error);
    return c.redirect(page, 303);
  }
}

async function showFactor(c: ConsoleContext): Promise<Response> {
  const { visit } = c.var;
  const { account } = visit.words;
  const factor = await callApi<SecondFactor>(c, { method: "GET", path: "/second-factor" });
  return showAccountPage(c, {
    title: account.factor,
    children: (
      <>
        {factor.isRequired && factor.state !== "confirmed" ? (
          <p class="caution">{account.factorNeeded}</p>
        ) : (
          <p>
            <a href="/console/account">{account.title}</a>
          </p>
        )}
        {factor.state === "confirmed" ? (
          <Confirmed visit={visit} left={factor.recoveryCodesLeft} />
        ) : (
          <NotYet visit={visit} isWaiting={factor.state === "waiting"} />
        )}
      </>
    ),
  });
}

function Confirmed({ visit, left }: { visit: Visit; left: number }) {
  const { account } = visit.words;
  return (
    <section class="card">
      <p>{account.factorOn}</p>
      <p>{account.codesLeft(left)}</p>
      <form method="post" action={`${page}/codes`} class="form">
        <h2>{account.newCodes}</h2>
        <p class="muted">{account.newCodesHelp}</p>
        <CodeField id="codes-code" visit={visit} />
        <button>{account.newCodes}</button>
      </form>
      <form method="post" action={`${page}/remove`} class="form">
        <h2>{account.remove}</h2>
        <CodeField id="remove-code" visit={visit} />
        <button class="danger">{account.remove}</button>
      </form>
    </section>
  );
}

/** Both forms of the page have one. */
function CodeField({ id, visit }: { id: string; visit: Visit }) {
  return (
    <>
      <label for={id}>{visit.words.code.code}</label>
      <input id={id} name="code" autocomplete="one-time-code" maxLength={64} required />
    </>
  );
}

function NotYet({ visit, isWaiting }: { visit: Visit; isWaiting: boolean }) {
  const { account } = visit.words;
  return (
    <section class="card">
      {isWaiting ? (
        <>
          <p>{account.waiting}</p>
          <FirstCode visit={visit} />
        </>
      ) : (
        <p>{account.factorOff}</p>
      )}
      <form method="post" action={page}>
        <button class={isWaiting ? undefined : "primary"}>{isWaiting ? account.anew : account.setUp}</button>
      </form>
    </section>
  );
}

function FirstCode({ visit }: { visit: Visit }) {
  const { account } = visit.words;
  return (
    <form method="post" action={`${page}/confirm`} class="form">
      <label for="code">{account.firstCode}</label>
      <input id="code" name="code" inputmode="numeric" autocomplete="one-time-code" maxLength={12} required />
      <button class="primary">{account.confirm}</button>
    </form>
  );
}

function showEnrolment(c: ConsoleContext, { secret, uri, qrSvg }: Enrolment): Promise<Response> {
  const { visit } = c.var;
  const { account } = visit.words;
  return showAccountPage(c, {
    title: account.setUp,
    children: (
      <section class="card">
        <p>
          {account.scan} {account.shownOnce}
        </p>
        {/* Our own encoder's paths; the text lies in them as modules only. */}
        <div class="qr">{raw(qrSvg)}</div>
        <p>
          {account.key}: <code>{secret}</code>
        </p>
        <p class="muted">
          <a href={uri}>{account.openApp}</a>
        </p>
        <FirstCode visit={visit} />
      </section>
    ),
  });
}

function showCodes(c: ConsoleContext, codes: readonly string[]): Promise<Response> {
  const { account } = c.var.visit.words;
  return showAccountPage(c, {
    title: account.codes,
    children: (
      <section class="card">
        <p>
          {account.codesLead} {account.shownOnce}
        </p>
        <ul class="plain-list">
          {codes.map((code) => (
            <li>
              <code>{code}</code>
            </li>
          ))}
        </ul>
        <p>
          <a class="button primary" href="/console/account">
            {account.written}
          </a>
        </p>
      </section>
    ),
  });
}
