import type { Hono } from "hono";
import { createMiddleware } from "hono/factory";

import { readAdmin } from "../auth/read-admin.ts";
import { limitActor } from "../auth/limit-actor.ts";
import { lacksFactor } from "../auth/require-factor.ts";
import { mountAdminApplications } from "./admin-applications-page.tsx";
import { mountAdminAccounts } from "./admin-account-routes.ts";
import { mountAdminFraud } from "./admin-fraud-routes.ts";
import { showOwedMoney } from "./admin-money-page.tsx";
import { mountAdminPayouts } from "./admin-payout-routes.ts";
import { mountAdminPayments } from "./admin-payment-routes.ts";
import { showUpgradeCase, showUpgradeQueue } from "./admin-upgrades-page.tsx";
import { askApi } from "./call-api.ts";
import { carryOut } from "./carry-out.ts";
import { asApiContext } from "./console-env.ts";
import type { ConsoleEnv } from "./console-env.ts";
import { takeFlash } from "./flash.ts";
import { readForm } from "./form.ts";
import { isByHtmx, seeOther } from "./see-other.ts";
import { factorPath, findVisit, sessionToken, signInPath } from "./viewer.ts";
import { wordsOf } from "./words.ts";
import type { Words } from "./words.ts";

/** Sets `c.var.visitor` for somebody of the platform, or leads to the sign-in page. */
const requireAdmin = createMiddleware<ConsoleEnv>(async (c, next) => {
  const token = sessionToken(c);
  const session = await findVisit(c);
  if (token === undefined || session === undefined) return seeOther(c, signInPath(c));
  if (lacksFactor(c.var.deps, session, [])) return seeOther(c, factorPath);
  const actor = await readAdmin(c.var.deps, token);
  if (actor === undefined) return seeOther(c, signInPath(c));
  await limitActor(asApiContext(c), actor);
  const { language } = session;
  const words = wordsOf(language);
  c.set("visit", { token, session, words });
  c.set("visitor", { actor, token, language, words });
  c.set("flash", isByHtmx(c) ? undefined : takeFlash(c));
  await next();
  return undefined;
});

/** The word of the dictionary that says that it is done, by the verb of the API. */
const decisions: Record<string, keyof Words["flash"]> = {
  approve: "approveUpgrade",
  reject: "rejectUpgrade",
  "request-evidence-again": "requestUpgradeEvidenceAgain",
};

/** The platform's own pages: they know no shop. */
export function mountAdminPages(app: Hono<ConsoleEnv>): void {
  app.use("/admin/*", requireAdmin);
  mountAdminPayouts(app);
  mountAdminFraud(app);
  mountAdminApplications(app);
  mountAdminAccounts(app);
  app.get("/admin/upgrades", showUpgradeQueue);
  app.get("/admin/upgrades/:requestId", (c) => showUpgradeCase(c, c.req.param("requestId")));
  for (const [verb, done] of Object.entries(decisions)) {
    app.post(`/admin/upgrades/:requestId/${verb}`, async (c) => {
      const form = await readForm(c);
      const id = encodeURIComponent(c.req.param("requestId"));
      return carryOut(c, {
        call: () => ({
          method: "POST",
          path: `/admin/upgrade-requests/${id}/${verb}`,
          body: {
            evidenceId: form.required("evidenceId"),
            ...(verb === "approve"
              ? { reference: form.required("reference") }
              : { reason: form.required("reason") }),
          },
          idempotencyKey: form.required("key"),
        }),
        done,
        page: `/console/admin/upgrades/${id}`,
      });
    });
  }
  mountAdminPayments(app);
  app.get("/admin/money", showOwedMoney);
  app.post("/admin/upgrades/:requestId/refund-money", async (c) => {
    const form = await readForm(c);
    const id = encodeURIComponent(c.req.param("requestId"));
    return carryOut(c, {
      call: () => ({
        method: "POST",
        path: `/admin/upgrade-requests/${id}/refund-money`,
        body: { paymentId: form.required("paymentId"), way: form.optional("way") },
        idempotencyKey: form.required("key"),
      }),
      done: "refundUpgradeMoney",
      page: "/console/admin/money",
      form,
    });
  });
  app.get("/admin/upgrade-pictures/:pictureId", (c) => {
    const { search } = new URL(c.req.url);
    const id = encodeURIComponent(c.req.param("pictureId"));
    return askApi(c, { method: "GET", path: `/admin/upgrade-pictures/${id}${search}` });
  });
}
