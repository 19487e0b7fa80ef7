import { newId } from "../domain/id.ts";
import type { PageId, ShopId } from "../domain/id.ts";
import type { PageEvent } from "../domain/messenger/inbound-event.ts";
import type { ShopTransaction } from "./connection.ts";

/** What Meta says about the Page itself; the first one of a key wins. */
export async function insertPageEvents(
  trx: ShopTransaction,
  { shopId, pageId, events, now }: { shopId: ShopId; pageId: PageId; events: PageEvent[]; now: Date },
): Promise<void> {
  if (events.length === 0) return;
  await trx
    .insertInto("page_events")
    .values(
      events.map((event) => ({
        shop_id: shopId,
        id: newId<string>(),
        page_id: pageId,
        kind: event.kind,
        event_key: event.eventKey,
        detail: JSON.stringify(event.detail),
        occurred_at: event.occurredAt,
        received_at: now,
      })),
    )
    .onConflict((conflict) => conflict.columns(["shop_id", "event_key"]).doNothing())
    .execute();
}
