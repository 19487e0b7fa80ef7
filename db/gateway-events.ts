import { sql } from "kysely";

import type { GatewayPaymentId, ShopId } from "../domain/id.ts";
import type { ShopTransaction } from "./connection.ts";

/**
 * Keeps a piece of news of a payment, so that somebody looks at once; false: it came before, and somebody looks again.
 * Whoever pays with a code that is closed by now is looked for as well.
 */
export async function insertGatewayEvent(
  trx: ShopTransaction,
  {
    shopId,
    paymentId,
    eventKey,
    now,
  }: { shopId: ShopId; paymentId: GatewayPaymentId; eventKey: Buffer; now: Date },
): Promise<boolean> {
  const row = await trx
    .insertInto("gateway_events")
    .values({ shop_id: shopId, payment_id: paymentId, event_key: eventKey, received_at: now })
    .onConflict((conflict) => conflict.columns(["shop_id", "event_key"]).doNothing())
    .returning("payment_id")
    .executeTakeFirst();
  await trx
    .updateTable("gateway_payments")
    .set({ next_check_at: now, checks: 0 })
    .where("shop_id", "=", shopId)
    .where("id", "=", paymentId)
    .where("state", "in", ["created", "unknown", "pending", "closed"])
    .execute();
  await sql`select pg_notify('send', '')`.execute(trx);
  return row !== undefined;
}
