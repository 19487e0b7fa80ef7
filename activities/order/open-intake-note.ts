import { findIntake } from "../../db/intake-claims.ts";
import type { CustomerId, MessageId, OrderId, ShopId } from "../../domain/id.ts";
import type { ActivityDeps } from "../deps.ts";

/** What the owner wrote with a decision about an order or a slip, sealed under the order's key; null when it is gone. */
export async function openIntakeNote(
  deps: ActivityDeps,
  { shopId, customerId, orderId }: { shopId: ShopId; customerId: CustomerId; orderId: OrderId | null },
  id: MessageId,
): Promise<string | null> {
  const row = await deps.db.withShop(shopId, (trx) => findIntake(trx, { shopId, id }));
  if (!row?.body || row.order_id !== orderId || row.customer_id !== customerId) return null;
  const place = {
    shopId,
    subjectId: customerId,
    purpose: "order",
    field: "intake.note",
    rowId: id,
  } as const;
  const [plaintext] = await deps.sealer.open([{ place, sealed: row.body }]);
  return plaintext?.toString("utf8") ?? null;
}
