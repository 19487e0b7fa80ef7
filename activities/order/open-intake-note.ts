import { findIntake } from "../../db/intake-claims.ts";
import type { MessageId } from "../../domain/id.ts";
import type { ActivityDeps } from "../deps.ts";
import type { OrderView } from "./order-view.ts";

/** What the owner wrote with a decision, sealed in the intake under the order's key; null when it is gone. */
export async function openIntakeNote(
  deps: ActivityDeps,
  { order }: OrderView,
  id: MessageId,
): Promise<string | null> {
  const shopId = order.shop_id;
  const row = await deps.db.withShop(shopId, (trx) => findIntake(trx, { shopId, id }));
  if (!row?.body || row.order_id !== order.id) return null;
  const place = {
    shopId,
    subjectId: order.customer_id,
    purpose: "order",
    field: "intake.note",
    rowId: id,
  } as const;
  const [plaintext] = await deps.sealer.open([{ place, sealed: row.body }]);
  return plaintext?.toString("utf8") ?? null;
}
