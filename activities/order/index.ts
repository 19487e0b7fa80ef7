import type { OrderActivities, OrderRef } from "../../workflows/order.contract.ts";
import type { ActivityDeps } from "../deps.ts";
import * as deadlines from "./deadlines.ts";
import { decideOrder } from "./decide-order.ts";
import { orderSnapshot } from "./order-snapshot.ts";
import { readOrderView } from "./order-view.ts";
import { reviewEvidence } from "./review-evidence.ts";

export function createOrderActivities(deps: ActivityDeps): OrderActivities {
  const by =
    (deadline: (deps: ActivityDeps, ref: OrderRef) => ReturnType<OrderActivities["loadOrder"]>) =>
    (ref: OrderRef) =>
      deadline(deps, ref);
  return {
    loadOrder: async (ref) => {
      const view = await readOrderView(deps, ref);
      return orderSnapshot(view.order, view, view.now);
    },
    reviewEvidence: by(reviewEvidence),
    decideOrder: (decision) => decideOrder(deps, decision),
    warnBeforeExpiry: by(deadlines.warnBeforeExpiry),
    expireOrder: by(deadlines.expireOrder),
    remindOfReview: by(deadlines.remindOfReview),
    escalateReview: by(deadlines.escalateReview),
    tellCustomerReviewIsLate: by(deadlines.tellCustomerReviewIsLate),
    declineUnacceptedCod: by(deadlines.declineUnacceptedCod),
    remindOfBalance: by(deadlines.remindOfBalance),
    remindToShip: by(deadlines.remindToShip),
    askIfDelivered: by(deadlines.askIfDelivered),
    remindOfRefund: by(deadlines.remindOfRefund),
  };
}
