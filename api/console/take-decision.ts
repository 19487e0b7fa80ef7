import { findOrder } from "../../db/orders.ts";
import type { OrderRow } from "../../db/orders.ts";
import { fromTypeId } from "../../domain/id.ts";
import type { OrderId } from "../../domain/id.ts";
import { notFound } from "../v1/fields.schema.ts";
import type { OrderSummary } from "./api-types.ts";
import { ApiProblem, callApi } from "./call-api.ts";
import type { ConsoleContext } from "./console-env.ts";
import { flashProblem } from "./flash-problem.ts";
import { setFlash } from "./flash.ts";
import type { Form } from "./form.ts";
import { showRetry } from "./retry-page.tsx";
import type { Words } from "./words.ts";

type Asked<Answer> = {
  form: Form;
  /** Below `/v1`; it answers with what was decided about. */
  path: string;
  /** May throw `FormProblem`. */
  readBody: () => Record<string, unknown>;
  /** Whether the answer differs from what stood there when the form came. */
  isNew: (answer: Answer) => boolean;
  done: keyof Words["flash"];
  /** The page with the form: what could not be done leads back to it. */
  from: { page: string; title: string };
  /** The page that shows what was done. */
  to: string;
};

/** Hands a decision to the API's own route with the form's key, and says what became of it. */
export async function takeDecision<Answer>(
  c: ConsoleContext,
  { form, path, readBody, isNew, done, from, to }: Asked<Answer>,
): Promise<Response> {
  try {
    const after = await callApi<Answer>(c, {
      method: "POST",
      path,
      body: readBody(),
      idempotencyKey: form.required("key"),
    });
    setFlash(c, isNew(after) ? { kind: "done", code: done } : { kind: "note", code: "already" });
    return c.redirect(to, 303);
  } catch (error) {
    if (error instanceof ApiProblem && isOpen(error)) {
      return showRetry(c, { problem: error.problem, form, back: from });
    }
    flashProblem(c, error);
    return c.redirect(from.page, 303);
  }
}

/** A decision changes the order's row; one that was recorded before leaves it alone. */
export function isNewerThan(before: OrderRow): (after: OrderSummary) => boolean {
  return ({ version }) => version > before.version;
}

/** Nothing was decided, or nobody knows: the same key may be offered again. */
function isOpen({ problem }: ApiProblem): boolean {
  return problem.status === 503 || problem.status === 504;
}

/** Throws "not found" for what is no order of the shop. */
export async function getOrderRow(c: ConsoleContext, text: string): Promise<OrderRow> {
  const { deps, viewer } = c.var;
  const { shopId } = viewer.actor;
  const orderId = fromTypeId<OrderId>("ord", text);
  if (orderId === undefined) throw notFound("ord");
  const row = await deps.db.withShop(shopId, (trx) => findOrder(trx, { shopId, orderId }));
  if (row === undefined) throw notFound("ord");
  return row;
}
