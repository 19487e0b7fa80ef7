import type { Selectable, Updateable } from "kysely";

import { refundTransitions } from "../domain/payment/gateway-payment.ts";
import type { GatewayRefundState } from "../domain/payment/gateway-payment.ts";
import { newId } from "../domain/id.ts";
import type { AccountId, GatewayPaymentId, ShopId } from "../domain/id.ts";
import type { ShopTransaction } from "./connection.ts";
import type { GatewayRefundsTable } from "./schema/gateway.ts";

export type GatewayRefundRow = Selectable<GatewayRefundsTable>;
type Ref = { shopId: ShopId; refundId: string };

/** The refund's number at the provider follows from its id, so that one that is asked for twice is one. */
export function refundNumber({ id }: Pick<GatewayRefundRow, "id">): string {
  return id.replaceAll("-", "");
}

/** False: this effect is asked for already. */
export async function insertGatewayRefund(
  trx: ShopTransaction,
  refund: {
    shopId: ShopId;
    paymentId: GatewayPaymentId;
    amountMinor: number;
    effectKey: string;
    requestedBy: AccountId | null;
    now: Date;
  },
): Promise<boolean> {
  const row = await trx
    .insertInto("gateway_refunds")
    .values({
      shop_id: refund.shopId,
      id: newId<string>(),
      payment_id: refund.paymentId,
      state: "requested",
      amount_minor: refund.amountMinor,
      effect_key: refund.effectKey,
      requested_by: refund.requestedBy,
      next_check_at: refund.now,
      created_at: refund.now,
      updated_at: refund.now,
    })
    .onConflict((conflict) => conflict.columns(["shop_id", "effect_key"]).doNothing())
    .returning("id")
    .executeTakeFirst();
  return row !== undefined;
}

/** Of these payments, oldest first. */
export async function listGatewayRefunds(
  trx: ShopTransaction,
  { shopId, paymentIds }: { shopId: ShopId; paymentIds: GatewayPaymentId[] },
): Promise<GatewayRefundRow[]> {
  if (paymentIds.length === 0) return [];
  return trx
    .selectFrom("gateway_refunds")
    .selectAll()
    .where("shop_id", "=", shopId)
    .where("payment_id", "in", paymentIds)
    .orderBy("id")
    .execute();
}

/** As `claimGatewayPayment`. */
export function claimGatewayRefund(
  trx: ShopTransaction,
  { shopId, refundId, now, until }: Ref & { now: Date; until: Date },
): Promise<GatewayRefundRow | undefined> {
  return trx
    .updateTable("gateway_refunds")
    .set((eb) => ({ next_check_at: until, checks: eb("checks", "+", 1) }))
    .where("shop_id", "=", shopId)
    .where("id", "=", refundId)
    .where("next_check_at", "<=", now)
    .returningAll()
    .executeTakeFirst();
}

/** Moves a refund along a legal edge; false is a lost race. */
export async function moveGatewayRefund(
  trx: ShopTransaction,
  {
    shopId,
    refundId,
    from,
    set,
    now,
  }: Ref & {
    from: GatewayRefundState;
    set: Omit<Updateable<GatewayRefundsTable>, "updated_at">;
    now: Date;
  },
): Promise<boolean> {
  const to = set.state ?? from;
  if (to !== from && !refundTransitions[from].includes(to)) {
    throw new TypeError(`a refund does not move from ${from} to ${to}`);
  }
  const result = await trx
    .updateTable("gateway_refunds")
    .set({ ...set, updated_at: now })
    .where("shop_id", "=", shopId)
    .where("id", "=", refundId)
    .where("state", "=", from)
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

/** What was given back is in the ledger; false: it was before. */
export async function markRefundBooked(
  trx: ShopTransaction,
  { shopId, refundId, now }: Ref & { now: Date },
): Promise<boolean> {
  const result = await trx
    .updateTable("gateway_refunds")
    .set({ booked_at: now, next_check_at: null, updated_at: now })
    .where("shop_id", "=", shopId)
    .where("id", "=", refundId)
    .where("state", "=", "done")
    .where("booked_at", "is", null)
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}
