import type { Selectable } from "kysely";

import type { AccountId, ObjectId, ParticipantId, PayoutId, UploadId } from "../domain/id.ts";
import type { Sealed, SealedPlace } from "../domain/sealing.ts";
import { platformShopId } from "./accounts.ts";
import type { ShopTransaction } from "./connection.ts";
import type { PayoutUploadsTable } from "./schema/referral.ts";

export type PayoutUploadRow = Selectable<PayoutUploadsTable>;

/** Where the key of a picture is sealed: what shows the participant's account goes with the participant's key. */
export function payoutUploadPlace(participantId: ParticipantId, uploadId: UploadId): SealedPlace {
  return {
    shopId: platformShopId,
    subjectId: participantId,
    purpose: "referral",
    field: "payout_upload.key",
    rowId: uploadId,
  };
}

/** The bytes have the upload's id. */
export function payoutObjectOf(uploadId: UploadId): ObjectId {
  return uploadId as string as ObjectId;
}

export function findPayoutUpload(
  trx: ShopTransaction,
  uploadId: UploadId,
): Promise<PayoutUploadRow | undefined> {
  return trx.selectFrom("payout_uploads").selectAll().where("id", "=", uploadId).executeTakeFirst();
}

export async function insertPayoutUpload(
  trx: ShopTransaction,
  upload: { uploadId: UploadId; payoutId: PayoutId; by: AccountId; now: Date },
): Promise<void> {
  const { uploadId: id, payoutId, by, now } = upload;
  await trx
    .insertInto("payout_uploads")
    .values({ id, payout_id: payoutId, created_by: by, created_at: now })
    .execute();
}

/** Of two that bring the bytes the first wins; false for the other. */
export async function receivePayoutUpload(
  trx: ShopTransaction,
  { uploadId, sealedKey, size, now }: { uploadId: UploadId; sealedKey: Sealed; size: number; now: Date },
): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable("payout_uploads")
    .set({ sealed_key: sealedKey, size, received_at: now })
    .where("id", "=", uploadId)
    .where("received_at", "is", null)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}
