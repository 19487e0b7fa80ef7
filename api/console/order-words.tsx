import type { OrderSummary } from "./api-types.ts";
import type { Viewer } from "./console-env.ts";
import { Chip } from "./parts.tsx";
import type { Tone } from "./parts.tsx";

const paymentTones: Record<OrderSummary["paymentState"], Tone> = {
  none: "plain",
  due: "wait",
  under_review: "act",
  part_paid: "wait",
  paid: "good",
  cod_due: "wait",
  refund_due: "act",
  refunded: "plain",
};

export function OrderChips({ order, viewer }: { order: OrderSummary; viewer: Viewer }) {
  const { words } = viewer;
  const { orderState, paymentState, fulfilmentState } = order;
  const isEnded = orderState === "cancelled" || orderState === "completed";
  const isMoving = orderState === "placed" && fulfilmentState !== "pending";
  return (
    <span class="chips">
      {isEnded ? (
        <Chip tone={orderState === "completed" ? "good" : "bad"}>{words.orderState[orderState]}</Chip>
      ) : null}
      {paymentState === "none" ? null : (
        <Chip tone={paymentTones[paymentState]}>{words.paymentState[paymentState]}</Chip>
      )}
      {isMoving ? <Chip>{words.fulfilmentState[fulfilmentState]}</Chip> : null}
    </span>
  );
}

export function orderTitle({ number }: Pick<OrderSummary, "number">, { words }: Viewer): string {
  return number === null ? words.order.draft : words.order.title(number);
}
