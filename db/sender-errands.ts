import { sql } from "kysely";

import type { CustomerId, ShopId } from "../domain/id.ts";
import type { OutboxState } from "./schema/conversations.ts";

/** A part in one of these may still have to be sent. */
export const openStates = [
  "queued",
  "sending",
  "unknown",
  "waiting_for_window",
] as const satisfies OutboxState[];

/**
 * What waits for a conversation's sender, each to stand after `exists (select`. It is said once: who gives a lease back must
 * look for all that the next one would find.
 */
export function senderErrands({ shopId, customerId }: { shopId: ShopId; customerId: CustomerId }) {
  const theirs = sql`shop_id = ${shopId} and customer_id = ${customerId}`;
  const intake = sql`from intake where ${theirs} and claimed_at is null and dead_at is null`;
  const states = sql.join(openStates.map((state) => sql.lit(state))); // as in the index's own condition
  return {
    openParts: sql`from outbox where ${theirs} and state in (${states})`,
    ownerMessages: sql`${intake} and kind = 'owner_message'`,
    /** Copies of another app's thread. */
    standby: sql`${intake} and standby = 'words'`,
    receipts: sql`from receipts where ${theirs}`,
  };
}
