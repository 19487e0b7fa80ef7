import { sql } from "kysely";

import type { PlanPaymentId, ShopId } from "../domain/id.ts";
import type { ShopTransaction } from "./connection.ts";
import type { PlanPaymentRow } from "./plan-payments.ts";
import type { AskedFor } from "./upgrade-requests.ts";

/** What a shop has paid the platform for a plan, or for a package of credits (`boughtOf`). */
export type PlatformPaymentRow = AskedFor &
  Pick<
    PlanPaymentRow,
    "shop_id" | "id" | "request_id" | "amount_minor" | "currency" | "payer_account_id" | "paid_at"
  >;

/** Both kinds as one table, `p`. */
export const allPayments = sql<PlatformPaymentRow>`(
  select shop_id, id, request_id, plan_code, plan_version, null::text as top_up_code,
      null::integer as top_up_version, amount_minor, currency, payer_account_id, paid_at from plan_payments
    union all
  select shop_id, id, request_id, null, null, top_up_code, top_up_version, amount_minor, currency,
      payer_account_id, paid_at from top_up_payments)`.as<"p">("p");

/** By its id alone for admins; a tenant login sees its own shop's. */
export function findPlatformPayment(
  trx: ShopTransaction,
  { shopId, paymentId }: { shopId?: ShopId; paymentId: PlanPaymentId },
): Promise<PlatformPaymentRow | undefined> {
  let query = trx.selectFrom(allPayments).selectAll().where("id", "=", paymentId);
  if (shopId !== undefined) query = query.where("shop_id", "=", shopId);
  return query.executeTakeFirst();
}
