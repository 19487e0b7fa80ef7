import type { Hono } from "hono";

import { showFlagCase, showFlagQueue } from "./admin-fraud-page.tsx";
import { carryOut } from "./carry-out.ts";
import type { ConsoleEnv } from "./console-env.ts";
import { readForm } from "./form.ts";

/** Behind `requireAdmin`. */
export function mountAdminFraud(app: Hono<ConsoleEnv>): void {
  app.get("/admin/fraud", showFlagQueue);
  app.get("/admin/fraud/:flagId", (c) => showFlagCase(c, c.req.param("flagId")));
  for (const { verb, done } of [
    { verb: "uphold", done: "upholdFraudFlag" },
    { verb: "dismiss", done: "dismissFraudFlag" },
  ] as const) {
    app.post(`/admin/fraud/:flagId/${verb}`, async (c) => {
      const form = await readForm(c);
      const id = encodeURIComponent(c.req.param("flagId"));
      return carryOut(c, {
        call: () => ({
          method: "POST",
          path: `/admin/fraud-flags/${id}/${verb}`,
          body: { reason: form.required("reason") },
          idempotencyKey: form.required("key"),
        }),
        done,
        page: `/console/admin/fraud/${id}`,
      });
    });
  }
}
