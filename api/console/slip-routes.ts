import type { Hono } from "hono";

import type { ConsoleContext, ConsoleEnv } from "./console-env.ts";
import { setFlash } from "./flash.ts";
import { readForm } from "./form.ts";
import { getOrderRow, takeDecision } from "./take-decision.ts";
import type { Words } from "./words.ts";

/** The word of the dictionary that says that it is done, by the verb of the API. */
const decisions: Record<string, keyof Words["flash"]> = { match: "matchPaymentEvidence" };

/** The decisions about a slip that belongs to no order: each names the order that was chosen. */
export function mountSlipDecisions(app: Hono<ConsoleEnv>): void {
  for (const [verb, done] of Object.entries(decisions)) {
    app.post(`/evidence/:evidenceId/${verb}`, (c) => decide(c, c.req.param("evidenceId"), verb, done));
  }
}

async function decide(c: ConsoleContext, evidenceId: string, verb: string, done: keyof Words["flash"]) {
  const form = await readForm(c);
  const page = `/console/evidence/${encodeURIComponent(evidenceId)}`;
  const orderId = form.optional("orderId");
  if (orderId === undefined) {
    setFlash(c, { kind: "problem", code: "form.no_order" });
    return c.redirect(page, 303);
  }
  return takeDecision(c, {
    form,
    path: `/payment-evidence/${encodeURIComponent(evidenceId)}/${verb}`,
    readBody: () => ({ orderId }),
    before: await getOrderRow(c, orderId),
    done,
    from: { page, title: c.var.viewer.words.evidence.title },
    to: `/console/orders/${encodeURIComponent(orderId)}`,
  });
}
