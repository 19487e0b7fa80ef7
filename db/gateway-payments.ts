import type { Selectable, Updateable } from "kysely";

import { gatewayTransitions } from "../domain/payment/gateway-payment.ts";
import type { GatewayPaymentState } from "../domain/payment/gateway-payment.ts";
import { newId } from "../domain/id.ts";
import type { GatewayPaymentId, PaymentMethodId, ShopId } from "../domain/id.ts";
import type { Money } from "../domain/money.ts";
import type { GatewayProvider } from "../domain/ports/payment-gateway.ts";
import type { SealedPlace } from "../domain/sealing.ts";
import { shopSubject } from "../domain/shop/shop-subject.ts";
import type { ShopTransaction } from "./connection.ts";
import type { GatewayPaymentsTable, GatewayPurpose } from "./schema/gateway.ts";

export type GatewayPaymentRow = Selectable<GatewayPaymentsTable>;
type Ref = { shopId: ShopId; paymentId: GatewayPaymentId };

/** Where the account at the provider is sealed: under the shop's own key. */
export function merchantPlace(shopId: ShopId, paymentMethodId: PaymentMethodId): SealedPlace {
  return {
    shopId,
    subjectId: shopSubject(shopId),
    purpose: "secret",
    field: "payment_method.merchant",
    rowId: paymentMethodId,
  };
}

/** False: this attempt is there already. Its number at the provider follows from its id. */
export async function insertGatewayPayment(
  trx: ShopTransaction,
  payment: {
    shopId: ShopId;
    purpose: GatewayPurpose;
    ownerId: string;
    attempt: number;
    paymentMethodId: PaymentMethodId | null;
    provider: GatewayProvider;
    amount: Money;
    expiresAt: Date;
    now: Date;
  },
): Promise<boolean> {
  const id = newId<GatewayPaymentId>();
  const row = await trx
    .insertInto("gateway_payments")
    .values({
      shop_id: payment.shopId,
      id,
      purpose: payment.purpose,
      owner_id: payment.ownerId,
      attempt: payment.attempt,
      ...(payment.paymentMethodId === null ? {} : { payment_method_id: payment.paymentMethodId }),
      provider: payment.provider,
      merchant_order_id: id.replaceAll("-", ""),
      state: "created",
      amount_minor: payment.amount.amountMinor,
      currency: payment.amount.currency,
      expires_at: payment.expiresAt,
      next_check_at: payment.now,
      created_at: payment.now,
      updated_at: payment.now,
    })
    .onConflict((conflict) => conflict.columns(["shop_id", "purpose", "owner_id", "attempt"]).doNothing())
    .returning("id")
    .executeTakeFirst();
  return row !== undefined;
}

export function findGatewayPayment(
  trx: ShopTransaction,
  { shopId, paymentId }: Ref,
): Promise<GatewayPaymentRow | undefined> {
  return trx
    .selectFrom("gateway_payments")
    .selectAll()
    .where("shop_id", "=", shopId)
    .where("id", "=", paymentId)
    .executeTakeFirst();
}

type Owner = { shopId: ShopId; purpose: GatewayPurpose; ownerId: string };

/** What was asked for one owner, the first attempt first. */
export function listGatewayPayments(trx: ShopTransaction, owner: Owner): Promise<GatewayPaymentRow[]> {
  return paymentsOf(trx, owner).execute();
}

/** After the owner's lock: the provider's news waits until the end of the transaction. */
export function lockGatewayPayments(trx: ShopTransaction, owner: Owner): Promise<GatewayPaymentRow[]> {
  return paymentsOf(trx, owner).forUpdate().execute();
}

function paymentsOf(trx: ShopTransaction, { shopId, purpose, ownerId }: Owner) {
  return trx
    .selectFrom("gateway_payments")
    .selectAll()
    .where("shop_id", "=", shopId)
    .where("purpose", "=", purpose)
    .where("owner_id", "=", ownerId)
    .orderBy("attempt");
}

export type OrderPaymentRow = GatewayPaymentRow & { payment_method_id: PaymentMethodId };

/** What was asked of providers for the shop's orders, newest first; `before` is the last id of the page above. */
export function listShopGatewayPayments(
  trx: ShopTransaction,
  filter: { shopId: ShopId; ownerId?: string; before?: GatewayPaymentId; limit: number },
): Promise<OrderPaymentRow[]> {
  let query = trx
    .selectFrom("gateway_payments")
    .selectAll()
    .$narrowType<{ payment_method_id: PaymentMethodId }>()
    .where("shop_id", "=", filter.shopId)
    .where("purpose", "=", "order")
    .orderBy("id", "desc")
    .limit(filter.limit);
  if (filter.ownerId !== undefined) query = query.where("owner_id", "=", filter.ownerId);
  if (filter.before !== undefined) query = query.where("id", "<", filter.before);
  return query.execute();
}

/**
 * Takes the work on a payment for as long as one call may last; undefined: it is not due, or somebody else has it.
 */
export function claimGatewayPayment(
  trx: ShopTransaction,
  { shopId, paymentId, now, until }: Ref & { now: Date; until: Date },
): Promise<GatewayPaymentRow | undefined> {
  return trx
    .updateTable("gateway_payments")
    .set((eb) => ({ next_check_at: until, checks: eb("checks", "+", 1) }))
    .where("shop_id", "=", shopId)
    .where("id", "=", paymentId)
    .where("next_check_at", "<=", now)
    .returningAll()
    .executeTakeFirst();
}

/** When somebody looks next, unless news has set another time since the claim. */
export async function scheduleGatewayPayment(
  trx: ShopTransaction,
  { shopId, paymentId, lease, at }: Ref & { lease: Date; at: Date | null },
): Promise<void> {
  await trx
    .updateTable("gateway_payments")
    .set({ next_check_at: at })
    .where("shop_id", "=", shopId)
    .where("id", "=", paymentId)
    .where("next_check_at", "=", lease)
    .execute();
}

/** Moves a payment along a legal edge; false is a lost race. */
export async function moveGatewayPayment(
  trx: ShopTransaction,
  {
    shopId,
    paymentId,
    from,
    set,
    now,
  }: Ref & {
    from: GatewayPaymentState;
    set: Omit<Updateable<GatewayPaymentsTable>, "updated_at">;
    now: Date;
  },
): Promise<boolean> {
  const to = set.state ?? from;
  if (to !== from && !gatewayTransitions[from].includes(to)) {
    throw new TypeError(`a payment does not move from ${from} to ${to}`);
  }
  const result = await trx
    .updateTable("gateway_payments")
    .set({ ...set, updated_at: now })
    .where("shop_id", "=", shopId)
    .where("id", "=", paymentId)
    .where("state", "=", from)
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

/** The text of the code that is shown from now on. */
export async function setPaymentCode(
  trx: ShopTransaction,
  { shopId, paymentId, code }: Ref & { code: string },
): Promise<void> {
  await trx
    .updateTable("gateway_payments")
    .set({ code })
    .where("shop_id", "=", shopId)
    .where("id", "=", paymentId)
    .execute();
}

/** The money is in the ledger; false: it was before. */
export async function markPaymentBooked(
  trx: ShopTransaction,
  { shopId, paymentId, now }: Ref & { now: Date },
): Promise<boolean> {
  const result = await trx
    .updateTable("gateway_payments")
    .set({ booked_at: now, next_check_at: null, updated_at: now })
    .where("shop_id", "=", shopId)
    .where("id", "=", paymentId)
    .where("state", "=", "paid")
    .where("booked_at", "is", null)
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

/** It has bought nothing: the payer gets it back. */
export async function markPaymentOwed(
  trx: ShopTransaction,
  { shopId, paymentId, now }: Ref & { now: Date },
): Promise<void> {
  await trx
    .updateTable("gateway_payments")
    .set({ owed_at: now, updated_at: now })
    .where("shop_id", "=", shopId)
    .where("id", "=", paymentId)
    .execute();
}

/** Somebody looks at once: there is news, or its owner waits for no money any more. */
export async function checkPaymentsNow(
  trx: ShopTransaction,
  { shopId, purpose, ownerId, now }: { shopId: ShopId; purpose: GatewayPurpose; ownerId: string; now: Date },
): Promise<void> {
  await trx
    .updateTable("gateway_payments")
    .set({ next_check_at: now, checks: 0 })
    .where("shop_id", "=", shopId)
    .where("purpose", "=", purpose)
    .where("owner_id", "=", ownerId)
    .where("state", "in", ["created", "unknown", "pending"])
    .execute();
}
