import { newId } from "../domain/id.ts";
import type { ShopId, SubjectId } from "../domain/id.ts";
import { consentHash, consentWordings } from "../domain/privacy/consent.ts";
import type { ConsentChannel, ConsentDoor, ConsentPurpose } from "../domain/privacy/consent.ts";
import type { ShopTransaction } from "./connection.ts";

type Ref = { shopId: ShopId; subjectId: SubjectId };

export type Consent = {
  id: string;
  purpose: ConsentPurpose;
  channel: ConsentChannel;
  decision: "given" | "withdrawn";
  wordingVersion: string;
  wordingHash: string;
  door: ConsentDoor;
  decidedAt: Date;
};

/**
 * Of the wording in force. Append-only; what is said last counts, from this transaction's commit on: each claim of a send
 * asks. Call under the conversation's lock, so that two that are said at once have an order.
 */
export async function insertConsent(
  trx: ShopTransaction,
  {
    shopId,
    subjectId,
    purpose,
    channel,
    decision,
    door,
    now,
  }: Ref & Pick<Consent, "purpose" | "channel" | "decision" | "door"> & { now: Date },
): Promise<void> {
  await trx
    .insertInto("consents")
    .values({
      shop_id: shopId,
      id: newId<string>(),
      subject_id: subjectId,
      purpose,
      channel,
      decision,
      wording_version: consentWordings[purpose].version,
      wording_hash: consentHash(purpose),
      door,
      decided_at: now,
    })
    .execute();
}

function columns(trx: ShopTransaction, { shopId, subjectId }: Ref) {
  return trx
    .selectFrom("consents")
    .select([
      "id",
      "purpose",
      "channel",
      "decision",
      "wording_version as wordingVersion",
      "wording_hash as wordingHash",
      "door",
      "decided_at as decidedAt",
    ])
    .where("shop_id", "=", shopId)
    .where("subject_id", "=", subjectId);
}

/** What was said last, of each purpose and channel of which anything was said. */
export function listCurrentConsents(trx: ShopTransaction, ref: Ref): Promise<Consent[]> {
  return columns(trx, ref)
    .distinctOn(["purpose", "channel"])
    .orderBy("purpose")
    .orderBy("channel")
    .orderBy("seq", "desc")
    .execute();
}

/** All that was ever said, newest first. */
export function listConsents(
  trx: ShopTransaction,
  { before, limit, ...ref }: Ref & { before?: string; limit: number },
): Promise<Consent[]> {
  let query = columns(trx, ref).orderBy("id", "desc").limit(limit);
  if (before !== undefined) query = query.where("id", "<", before);
  return query.execute();
}
