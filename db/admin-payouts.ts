import { AppError } from "../domain/app-error.ts";
import type { AccountId, ParticipantId, PayoutId, UploadId } from "../domain/id.ts";
import type { PayoutState } from "../domain/payout/states.ts";
import type { Sealed } from "../domain/sealing.ts";
import { asAdmin } from "./admin-database.ts";
import type { AdminDatabase } from "./admin-database.ts";
import type { Look } from "./admin-upgrades.ts";
import type { CommissionRow } from "./commissions.ts";
import type { ShopTransaction } from "./connection.ts";
import { listPayoutEvents } from "./payout-events.ts";
import type { PayoutEventRow } from "./payout-events.ts";
import { listPayoutLines } from "./payout-queries.ts";
import { findPayoutUpload, insertPayoutUpload, receivePayoutUpload } from "./payout-uploads.ts";
import type { PayoutUploadRow } from "./payout-uploads.ts";
import { findPayout } from "./payouts.ts";
import type { PayoutRow } from "./payouts.ts";
import { writePlatformLog } from "./platform-log.ts";
import { getParticipant, isOnLineOf } from "./referrals.ts";
import type { ParticipantRow } from "./referrals.ts";

/** Payouts of all participants in one state, the oldest first. */
export function listPayoutQueue(
  admin: AdminDatabase,
  { state, after, limit }: { state: PayoutState; after?: PayoutId; limit: number },
): Promise<PayoutRow[]> {
  return asAdmin(admin, (trx) => {
    let query = trx.selectFrom("payouts").selectAll().where("state", "=", state).orderBy("id").limit(limit);
    if (after !== undefined) query = query.where("id", ">", after);
    return query.execute();
  });
}

/** Of a payout's lines so many are shown. */
const shownLines = 500;

export type PayoutCase = {
  payout: PayoutRow;
  participant: ParticipantRow;
  events: PayoutEventRow[];
  lines: CommissionRow[];
};

/** A payout, what it is made of, and who said what about it; undefined when there is none. */
export function viewPayoutCase(
  admin: AdminDatabase,
  payoutId: PayoutId,
  look: Look,
): Promise<PayoutCase | undefined> {
  return asAdmin(admin, async (trx) => {
    const payout = await findPayout(trx, payoutId);
    if (payout === undefined) return undefined;
    const participant = await getParticipant(trx, payout.participant_id);
    const events = await listPayoutEvents(trx, payoutId);
    const lines = await listPayoutLines(trx, { payoutId, limit: shownLines });
    await writePlatformLog(trx, { subjectId: participant.id, resourceId: payoutId }, look);
    return { payout, participant, events, lines };
  });
}

/**
 * Where the money of a payout goes that is on its way; undefined for any other. Throws `forbidden` for a relative in the
 * tree, who may not decide and has no use for it.
 */
export function viewPayoutAccount(
  admin: AdminDatabase,
  payoutId: PayoutId,
  look: Look,
): Promise<PayoutRow | undefined> {
  return asAdmin(admin, async (trx) => {
    const payout = await findPayout(trx, payoutId);
    if (payout?.state !== "executing") return undefined;
    await refuseRelated(trx, payout.participant_id, look);
    await writePlatformLog(trx, { subjectId: payout.participant_id, resourceId: payoutId }, look);
    return payout;
  });
}

export type PayoutEvidence = { upload: PayoutUploadRow; participantId: ParticipantId };

/** The picture by which a payout was recorded as paid, likewise; undefined when it is none of any payout. */
export function viewPayoutPicture(
  admin: AdminDatabase,
  uploadId: UploadId,
  look: Look,
): Promise<PayoutEvidence | undefined> {
  return asAdmin(admin, async (trx) => {
    const upload = await findPayoutUpload(trx, uploadId);
    const payout = upload && (await findPayout(trx, upload.payout_id));
    if (upload === undefined || payout?.upload_id !== uploadId) return undefined;
    const participantId = payout.participant_id;
    await refuseRelated(trx, participantId, look);
    await writePlatformLog(trx, { subjectId: participantId, resourceId: uploadId }, look);
    return { upload, participantId };
  });
}

export function findPayoutOfAny(admin: AdminDatabase, payoutId: PayoutId): Promise<PayoutRow | undefined> {
  return asAdmin(admin, (trx) => findPayout(trx, payoutId));
}

export function addPayoutUpload(
  admin: AdminDatabase,
  upload: { uploadId: UploadId; payoutId: PayoutId; by: AccountId; now: Date },
): Promise<void> {
  return asAdmin(admin, (trx) => insertPayoutUpload(trx, upload));
}

/** The place for a picture, and whose payout it is for. */
export function findPayoutEvidence(
  admin: AdminDatabase,
  uploadId: UploadId,
): Promise<PayoutEvidence | undefined> {
  return asAdmin(admin, async (trx) => {
    const upload = await findPayoutUpload(trx, uploadId);
    const payout = upload && (await findPayout(trx, upload.payout_id));
    return upload && payout && { upload, participantId: payout.participant_id };
  });
}

/** False: another one came first. */
export function storePayoutUpload(
  admin: AdminDatabase,
  bytes: { uploadId: UploadId; sealedKey: Sealed; size: number; now: Date },
): Promise<boolean> {
  return asAdmin(admin, (trx) => receivePayoutUpload(trx, bytes));
}

async function refuseRelated(
  trx: ShopTransaction,
  participantId: ParticipantId,
  { accountId }: Look,
): Promise<void> {
  if (!(await isOnLineOf(trx, participantId, accountId))) return;
  throw new AppError("forbidden", "payout.related", {
    internal: "the admin stands on the participant's line of the tree",
    public: "Somebody else must see to this payout.",
  });
}
