import type { Hono } from "hono";

import { findOrder } from "../../db/orders.ts";
import { fromTypeId } from "../../domain/id.ts";
import type { OrderId } from "../../domain/id.ts";
import type { Currency } from "../../domain/money.ts";
import { notFound } from "../v1/fields.schema.ts";
import { readAmount } from "./amount-field.ts";
import type { OrderSummary } from "./api-types.ts";
import { ApiProblem, callApi } from "./call-api.ts";
import type { ConsoleContext, ConsoleEnv } from "./console-env.ts";
import { setFlash } from "./flash.ts";
import { FormProblem, readForm } from "./form.ts";
import type { Form } from "./form.ts";
import { showRetry } from "./retry-page.tsx";
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
    readBody: (form, currency) => ({ amountMinor: amountOf(form, currency) }),
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
  const page = `/console/orders/${orderId}`;
  const before = await getOrderRow(c, orderId);
  try {
    const after = await callApi<OrderSummary>(c, {
      method: "POST",
      path: `/orders/${orderId}/${verb}`,
      body: decision.readBody(form, before.currency),
      idempotencyKey: form.required("key"),
    });
    // A decision changes the row; one that was recorded before leaves it alone.
    const isNew = after.version > before.version;
    setFlash(c, isNew ? { kind: "done", code: decision.operation } : { kind: "note", code: "already" });
  } catch (error) {
    if (error instanceof FormProblem) setFlash(c, { kind: "problem", code: error.code });
    else if (!(error instanceof ApiProblem)) throw error;
    else if (isOpen(error)) {
      return showRetry(c, { problem: error.problem, form, page, number: before.number });
    } else setFlash(c, { kind: "problem", code: error.problem.code });
  }
  return c.redirect(page, 303);
}

/** Nothing was decided, or nobody knows: the same key may be offered again. */
function isOpen({ problem }: ApiProblem): boolean {
  return problem.status === 503 || problem.status === 504;
}

async function getOrderRow(c: ConsoleContext, text: string) {
  const { deps, viewer } = c.var;
  const { shopId } = viewer.actor;
  const orderId = fromTypeId<OrderId>("ord", text);
  if (orderId === undefined) throw notFound("ord");
  const row = await deps.db.withShop(shopId, (trx) => findOrder(trx, { shopId, orderId }));
  if (row === undefined) throw notFound("ord");
  return row;
}

function amountOf(form: Form, currency: Currency): number {
  const amountMinor = readAmount(form.required("amount"), currency);
  if (amountMinor === undefined) throw new FormProblem("form.bad_amount");
  return amountMinor;
}
