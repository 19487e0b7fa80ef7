import type { Hono } from "hono";

import type { Currency } from "../../domain/money.ts";
import { readAmount } from "./amount-field.ts";
import type { ConsoleContext, ConsoleEnv } from "./console-env.ts";
import { FormProblem, readForm } from "./form.ts";
import type { Form } from "./form.ts";
import { orderTitle } from "./order-words.tsx";
import { getOrderRow, isNewerThan, takeDecision } from "./take-decision.ts";
import type { Words } from "./words.ts";

type Decision = {
  /** Also the word of the dictionary that says that it is done. */
  operation: keyof Words["flash"];
  readBody(form: Form, currency: Currency): Record<string, unknown>;
};

const slip = (form: Form) => form.optional("evidenceId");

const decisions: Record<string, Decision> = {
  "confirm-payment": {
    operation: "confirmPayment",
    readBody: (form, currency) => ({
      evidenceId: slip(form),
      amountMinor: amountOf(form, currency),
      reference: form.optional("reference"),
    }),
  },
  "refuse-payment": {
    operation: "refusePayment",
    readBody: (form) => ({ evidenceId: slip(form), reason: form.optional("reason") }),
  },
  "request-evidence-again": {
    operation: "requestEvidenceAgain",
    readBody: (form) => ({ evidenceId: slip(form), reason: form.optional("reason") }),
  },
  "accept-cash-on-delivery": { operation: "acceptCashOnDelivery", readBody: () => ({}) },
  pack: { operation: "packOrder", readBody: () => ({}) },
  ship: { operation: "shipOrder", readBody: (form) => ({ tracking: form.optional("tracking") }) },
  deliver: { operation: "deliverOrder", readBody: () => ({}) },
  cancel: { operation: "cancelOrder", readBody: (form) => ({ reason: form.optional("reason") }) },
  refund: {
    operation: "refundOrder",
    readBody: (form, currency) => ({
      amountMinor: amountOf(form, currency),
      ...(form.optional("as") === "credit" ? { as: "credit" } : {}),
    }),
  },
};

/** The decisions about an order, as forms: each hands its key and its words to the API's own route. */
export function mountDecisions(app: Hono<ConsoleEnv>): void {
  for (const [verb, decision] of Object.entries(decisions)) {
    app.post(`/orders/:orderId/${verb}`, (c) => decide(c, c.req.param("orderId"), verb, decision));
  }
}

async function decide(c: ConsoleContext, orderId: string, verb: string, decision: Decision) {
  const form = await readForm(c);
  const before = await getOrderRow(c, orderId);
  const page = `/console/orders/${orderId}`;
  return takeDecision(c, {
    form,
    path: `/orders/${orderId}/${verb}`,
    readBody: () => decision.readBody(form, before.currency),
    isNew: isNewerThan(before),
    done: decision.operation,
    from: { page, title: orderTitle(before, c.var.viewer) },
    to: page,
  });
}

function amountOf(form: Form, currency: Currency): number {
  const amountMinor = readAmount(form.required("amount"), currency);
  if (amountMinor === undefined) throw new FormProblem("form.bad_amount");
  return amountMinor;
}
