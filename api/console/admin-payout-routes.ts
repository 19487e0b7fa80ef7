import type { Hono } from "hono";

import { showPayoutCase, showPayoutQueue } from "./admin-payouts-page.tsx";
import type { Upload } from "./api-types.ts";
import { askApi, callApi } from "./call-api.ts";
import { carryOut } from "./carry-out.ts";
import type { ConsoleContext, ConsoleEnv } from "./console-env.ts";
import { flashProblem } from "./flash-problem.ts";
import { FormProblem, readForm } from "./form.ts";
import type { Form } from "./form.ts";
import type { Words } from "./words.ts";

/** What each decision needs beside its key, and the word that says that it is done. */
const decisions: Record<string, { done: keyof Words["flash"]; body: (form: Form) => object }> = {
  propose: { done: "proposePayout", body: () => ({}) },
  approve: {
    done: "approvePayout",
    body: (form) => ({
      accountVersion: Number(form.required("accountVersion")),
      proposedAt: form.required("proposedAt"),
    }),
  },
  "record-failed": {
    done: "recordPayoutFailed",
    body: (form) => ({ attempt: Number(form.required("attempt")), reason: form.required("reason") }),
  },
  cancel: { done: "cancelPayout", body: () => ({}) },
};

/** Behind `requireAdmin`. */
export function mountAdminPayouts(app: Hono<ConsoleEnv>): void {
  app.get("/admin/payouts", showPayoutQueue);
  app.get("/admin/payouts/:payoutId", (c) => showPayoutCase(c, c.req.param("payoutId")));
  for (const [verb, { done, body }] of Object.entries(decisions)) {
    app.post(`/admin/payouts/:payoutId/${verb}`, async (c) => {
      const form = await readForm(c);
      const id = encodeURIComponent(c.req.param("payoutId"));
      const needsBody = verb === "approve" || verb === "record-failed";
      return carryOut(c, {
        call: () => ({
          method: "POST",
          path: `/admin/payouts/${id}/${verb}`,
          ...(needsBody ? { body: body(form) } : {}),
          idempotencyKey: form.required("key"),
        }),
        done,
        page: `/console/admin/payouts/${id}`,
        form,
      });
    });
  }
  app.post("/admin/payouts/:payoutId/record-paid", (c) =>
    recordPaid(c, encodeURIComponent(c.req.param("payoutId"))),
  );
  app.get("/admin/payout-pictures/:pictureId", (c) => {
    const { search } = new URL(c.req.url);
    const id = encodeURIComponent(c.req.param("pictureId"));
    return askApi(c, { method: "GET", path: `/admin/payout-pictures/${id}${search}` });
  });
}

/**
 * Brings the picture and records the payout with it. Whoever has to prove first who they are comes back to it: it is
 * there already.
 */
async function recordPaid(c: ConsoleContext, id: string): Promise<Response> {
  const page = `/console/admin/payouts/${id}`;
  const form = await readForm(c);
  try {
    const evidenceId = await upload(c, id, form);
    const comeBack = `${page}?evidence=${encodeURIComponent(evidenceId)}`;
    return await carryOut(c, {
      call: () => ({
        method: "POST",
        path: `/admin/payouts/${id}/record-paid`,
        body: { attempt: Number(form.required("attempt")), evidenceId },
        idempotencyKey: form.required("key"),
      }),
      done: "recordPayoutPaid",
      page,
      comeBack,
    });
  } catch (error) {
    flashProblem(c, error);
    return c.redirect(page, 303);
  }
}

async function upload(c: ConsoleContext, id: string, form: Form): Promise<string> {
  const image = form.file("image");
  const kept = form.optional("evidenceId");
  if (image === undefined && kept !== undefined) return kept;
  if (image === undefined) throw new FormProblem("image.missing");
  const place = await callApi<Upload>(c, { method: "POST", path: `/admin/payouts/${id}/uploads` });
  const picture = new FormData();
  picture.set("image", image);
  await callApi(c, { method: "PUT", path: place.url.replace("/v1", ""), form: picture });
  return place.id;
}
