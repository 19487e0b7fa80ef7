import type { Hono } from "hono";
import { encodeQR } from "qr";

import type { UpgradeRequestDetail, Upload } from "./api-types.ts";
import { askApi, callApi } from "./call-api.ts";
import { carryOut } from "./carry-out.ts";
import type { ConsoleContext, ConsoleEnv } from "./console-env.ts";
import { flashProblem } from "./flash-problem.ts";
import { FormProblem, readForm } from "./form.ts";
import type { Form } from "./form.ts";
import { showPlan } from "./plan-page.tsx";
import { showRequest } from "./request-page.tsx";
import { takeDecision } from "./take-decision.ts";

const page = "/console/plan";

/** The owner's plan: what it is, what follows it, and the one request for another or for more credits. */
export function mountPlan(app: Hono<ConsoleEnv>): void {
  app.get("/plan", showPlan);

  app.get("/plan/requests/:requestId", (c) => showRequest(c, c.req.param("requestId")));

  app.post("/plan/requests", async (c) => {
    const form = await readForm(c);
    const topUpCode = form.optional("topUpCode");
    const referralCode = form.optional("referralCode");
    return carryOut(c, {
      call: () => ({
        method: "POST",
        ...(topUpCode === undefined
          ? {
              path: "/upgrade-requests",
              body: {
                planCode: form.required("planCode"),
                ...(referralCode === undefined ? {} : { referralCode }),
              },
            }
          : { path: "/top-up-requests", body: { topUpCode } }),
        idempotencyKey: form.required("key"),
      }),
      done: "requestUpgrade",
      page,
    });
  });

  app.post("/plan/schedule-downgrade", async (c) => {
    const form = await readForm(c);
    return decide(c, form, {
      path: "/subscription/schedule-downgrade",
      readBody: () => ({ planCode: form.required("planCode") }),
      done: "scheduleDowngrade",
    });
  });

  app.post("/plan/cancel-downgrade", async (c) => {
    const form = await readForm(c);
    return decide(c, form, {
      path: "/subscription/cancel-downgrade",
      readBody: () => ({}),
      done: "cancelDowngrade",
    });
  });

  app.post("/plan/requests/:requestId/pay", async (c) => {
    const form = await readForm(c);
    return carryOut(c, {
      call: () => ({
        method: "POST",
        path: `/upgrade-requests/${encodeURIComponent(c.req.param("requestId"))}/pay`,
        idempotencyKey: form.required("key"),
      }),
      done: "payUpgradeRequest",
      page,
    });
  });

  app.get("/plan/requests/:requestId/code.gif", async (c) => {
    const id = encodeURIComponent(c.req.param("requestId"));
    const path = `/upgrade-requests/${id}`;
    const { payment } = await callApi<UpgradeRequestDetail>(c, { method: "GET", path });
    if (payment === null || payment.code === null) return c.notFound();
    const gif = encodeQR(payment.code, "gif", { ecc: "medium", border: 4, scale: 6 });
    return c.body(new Uint8Array(gif), 200, { "content-type": "image/gif", "cache-control": "no-store" });
  });

  app.post("/plan/requests/:requestId/submit", (c) => handIn(c, c.req.param("requestId")));

  app.post("/plan/requests/:requestId/cancel", async (c) => {
    const form = await readForm(c);
    return decide(c, form, {
      path: `/upgrade-requests/${encodeURIComponent(c.req.param("requestId"))}/cancel`,
      readBody: () => ({}),
      done: "cancelUpgradeRequest",
    });
  });

  app.get("/upgrade-pictures/:pictureId", (c) => {
    const { search } = new URL(c.req.url);
    const id = encodeURIComponent(c.req.param("pictureId"));
    return askApi(c, { method: "GET", path: `/upgrade-pictures/${id}${search}` });
  });
}

/** Brings the picture and hands it in; offered again, the form names the picture that is there already. */
async function handIn(c: ConsoleContext, requestId: string): Promise<Response> {
  const form = await readForm(c);
  try {
    const uploadId = form.optional("uploadId") ?? (await upload(c, requestId, form));
    const again: Form = { ...form, fields: [...form.fields, ["uploadId", uploadId]] };
    return await decide(c, again, {
      path: `/upgrade-requests/${encodeURIComponent(requestId)}/submit`,
      readBody: () => ({ uploadId, reference: form.required("reference") }),
      done: "submitUpgradeRequest",
    });
  } catch (error) {
    flashProblem(c, error);
    return c.redirect(page, 303);
  }
}

async function upload(c: ConsoleContext, upgradeRequestId: string, form: Form): Promise<string> {
  const image = form.file("image");
  if (image === undefined) throw new FormProblem("image.missing");
  const body = { upgradeRequestId };
  const place = await callApi<Upload>(c, { method: "POST", path: "/uploads", body });
  const picture = new FormData();
  picture.set("image", image);
  await callApi(c, { method: "PUT", path: place.url.replace("/v1", ""), form: picture });
  return place.id;
}

function decide(
  c: ConsoleContext,
  form: Form,
  asked: Pick<Parameters<typeof takeDecision>[1], "path" | "readBody" | "done">,
): Promise<Response> {
  const from = { page, title: c.var.viewer.words.plan.title };
  return takeDecision(c, { ...asked, form, isNew: () => true, from, to: page });
}
