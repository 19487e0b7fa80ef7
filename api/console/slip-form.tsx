import { randomUUID } from "node:crypto";

import { listOrdersByTransfer } from "../../db/order-boards.ts";
import { fromTypeId } from "../../domain/id.ts";
import type { CustomerId } from "../../domain/id.ts";
import { toOrderSummary } from "../v1/orders.schema.ts";
import type { Evidence, OrderSummary } from "./api-types.ts";
import type { ConsoleContext, Viewer } from "./console-env.ts";
import { OrderChips, orderTitle } from "./order-words.tsx";
import { Amount, Time } from "./parts.tsx";

/** Who has ordered more often pays for one of the newest. */
const mostOrders = 30;

/** The orders that a slip may be for; numbers, states and totals only, so nobody is viewed by it. */
export async function listOrdersOfSlip(c: ConsoleContext, slip: Evidence): Promise<OrderSummary[]> {
  const { deps, viewer } = c.var;
  const { shopId } = viewer.actor;
  const customerId = fromTypeId<CustomerId>("cus", slip.customerId);
  if (customerId === undefined) return [];
  const filter = { shopId, customerId, limit: mostOrders };
  const rows = await deps.db.withShop(shopId, (trx) => listOrdersByTransfer(trx, filter));
  return rows.map(toOrderSummary);
}

/** About a slip that belongs to no order. One choice of the order serves every decision that names one. */
export function SlipForm({
  slip,
  orders,
  viewer,
}: {
  slip: Evidence;
  orders: readonly OrderSummary[];
  viewer: Viewer;
}) {
  if (slip.state !== "unmatched" || !viewer.actor.scopes.has("payments.approve")) return null;
  const { link } = viewer.words;
  if (orders.length === 0) return <p class="empty">{link.noOrder}</p>;
  return (
    <form method="post" action={slipPath(slip, "match")} class="decision" id="slip-form">
      <input type="hidden" name="key" value={randomUUID()} />
      <fieldset class="choices">
        <legend>{link.which}</legend>
        {orders.map((order) => (
          <Choice order={order} isOnly={orders.length === 1} viewer={viewer} />
        ))}
      </fieldset>
      <p class="help">{link.help}</p>
      <div class="buttons">
        <button class="primary">{link.link}</button>
      </div>
    </form>
  );
}

function slipPath({ id }: Evidence, verb: string): string {
  return `/console/evidence/${id}/${verb}`;
}

function Choice({ order, isOnly, viewer }: { order: OrderSummary; isOnly: boolean; viewer: Viewer }) {
  return (
    <label class="choice" id={`choice-${order.id}`}>
      <input type="radio" name="orderId" value={order.id} checked={isOnly} required />
      <span class="choice-name">{orderTitle(order, viewer)}</span>
      <Amount money={order.total} />
      <span class="chips">
        <OrderChips order={order} viewer={viewer} />
        <span class="muted small">
          <Time at={order.placedAt ?? order.createdAt} viewer={viewer} />
        </span>
      </span>
    </label>
  );
}
