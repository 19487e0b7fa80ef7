import type { Hono } from "hono";

import { listMemberships } from "../../db/system.ts";
import { callApi, callRenewing } from "./call-api.ts";
import { isStepUpNeeded, stepUpPath } from "./carry-out.ts";
import type { ConsoleContext, ConsoleEnv } from "./console-env.ts";
import { setFlash } from "./flash.ts";
import { readForm } from "./form.ts";
import { showOpenPage } from "./open-page.tsx";
import { requireVisit } from "./viewer.ts";

/**
 * Where the links of mails lead. Looking at a page changes nothing, since mail programs look too: a button does. Both
 * need the session of the account.
 */
export function mountVerifyPages(app: Hono<ConsoleEnv>): void {
  app.get("/verify", requireVisit, (c) => showVerify(c, {}));

  app.post("/verify", requireVisit, async (c) => {
    const token = (await readForm(c)).optional("token") ?? "";
    try {
      await callRenewing(c, { method: "POST", path: "/email-verifications", body: { token } });
    } catch (problem) {
      return showVerify(c, { problem });
    }
    const shops = await listMemberships(c.var.deps.system, c.var.visit.session.accountId);
    setFlash(c, { kind: "done", code: "emailVerified" });
    return c.redirect(shops.length === 0 ? "/console/new-shop" : "/console/orders", 303);
  });

  // Where changing the language leads after the form.
  app.get("/verify/resend", (c) => c.redirect("/console/verify", 303));

  app.post("/verify/resend", requireVisit, async (c) => {
    try {
      await callApi(c, { method: "POST", path: "/email-verifications/resend" });
    } catch (problem) {
      return showVerify(c, { problem });
    }
    return showVerify(c, { isResent: true });
  });

  app.get("/confirm-email", requireVisit, (c) => showConfirmEmail(c));

  app.post("/confirm-email", requireVisit, async (c) => {
    const token = (await readForm(c)).optional("token") ?? "";
    try {
      await callRenewing(c, { method: "POST", path: "/email-changes/confirm", body: { token } });
    } catch (problem) {
      if (isStepUpNeeded(problem))
        return c.redirect(stepUpPath(`/console/confirm-email?token=${token}`), 303);
      return showConfirmEmail(c, problem);
    }
    setFlash(c, { kind: "done", code: "emailChanged" });
    return c.redirect("/console/account", 303);
  });
}

function showVerify(
  c: ConsoleContext,
  { problem, isResent = false }: { problem?: unknown; isResent?: boolean },
): Promise<Response> {
  const token = c.req.method === "GET" ? c.req.query("token") : undefined;
  return showOpenPage(c, {
    title: (words) => words.verify.title,
    problem,
    children: (words) =>
      token === undefined ? (
        <>
          <p role="status">{isResent ? words.verify.resent : words.verify.waits}</p>
          <form method="post" action="/console/verify/resend">
            <button>{words.verify.resend}</button>
          </form>
        </>
      ) : (
        <form method="post" action="/console/verify">
          <p>{words.verify.lead}</p>
          <input type="hidden" name="token" value={token} />
          <button class="primary">{words.verify.action}</button>
        </form>
      ),
  });
}

function showConfirmEmail(c: ConsoleContext, problem?: unknown): Promise<Response> {
  const token = c.req.query("token") ?? "";
  return showOpenPage(c, {
    title: (words) => words.address.title,
    problem,
    children: (words) => (
      <form method="post" action="/console/confirm-email">
        <p>{words.address.lead}</p>
        <input type="hidden" name="token" value={token} />
        <button class="primary">{words.address.action}</button>
      </form>
    ),
  });
}
