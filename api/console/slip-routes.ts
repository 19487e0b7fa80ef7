import type { Hono } from "hono";

import { readAmount } from "./amount-field.ts";
import type { EvidenceSummary } from "./api-types.ts";
import { callApi } from "./call-api.ts";
import type { ConsoleContext, ConsoleEnv } from "./console-env.ts";
import { setFlash } from "./flash.ts";
import { FormProblem, readForm } from "./form.ts";
import type { Form } from "./form.ts";
import { getOrderRow, isNewerThan, takeDecision } from "./take-decision.ts";
import type { Words } from "./words.ts";

/** The word of the dictionary that says that it is done, by the verb of the API. */
const ofAnOrder: Record<string, keyof Words["flash"]> = {
  match: "matchPaymentEvidence",
  revive: "reviveOrder",
};

type Ending = {
  done: keyof Words["flash"];
  readBody(form: Form, c: ConsoleContext): Record<string, unknown>;
};
const withoutOrder: Record<string, Ending> = {
  return: {
    done: "returnPayment",
    readBody: (form, c) => ({
      amountMinor: amountOf(form, c),
      paymentMethodId: form.optional("paymentMethodId"),
    }),
  },
  refuse: {
    done: "refusePaymentEvidence",
    readBody: (form) => ({ reason: form.optional("reason") }),
  },
};

/** The decisions about a slip that belongs to no order: it gets the order that was chosen, or is settled without one. */
export function mountSlipDecisions(app: Hono<ConsoleEnv>): void {
  for (const [verb, done] of Object.entries(ofAnOrder)) {
    app.post(`/evidence/:evidenceId/${verb}`, (c) => giveOrder(c, c.req.param("evidenceId"), verb, done));
  }
  for (const [verb, ending] of Object.entries(withoutOrder)) {
    app.post(`/evidence/:evidenceId/${verb}`, (c) => settle(c, c.req.param("evidenceId"), verb, ending));
  }
}

async function giveOrder(c: ConsoleContext, evidenceId: string, verb: string, done: keyof Words["flash"]) {
  const form = await readForm(c);
  const { page, path } = placesOf(evidenceId, verb);
  const orderId = form.optional("orderId");
  if (orderId === undefined) {
    setFlash(c, { kind: "problem", code: "form.no_order" });
    return c.redirect(page, 303);
  }
  return takeDecision(c, {
    form,
    path,
    readBody: () => ({ orderId }),
    isNew: isNewerThan(await getOrderRow(c, orderId)),
    done,
    from: { page, title: c.var.viewer.words.evidence.title },
    to: `/console/orders/${encodeURIComponent(orderId)}`,
  });
}

async function settle(c: ConsoleContext, evidenceId: string, verb: string, { done, readBody }: Ending) {
  const form = await readForm(c);
  const { page, path } = placesOf(evidenceId, verb);
  const before = await callApi<EvidenceSummary>(c, {
    method: "GET",
    path: `/payment-evidence/${encodeURIComponent(evidenceId)}`,
  });
  return takeDecision<EvidenceSummary>(c, {
    form,
    path,
    readBody: () => readBody(form, c),
    isNew: ({ state }) => state !== before.state,
    done,
    from: { page, title: c.var.viewer.words.evidence.title },
    to: page,
  });
}

function placesOf(evidenceId: string, verb: string) {
  const id = encodeURIComponent(evidenceId);
  return { page: `/console/evidence/${id}`, path: `/payment-evidence/${id}/${verb}` };
}

function amountOf(form: Form, c: ConsoleContext): number {
  const amountMinor = readAmount(form.required("amount"), c.var.viewer.shop.currency);
  if (amountMinor === undefined) throw new FormProblem("form.bad_amount");
  return amountMinor;
}
