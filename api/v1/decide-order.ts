import type { Context } from "hono";

import { findOrderDetail } from "../../db/order-queries.ts";
import { findOrder } from "../../db/orders.ts";
import type { MessageId, OrderId } from "../../domain/id.ts";
import type { DecisionBy, OrderUpdateName, OrderUpdates } from "../../workflows/order.contract.ts";
import type { ApiEnv } from "../env.ts";
import { requestOrderUpdate } from "../order-update.ts";
import { decisionBy } from "./decision-by.ts";
import { found } from "./fields.schema.ts";
import { decisionRefusal } from "./request-decision.ts";
import { storeNote } from "./store-note.ts";
import { toOrderSummary } from "./orders.schema.ts";
import { recordedDecision } from "./recorded-decision.ts";
import type { AskedDecision } from "./recorded-decision.ts";

export type Decision<Name extends OrderUpdateName> = {
  name: Name;
  /** What a person wrote with it: sealed into the intake, its id travels. */
  note?: string | undefined;
  /** `effectKey` is the same for every repetition of the request. */
  request: (part: { by: DecisionBy; noteId: MessageId | null; effectKey: string }) => OrderUpdates[Name];
};

/**
 * Carries a person's decision to the order's workflow, which writes the audit log with the change, and answers with
 * the order as it stands afterwards.
 * What the order does not allow is a 409 with the reason's code; one that was taken before answers like the first time.
 */
export async function decideOrder<Name extends OrderUpdateName>(
  c: Context<ApiEnv>,
  orderId: OrderId,
  decision: Decision<Name>,
) {
  const { deps, actor, effect } = c.var;
  const { shopId } = actor;
  const ref = { shopId, orderId };
  const order = found(await deps.db.withShop(shopId, (trx) => findOrder(trx, ref)), "ord");
  deps.trace.follows({ kind: "order", id: orderId });
  const noteId =
    decision.note === undefined
      ? null
      : await storeNote(c, { customerId: order.customer_id, orderId }, decision.note);
  const by = decisionBy(actor);
  const request = decision.request({ by, noteId, effectKey: effect.updateId });
  const result = await requestOrderUpdate(deps.temporal, {
    ...ref,
    name: decision.name,
    request,
    updateId: effect.updateId,
    findRecorded: async () => {
      const detail = await deps.db.withShop(shopId, (trx) => findOrderDetail(trx, ref));
      // Safe: name and request come from one `Decision<Name>`, which pairs them.
      const asked = { name: decision.name, request } as AskedDecision;
      return detail && recordedDecision(detail, asked);
    },
  });
  if (result.outcome === "refused") throw decisionRefusal("order", result.reason);
  return readOrder(c, orderId);
}

/** How a decision answers, at first and again: with the order as it is now. */
export async function readOrder(c: Context<ApiEnv>, orderId: OrderId) {
  const { deps, actor } = c.var;
  const { shopId } = actor;
  return toOrderSummary(
    found(await deps.db.withShop(shopId, (trx) => findOrder(trx, { shopId, orderId })), "ord"),
  );
}
