import type { Hono } from "hono";

import { showPlanPayment, showPlanPayments } from "./admin-payments-page.tsx";
import { carryOut } from "./carry-out.ts";
import type { ConsoleEnv } from "./console-env.ts";
import { readForm } from "./form.ts";
import type { Form } from "./form.ts";
import type { Words } from "./words.ts";

/** What each decision needs beside its key, and the word that says that it is done. */
const decisions: Record<string, { done: keyof Words["flash"]; body?: (form: Form) => object }> = {
  reverse: {
    done: "reversePlanPayment",
    body: (form) => ({ kind: form.required("kind"), reason: form.required("reason") }),
  },
  "withdraw-reversal": { done: "withdrawPlanReversal" },
  "record-refund": { done: "recordPlanRefund", body: (form) => ({ reference: form.required("reference") }) },
};

/** Behind `requireAdmin`. */
export function mountAdminPayments(app: Hono<ConsoleEnv>): void {
  app.get("/admin/plan-payments", showPlanPayments);
  app.get("/admin/plan-payments/:paymentId", (c) => showPlanPayment(c, c.req.param("paymentId")));
  for (const [verb, { done, body }] of Object.entries(decisions)) {
    app.post(`/admin/plan-payments/:paymentId/${verb}`, async (c) => {
      const form = await readForm(c);
      const id = encodeURIComponent(c.req.param("paymentId"));
      return carryOut(c, {
        call: () => ({
          method: "POST",
          path: `/admin/plan-payments/${id}/${verb}`,
          ...(body === undefined ? {} : { body: body(form) }),
          idempotencyKey: form.required("key"),
        }),
        done,
        page: `/console/admin/plan-payments/${id}`,
        form,
      });
    });
  }
}
