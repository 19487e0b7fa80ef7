import type { Hono } from "hono";

import { carryOut } from "./carry-out.ts";
import type { ConsoleEnv } from "./console-env.ts";
import { readForm } from "./form.ts";
import { showInvoices } from "./invoice-list-page.tsx";
import { showInvoice } from "./invoice-page.tsx";

/** What an owner gets for their books. */
export function mountInvoices(app: Hono<ConsoleEnv>): void {
  app.get("/plan/invoices", showInvoices);
  app.get("/plan/invoices/:invoiceId", (c) => showInvoice(c, c.req.param("invoiceId")));

  app.post("/plan/billing-details", async (c) => {
    const form = await readForm(c);
    return carryOut(c, {
      call: () => ({
        method: "PUT",
        path: "/billing-details",
        body: { name: form.optional("name") ?? null, address: form.optional("address") ?? null },
      }),
      done: "saved",
      page: "/console/plan/invoices",
    });
  });
}
