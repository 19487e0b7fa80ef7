import type { Selectable } from "kysely";

import type { MessageId, ShopId, UploadId } from "../domain/id.ts";
import type { Sealed, SealedPlace } from "../domain/sealing.ts";
import type { ShopTransaction } from "./connection.ts";
import type { UpgradeUploadsTable } from "./schema/plans.ts";
import { upgradeSubject } from "./upgrade-requests.ts";
import type { UpgradeRef } from "./upgrade-requests.ts";

export type UploadRow = Selectable<UpgradeUploadsTable>;
export type UploadRef = { shopId: ShopId; uploadId: UploadId };

/** Where the key of an uploaded picture is sealed. */
export function uploadKeyPlace({
  shopId,
  requestId,
  uploadId,
}: UpgradeRef & { uploadId: UploadId }): SealedPlace {
  return {
    shopId,
    subjectId: upgradeSubject(requestId),
    purpose: "finance",
    field: "upgrade_upload.key",
    rowId: uploadId,
  };
}

export function upgradeNotePlace({
  shopId,
  requestId,
  noteId,
}: UpgradeRef & { noteId: MessageId }): SealedPlace {
  return {
    shopId,
    subjectId: upgradeSubject(requestId),
    purpose: "finance",
    field: "upgrade_note.body",
    rowId: noteId,
  };
}

export async function insertUpload(
  trx: ShopTransaction,
  { shopId, requestId, uploadId, now }: UpgradeRef & UploadRef & { now: Date },
): Promise<void> {
  await trx
    .insertInto("upgrade_uploads")
    .values({ shop_id: shopId, id: uploadId, request_id: requestId, created_at: now })
    .execute();
}

export async function countUploads(trx: ShopTransaction, { shopId, requestId }: UpgradeRef): Promise<number> {
  const { count } = await trx
    .selectFrom("upgrade_uploads")
    .where("shop_id", "=", shopId)
    .where("request_id", "=", requestId)
    .select(({ fn }) => fn.countAll<number>().as("count"))
    .executeTakeFirstOrThrow();
  return count;
}

export function findUpload(
  trx: ShopTransaction,
  { shopId, uploadId }: UploadRef,
): Promise<UploadRow | undefined> {
  return trx
    .selectFrom("upgrade_uploads")
    .selectAll()
    .where("shop_id", "=", shopId)
    .where("id", "=", uploadId)
    .executeTakeFirst();
}

/** Of two that bring the bytes the first wins; false for the other. */
export async function receiveUpload(
  trx: ShopTransaction,
  { shopId, uploadId, sealedKey, size, now }: UploadRef & { sealedKey: Sealed; size: number; now: Date },
): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable("upgrade_uploads")
    .set({ sealed_key: sealedKey, size, received_at: now })
    .where("shop_id", "=", shopId)
    .where("id", "=", uploadId)
    .where("received_at", "is", null)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** Safe to run twice: a repeated request meets its own row. */
export async function insertUpgradeNote(
  trx: ShopTransaction,
  { shopId, requestId, noteId, body, now }: UpgradeRef & { noteId: MessageId; body: Sealed; now: Date },
): Promise<void> {
  await trx
    .insertInto("upgrade_notes")
    .values({ shop_id: shopId, id: noteId, request_id: requestId, body, created_at: now })
    .onConflict((conflict) => conflict.columns(["shop_id", "id"]).doNothing())
    .execute();
}

export type StoredNote = { id: MessageId; body: Sealed };

export function listUpgradeNotes(
  trx: ShopTransaction,
  { shopId, requestId, noteIds }: UpgradeRef & { noteIds: (MessageId | null)[] },
): Promise<StoredNote[]> {
  const ids = noteIds.flatMap((id) => id ?? []);
  if (ids.length === 0) return Promise.resolve([]);
  return trx
    .selectFrom("upgrade_notes")
    .where("shop_id", "=", shopId)
    .where("request_id", "=", requestId)
    .where("id", "in", ids)
    .select(["id", "body"])
    .execute();
}

/** Removes all rows of the evidence, and destroys the key of the request; answers whose bytes are loose now. */
export async function deleteUpgradeEvidence(
  trx: ShopTransaction,
  { shopId, requestId }: UpgradeRef,
): Promise<UploadId[]> {
  await trx
    .deleteFrom("upgrade_notes")
    .where("shop_id", "=", shopId)
    .where("request_id", "=", requestId)
    .execute();
  const uploads = await trx
    .deleteFrom("upgrade_uploads")
    .where("shop_id", "=", shopId)
    .where("request_id", "=", requestId)
    .returning("id")
    .execute();
  await trx
    .deleteFrom("subject_keys")
    .where("shop_id", "=", shopId)
    .where("subject_id", "=", upgradeSubject(requestId))
    .execute();
  return uploads.map(({ id }) => id);
}
