import type { Hono } from "hono";

import { upcomingPolicies } from "../../domain/account/policy-version.ts";
import { readPoliciesInForce, readPolicyVersions } from "../auth/policies-in-force.ts";
import { listChanged } from "../accounts/acceptance-routes.ts";
import { showAccountPage } from "./account-layout.tsx";
import { callApi } from "./call-api.ts";
import type { ConsoleContext, ConsoleEnv } from "./console-env.ts";
import { flashProblem } from "./flash-problem.ts";
import { readForm } from "./form.ts";
import { Agree } from "./open-page.tsx";
import { safePath } from "./see-other.ts";
import { policiesPath, requireVisit } from "./viewer.ts";

/** What was worded anew is accepted before the console goes on. */
export function mountPolicies(app: Hono<ConsoleEnv>): void {
  app.get("/account/policies", requireVisit, (c) => showPolicies(c));
  app.post("/account/policies", requireVisit, async (c) => {
    const form = await readForm(c);
    const next = safePath(form.optional("next"));
    try {
      const accepted = {
        terms: form.required("terms"),
        privacy: form.required("privacy"),
        processingAbroad: form.required("processing_abroad"),
        adult: form.required("adult"),
      };
      await callApi(c, {
        method: "POST",
        path: "/accounts/current/policy-acceptances",
        body: { accepted },
      });
      return c.redirect(next, 303);
    } catch (error) {
      flashProblem(c, error);
      return c.redirect(policiesPath(next), 303);
    }
  });
}

/** Those that stayed as they were go along unseen: they were accepted before. */
async function showPolicies(c: ConsoleContext): Promise<Response> {
  const { session, words } = c.var.visit;
  const next = safePath(c.req.query("next"));
  const changed = await listChanged(c.var.deps, session.accountId);
  const { policies } = words;
  if (changed.length === 0) return showUpcoming(c, next);
  const inForce = await readPoliciesInForce(c.var.deps);
  return showAccountPage(c, {
    title: policies.title,
    children: (
      <>
        <p>{policies.lead}</p>
        <form method="post" action="/console/account/policies" class="card">
          <input type="hidden" name="next" value={next} />
          {Object.entries(inForce).map(([name, { version, text }]) =>
            changed.some((one) => one === name) ? (
              <Agree name={name} version={version} text={text[session.language]} />
            ) : (
              <input type="hidden" name={name} value={version} />
            ),
          )}
          <button class="primary">{policies.action}</button>
        </form>
      </>
    ),
  });
}

/** What is announced is read here, where its notice leads; nothing is to be done about it yet. */
async function showUpcoming(c: ConsoleContext, next: string): Promise<Response> {
  const { session, words } = c.var.visit;
  const { deps } = c.var;
  const upcoming = upcomingPolicies(await readPolicyVersions(deps), deps.clock.now());
  if (upcoming.length === 0) return c.redirect(next, 303);
  const { policies } = words;
  return showAccountPage(c, {
    title: policies.upcoming,
    children: upcoming.map(({ effectiveAt, summary, text }) => (
      <div class="card">
        <p>
          {policies.from} {effectiveAt.toISOString().slice(0, 10)}: {summary[session.language]}
        </p>
        <p>{text[session.language]}</p>
      </div>
    )),
  });
}
