import type { PrivacyRequestId } from "../domain/id.ts";
import { openPrivacyStates } from "../domain/privacy/privacy-request.ts";
import type { PrivacyState } from "../domain/privacy/privacy-request.ts";
import { asAdmin } from "./admin-database.ts";
import type { AdminDatabase } from "./admin-database.ts";
import { writeLook } from "./admin-upgrades.ts";
import type { Look } from "./admin-upgrades.ts";
import type { TimePlace } from "./conversation-queries.ts";
import { listPrivacyEvents } from "./privacy-requests.ts";
import type { PrivacyEventRow, PrivacyRequestRow } from "./privacy-requests.ts";

/** Requests of all shops and of accounts that are proven, what is due first first; without a state, those that are open. */
export function listPrivacyQueue(
  admin: AdminDatabase,
  { state, before: after, limit }: { state: PrivacyState | undefined; before?: TimePlace; limit: number },
): Promise<PrivacyRequestRow[]> {
  return asAdmin(admin, (trx) => {
    let query = trx
      .selectFrom("privacy_requests")
      .selectAll()
      .where("state", "in", state === undefined ? openPrivacyStates : [state])
      .where("proof", "is not", null)
      .orderBy("due_at")
      .orderBy("id")
      .limit(limit);
    if (after !== undefined) {
      query = query.where((eb) =>
        eb.or([
          eb("due_at", ">", after.at),
          eb.and([eb("due_at", "=", after.at), eb("id", ">", after.id as PrivacyRequestId)]),
        ]),
      );
    }
    return query.execute();
  });
}

export function findPrivacyRequestOfAnyShop(
  admin: AdminDatabase,
  requestId: PrivacyRequestId,
): Promise<PrivacyRequestRow | undefined> {
  return asAdmin(admin, (trx) =>
    trx.selectFrom("privacy_requests").selectAll().where("id", "=", requestId).executeTakeFirst(),
  );
}

export type PrivacyCase = { row: PrivacyRequestRow; events: PrivacyEventRow[] };

/** The look stands in the log of the shop, or of the platform where it is about an account. */
export function viewPrivacyCase(
  admin: AdminDatabase,
  requestId: PrivacyRequestId,
  look: Look,
): Promise<PrivacyCase | undefined> {
  return asAdmin(admin, async (trx) => {
    const row = await trx
      .selectFrom("privacy_requests")
      .selectAll()
      .where("id", "=", requestId)
      .executeTakeFirst();
    if (row === undefined) return undefined;
    const { shop_id: shopId } = row;
    await writeLook(trx, { shopId, resourceId: requestId }, look);
    return { row, events: await listPrivacyEvents(trx, { shopId, requestId }) };
  });
}
