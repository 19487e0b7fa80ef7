import { sql } from "kysely";

import type { GatewayPaymentId, PaymentMethodId, ShopId } from "../domain/id.ts";
import type { GatewayProvider } from "../domain/ports/payment-gateway.ts";
import { asSystem } from "./system-database.ts";
import type { SystemDatabase } from "./system-database.ts";

export type KnownPayment = {
  shopId: ShopId;
  paymentId: GatewayPaymentId;
  /** Null: it goes to the platform's own account. */
  paymentMethodId: PaymentMethodId | null;
};

/** The payment that a provider names, in any shop. */
export function findPaymentByNumber(
  system: SystemDatabase,
  { provider, merchantOrderId }: { provider: GatewayProvider; merchantOrderId: string },
): Promise<KnownPayment | undefined> {
  return asSystem(system, (trx) =>
    trx
      .selectFrom("gateway_payments")
      .select(["shop_id as shopId", "id as paymentId", "payment_method_id as paymentMethodId"])
      .where("merchant_order_id", "=", merchantOrderId)
      .where("provider", "=", provider)
      .executeTakeFirst(),
  );
}

export type GatewayWork = { shopId: ShopId } & (
  | { kind: "payment"; id: GatewayPaymentId }
  | { kind: "refund"; id: string }
);

/** Payments and refunds that somebody must look at; the shops in turn, each shop's longest waiting first. */
export function listGatewayWork(
  system: SystemDatabase,
  { now, limit }: { now: Date; limit: number },
): Promise<GatewayWork[]> {
  return asSystem(system, async (trx) => {
    const { rows } = await sql<GatewayWork>`
      with due as (
        select shop_id, 'payment' as kind, id, next_check_at as since from gateway_payments
        where next_check_at <= ${now}
        union all
        select shop_id, 'refund', id, next_check_at from gateway_refunds where next_check_at <= ${now}
      )
      select shop_id as "shopId", kind, id from due
      order by row_number() over (partition by shop_id order by since), since
      limit ${limit}`.execute(trx);
    return rows;
  });
}
