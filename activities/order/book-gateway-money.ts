import { AppError } from "../../domain/app-error.ts";
import type { OrderRef, OrderSnapshot } from "../../workflows/order.contract.ts";
import type { ActivityDeps } from "../deps.ts";
import { changeOrder } from "./change-order.ts";
import { planBookPayment, planBookRefund, planReviveForPayment } from "./gateway-decisions.ts";
import { unbookedOf } from "./gateway-money.ts";
import type { OrderView } from "./order-view.ts";
import type { Plan } from "./order-change.ts";

/**
 * Puts money that moved by the provider's word into the ledger, one payment or refund at a time. Safe to run twice: the
 * row that tells of it is marked in the same transaction.
 */
export async function bookGatewayMoney(
  deps: ActivityDeps,
  ref: OrderRef,
  view: OrderView,
): Promise<OrderSnapshot | undefined> {
  const next = unbookedOf(view.gateway);
  if (next === undefined) return undefined;
  if (next.kind === "refund") return book(deps, ref, (view) => planBookRefund(view, next.refund.id));
  const { payment } = next;
  // Refused when the stock is gone: then the money is owed to the customer.
  await changeOrder(deps, ref, (view) => planReviveForPayment(view, payment));
  await deps.atStep("gateway.revived");
  const booked = await changeOrder(deps, ref, (view) =>
    planBookPayment(view, payment.id, { hasReference: true }),
  );
  if (booked.reason !== "payment.reference_taken") return taken(booked);
  // Another payment of the shop has the provider's number; this one is proven by its own number all the same.
  return book(deps, ref, (view) => planBookPayment(view, payment.id, { hasReference: false }));
}

async function book(
  deps: ActivityDeps,
  ref: OrderRef,
  plan: (view: OrderView) => Plan,
): Promise<OrderSnapshot> {
  return taken(await changeOrder(deps, ref, plan));
}

function taken({ outcome, reason, snapshot }: Awaited<ReturnType<typeof changeOrder>>): OrderSnapshot {
  if (outcome !== "refused") return snapshot;
  throw new AppError("internal", "gateway.not_booked", { internal: `refused with ${reason ?? "no reason"}` });
}
