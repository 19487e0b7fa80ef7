import type { Hono } from "hono";

import { showAccountCase, showAccountQueue } from "./admin-accounts-page.tsx";
import { ApiProblem, callApi } from "./call-api.ts";
import { carryOut } from "./carry-out.ts";
import type { ConsoleContext, ConsoleEnv } from "./console-env.ts";
import { flashProblem } from "./flash-problem.ts";
import { FormProblem, readForm } from "./form.ts";

const page = "/console/admin/accounts";

/** Behind `requireAdmin`. */
export function mountAdminAccounts(app: Hono<ConsoleEnv>): void {
  app.get("/admin/accounts", showAccountQueue);
  app.post("/admin/accounts/look-up", (c) => lookUp(c));
  app.get("/admin/accounts/:accountId", (c) => showAccountCase(c, c.req.param("accountId")));
  for (const { verb, done } of [
    { verb: "suspend", done: "suspendAccount" },
    { verb: "reinstate", done: "reinstateAccount" },
  ] as const) {
    app.post(`/admin/accounts/:accountId/${verb}`, async (c) => {
      const form = await readForm(c);
      const id = encodeURIComponent(c.req.param("accountId"));
      return carryOut(c, {
        call: () => ({
          method: "POST",
          path: `/admin/accounts/${id}/${verb}`,
          ...(verb === "suspend" ? { body: { reason: form.required("reason") } } : {}),
          idempotencyKey: form.required("key"),
        }),
        done,
        page: `${page}/${id}`,
        form,
      });
    });
  }
  for (const { verb, done } of [
    { verb: "grant", done: "grantAccountAppeal" },
    { verb: "refuse", done: "refuseAccountAppeal" },
  ] as const) {
    app.post(`/admin/accounts/:accountId/appeals/:appealId/${verb}`, async (c) => {
      const form = await readForm(c);
      const id = encodeURIComponent(c.req.param("appealId"));
      return carryOut(c, {
        call: () => ({
          method: "POST",
          path: `/admin/account-appeals/${id}/${verb}`,
          idempotencyKey: form.required("key"),
        }),
        done,
        page: `${page}/${encodeURIComponent(c.req.param("accountId"))}`,
        form,
      });
    });
  }
}

/** The address travels in the form alone: no address bar and no log has it. */
async function lookUp(c: ConsoleContext): Promise<Response> {
  const form = await readForm(c);
  try {
    const body = { email: form.required("email") };
    const { id } = await callApi<{ id: string }>(c, {
      method: "POST",
      path: "/admin/account-look-ups",
      body,
    });
    return c.redirect(`${page}/${encodeURIComponent(id)}`, 303);
  } catch (error) {
    const isUnknown = error instanceof ApiProblem && error.problem.status === 404;
    flashProblem(c, isUnknown ? new FormProblem("account.unknown") : error);
    return c.redirect(page, 303);
  }
}
