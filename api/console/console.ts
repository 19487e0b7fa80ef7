import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";

import { AppError } from "../../domain/app-error.ts";
import type { ApiPart } from "../app.ts";
import { HttpProblem } from "../problem.ts";
import { mountAccountPages } from "./account-pages.tsx";
import { mountAdminPages } from "./admin-routes.ts";
import { loadAssets } from "./assets.ts";
import { mountAttestations } from "./attestations-page.tsx";
import { mountCodePages } from "./code-pages.tsx";
import type { ConsoleEnv, Dispatch } from "./console-env.ts";
import { mountConversations } from "./conversation-routes.ts";
import { showCredits } from "./credits-page.tsx";
import { mountDecisions } from "./decide-routes.ts";
import { showError } from "./error-page.tsx";
import { showEvidence, showPicture } from "./evidence-page.tsx";
import { mountFactorPages } from "./factor-pages.tsx";
import { mountInvoices } from "./invoice-routes.ts";
import { homeOf, showNav } from "./layout.tsx";
import type { LiveEvents } from "./live-events.ts";
import { mountLive } from "./live-routes.ts";
import { mountNewShopPages } from "./new-shop-page.tsx";
import { mountPasswordPage } from "./password-page.tsx";
import { mountPolicies } from "./policies-page.tsx";
import { mountPlan } from "./plan-routes.ts";
import { mountNotices } from "./notices-page.tsx";
import { showOrderBoard } from "./order-board-page.tsx";
import { showOrder } from "./order-page.tsx";
import { mountPages } from "./page-routes.tsx";
import { mountProcessorsPage } from "./processors-page.tsx";
import { mountProducts } from "./product-routes.ts";
import { mountReferral } from "./referral-page.tsx";
import { securePages } from "./secure-pages.ts";
import { mountSessionPages } from "./session-pages.tsx";
import { mountShop } from "./shop-page.tsx";
import { mountSlipDecisions } from "./slip-routes.ts";
import { mountJoin, mountTeam } from "./team-page.tsx";
import { mountSignUpPages } from "./sign-up-pages.tsx";
import { showUnmatched } from "./unmatched-page.tsx";
import { mountVerifyPages } from "./verify-pages.tsx";
import { requireViewer } from "./viewer.ts";

/** Pictures of products are uploaded by forms. */
const maxBodyBytes = 11 * 1024 * 1024;

/** The web console below `/console`: a part for `createApi`, after the owner's API, which it asks for everything. */
export function mountConsole(live: LiveEvents): ApiPart {
  return (app) => {
    app.get("/", (c) => c.redirect("/console", 302));
    app.route("/console", createConsole({ live, dispatch: (request, env) => app.fetch(request, env) }));
  };
}

export function createConsole({
  live,
  dispatch,
}: {
  live: LiveEvents;
  dispatch: Dispatch;
}): Hono<ConsoleEnv> {
  const app = new Hono<ConsoleEnv>({ strict: false });
  app.onError((error, c) => showError(c, error));
  const assets = loadAssets();
  app.use(async (c, next) => {
    c.set("dispatch", dispatch);
    c.set("assetPath", assets.path);
    await next();
  });
  app.use(securePages);
  app.use(bodyLimit({ maxSize: maxBodyBytes, onError: tooLarge }));
  assets.mount(app);
  mountSessionPages(app);
  mountAdminPages(app);
  mountCodePages(app);
  mountAccountPages(app);
  mountFactorPages(app);
  mountJoin(app);
  mountPasswordPage(app);
  mountPolicies(app);
  mountProcessorsPage(app);
  mountSignUpPages(app);
  mountVerifyPages(app);
  mountNewShopPages(app);
  app.use(requireViewer);
  app.get("/", (c) => c.redirect(homeOf(c.var.viewer), 302));
  app.get("/nav", showNav);
  mountLive(app, live);
  app.get("/orders", showOrderBoard);
  app.get("/orders/:orderId", (c) => showOrder(c, c.req.param("orderId")));
  mountDecisions(app);
  app.get("/evidence", showUnmatched);
  app.get("/evidence/:evidenceId", (c) => showEvidence(c, c.req.param("evidenceId")));
  mountSlipDecisions(app);
  app.get("/pictures/:objectId", (c) => showPicture(c, c.req.param("objectId")));
  mountConversations(app);
  mountProducts(app);
  mountNotices(app);
  mountPlan(app);
  mountInvoices(app);
  mountReferral(app);
  app.get("/credits", showCredits);
  mountShop(app);
  mountTeam(app);
  mountAttestations(app);
  mountPages(app);
  app.all("*", () => {
    throw new AppError("not_found", "route.not_found", { internal: "no such page" });
  });
  return app;
}

function tooLarge(): never {
  throw new HttpProblem(413, "image.too_large", "The request is too large.");
}
