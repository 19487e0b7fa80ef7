import type {
  AccountId,
  GatewayPaymentId,
  MessageId,
  ShopId,
  UpgradeRequestId,
  UploadId,
} from "../domain/id.ts";
import type { Sealed } from "../domain/sealing.ts";
import type { UpgradeState } from "../domain/subscription/upgrade.ts";
import { asAdmin } from "./admin-database.ts";
import type { AdminDatabase } from "./admin-database.ts";
import { appendAudit } from "./audit-events.ts";
import type { ShopTransaction } from "./connection.ts";
import type { GatewayPaymentRow } from "./gateway-payments.ts";
import { getSubscription } from "./subscriptions.ts";
import type { SubscriptionRow } from "./subscriptions.ts";
import { insertUpgradeNote, listUpgradeNotes } from "./upgrade-evidence.ts";
import type { StoredNote, UploadRow } from "./upgrade-evidence.ts";
import type { UpgradeRef, UpgradeRequestRow } from "./upgrade-requests.ts";

/** Requests of all shops in one state, the oldest request first. */
export function listUpgradeQueue(
  admin: AdminDatabase,
  { state, after, limit }: { state: UpgradeState; after?: UpgradeRequestId; limit: number },
): Promise<UpgradeRequestRow[]> {
  return asAdmin(admin, (trx) => {
    let query = trx
      .selectFrom("upgrade_requests")
      .selectAll()
      .where("state", "=", state)
      .orderBy("id")
      .limit(limit);
    if (after !== undefined) query = query.where("id", ">", after);
    return query.execute();
  });
}

/** Money of any shop that came by code and bought nothing, and is not given back; the oldest first. */
export function listOwedMoney(
  admin: AdminDatabase,
  { after, limit }: { after?: GatewayPaymentId; limit: number },
): Promise<GatewayPaymentRow[]> {
  return asAdmin(admin, (trx) => {
    let query = trx
      .selectFrom("gateway_payments")
      .selectAll()
      .where("purpose", "=", "upgrade")
      .where("owed_at", "is not", null)
      .where("state", "<>", "refunded")
      .orderBy("id")
      .limit(limit);
    if (after !== undefined) query = query.where("id", ">", after);
    return query.execute();
  });
}

/** A look of an admin, written into the shop's own log in the same transaction. */
export type Look = { action: string; accountId: AccountId; now: Date };

export type UpgradeCase = { request: UpgradeRequestRow; subscription: SubscriptionRow; notes: StoredNote[] };

/** A request, what its shop has now, and why it was refused or asked again; undefined when there is none. */
export function viewUpgradeCase(
  admin: AdminDatabase,
  requestId: UpgradeRequestId,
  look: Look,
): Promise<UpgradeCase | undefined> {
  return asAdmin(admin, async (trx) => {
    const request = await findRequest(trx, requestId);
    if (request === undefined) return undefined;
    const { shop_id: shopId } = request;
    const subscription = await getSubscription(trx, { shopId });
    const noteIds = [request.reason_note_id];
    const notes = await listUpgradeNotes(trx, { shopId, requestId, noteIds });
    await writeLook(trx, { shopId, resourceId: requestId }, look);
    return { request, subscription, notes };
  });
}

export type UpgradeEvidence = { request: UpgradeRequestRow; notes: StoredNote[] };

/** What was handed in last. */
export function viewUpgradeEvidence(
  admin: AdminDatabase,
  requestId: UpgradeRequestId,
  look: Look,
): Promise<UpgradeEvidence | undefined> {
  return asAdmin(admin, async (trx) => {
    const request = await findRequest(trx, requestId);
    if (request === undefined) return undefined;
    const { shop_id: shopId } = request;
    const noteIds = [request.reference_note_id];
    const notes = await listUpgradeNotes(trx, { shopId, requestId, noteIds });
    await writeLook(trx, { shopId, resourceId: requestId }, look);
    return { request, notes };
  });
}

/** A picture that was handed in; undefined when it is not the evidence of any request. */
export function viewUpgradePicture(
  admin: AdminDatabase,
  uploadId: UploadId,
  look: Look,
): Promise<UploadRow | undefined> {
  return asAdmin(admin, async (trx) => {
    const upload = await trx
      .selectFrom("upgrade_uploads as u")
      .innerJoin("upgrade_requests as r", (join) =>
        join.onRef("r.shop_id", "=", "u.shop_id").onRef("r.upload_id", "=", "u.id"),
      )
      .selectAll("u")
      .where("u.id", "=", uploadId)
      .executeTakeFirst();
    if (upload === undefined) return undefined;
    await writeLook(trx, { shopId: upload.shop_id, resourceId: upload.request_id }, look);
    return upload;
  });
}

export function findUpgradeOfAnyShop(
  admin: AdminDatabase,
  requestId: UpgradeRequestId,
): Promise<UpgradeRequestRow | undefined> {
  return asAdmin(admin, (trx) => findRequest(trx, requestId));
}

/** What an admin writes with a decision, sealed under the request's key. */
export function insertAdminNote(
  admin: AdminDatabase,
  note: UpgradeRef & { noteId: MessageId; body: Sealed; now: Date },
): Promise<void> {
  return asAdmin(admin, (trx) => insertUpgradeNote(trx, note));
}

function findRequest(
  trx: ShopTransaction,
  requestId: UpgradeRequestId,
): Promise<UpgradeRequestRow | undefined> {
  return trx.selectFrom("upgrade_requests").selectAll().where("id", "=", requestId).executeTakeFirst();
}

export async function writeLook(
  trx: ShopTransaction,
  { shopId, resourceId }: { shopId: ShopId; resourceId: string },
  { action, accountId, now }: Look,
): Promise<void> {
  await appendAudit(trx, {
    shopId,
    actorKind: "admin",
    actorId: accountId,
    action,
    resourceId,
    now,
  });
}
