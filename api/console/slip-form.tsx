import { randomUUID } from "node:crypto";

import { listOrdersByTransfer } from "../../db/order-boards.ts";
import { fromTypeId } from "../../domain/id.ts";
import type { CustomerId } from "../../domain/id.ts";
import { ownerMayRevive } from "../../domain/order/can-revive.ts";
import { toOrderSummary } from "../v1/orders.schema.ts";
import { amountRead } from "../../domain/payment/proof-reading.ts";
import { amountText } from "./amount-field.ts";
import type { Evidence, OrderSummary, PaymentMethod } from "./api-types.ts";
import type { ConsoleContext, Viewer } from "./console-env.ts";
import { AmountField, TextField } from "./decision-forms.tsx";
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

type Props = { slip: Evidence; viewer: Viewer };

/** About a slip that belongs to no order: give it one, or settle it without. */
export function SlipDecisions({
  orders,
  methods,
  ...props
}: Props & { orders: readonly OrderSummary[]; methods: readonly PaymentMethod[] }) {
  const { slip, viewer } = props;
  if (slip.state !== "unmatched" || !viewer.actor.scopes.has("payments.approve")) return null;
  return (
    <div class="decisions">
      <OrderChoice {...props} orders={orders} />
      <ReturnForm {...props} methods={methods} />
      <RefuseForm {...props} />
    </div>
  );
}

/** One choice of the order serves every decision that names one. */
function OrderChoice({ slip, orders, viewer }: Props & { orders: readonly OrderSummary[] }) {
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
        {orders.some(mayRevive) ? <button formaction={slipPath(slip, "revive")}>{link.revive}</button> : null}
      </div>
      {orders.some(mayRevive) ? <p class="help">{link.reviveHelp}</p> : null}
    </form>
  );
}

function mayRevive({ orderState, paymentKind, cancelReason, received }: OrderSummary): boolean {
  return ownerMayRevive({
    order: orderState,
    kind: paymentKind,
    cancelReason,
    receivedMinor: received.amountMinor,
  });
}

function ReturnForm({ slip, methods, viewer }: Props & { methods: readonly PaymentMethod[] }) {
  const { decide, link } = viewer.words;
  const { currency } = viewer.shop;
  const read = amountRead(slip.reading, currency);
  const transfers = methods.filter(({ kind }) => kind === "transfer");
  return (
    <details id="return">
      <summary>{link.giveBack}</summary>
      <form method="post" action={slipPath(slip, "return")} class="decision">
        <input type="hidden" name="key" value={randomUUID()} />
        <p class="help">{decide.refundHelp}</p>
        <AmountField
          id="return-amount"
          label={`${decide.amountRefunded} (${currency})`}
          value={read === null ? "" : amountText({ amountMinor: read, currency })}
        />
        {transfers.length > 1 ? (
          <>
            <label for="return-method">{link.arrivedAt}</label>
            <select id="return-method" name="paymentMethodId" required>
              <option value="">{link.choose}</option>
              {transfers.map(({ id, name }) => (
                <option value={id}>{name}</option>
              ))}
            </select>
          </>
        ) : null}
        <button>{link.giveBack}</button>
      </form>
    </details>
  );
}

function RefuseForm({ slip, viewer }: Props) {
  const { decide } = viewer.words;
  return (
    <details id="refuse">
      <summary>{decide.refuse}</summary>
      <form method="post" action={slipPath(slip, "refuse")} class="decision">
        <input type="hidden" name="key" value={randomUUID()} />
        <TextField id="refuse-reason" name="reason" label={decide.reason} viewer={viewer} />
        <button class="danger">{decide.refuse}</button>
      </form>
    </details>
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
