import type { ShopTransaction } from "../../db/connection.ts";
import { finishClaim, listOwnerIntake } from "../../db/intake-claims.ts";
import { markAnsweredByPeople } from "../../db/messages.ts";
import { enqueueMessage } from "../../db/outbox.ts";
import type { ActivityDeps } from "../deps.ts";
import type { ConversationRef } from "./open-part.ts";

/**
 * Moves what an owner wrote from the intake into the conversation and its outbox, under the conversation's lock.
 * The body moves as it is: intake, message and outbox part share one id, so nothing is sealed again.
 */
export async function takeOwnerMessages(
  deps: ActivityDeps,
  trx: ShopTransaction,
  ref: ConversationRef,
): Promise<void> {
  const rows = await listOwnerIntake(trx, ref);
  for (const row of rows) {
    if (row.body === null) continue;
    await enqueueMessage(trx, {
      ...ref,
      audience: "owner",
      author: "owner",
      businessKey: `owner:${row.id}`,
      parts: [{ id: row.id, kind: "text", body: row.body }],
      ...(row.actor_id === null ? {} : { actorId: row.actor_id }),
      now: row.received_at,
    });
  }
  if (rows.length === 0) return;
  await markAnsweredByPeople(trx, ref);
  await finishClaim(trx, { shopId: ref.shopId, ids: rows.map((row) => row.id), now: deps.clock.now() });
}
