import type { MessageId, PrivacyRequestId, ShopId, SubjectId } from "../domain/id.ts";
import type { PrivacySubjectKind } from "../domain/privacy/privacy-request.ts";
import type { Sealed, SealedPlace } from "../domain/sealing.ts";
import type { ShopTransaction } from "./connection.ts";

type OfRequest = { shopId: ShopId; subjectId: SubjectId; subjectKind: PrivacySubjectKind };

/** Under a key of the person whom the request is about: it goes with what else is sealed of them. */
export function privacyNotePlace(
  { shopId, subjectId, subjectKind }: OfRequest,
  noteId: MessageId,
): SealedPlace {
  const purpose = subjectKind === "account" ? "account" : "chat";
  return { shopId, subjectId, purpose, field: "privacy_note.body", rowId: noteId };
}

/** Safe to run twice: a repeated request meets its own row. */
export async function insertPrivacyNote(
  trx: ShopTransaction,
  note: { shopId: ShopId; requestId: PrivacyRequestId; noteId: MessageId; body: Sealed; now: Date },
): Promise<void> {
  await trx
    .insertInto("privacy_notes")
    .values({
      shop_id: note.shopId,
      id: note.noteId,
      request_id: note.requestId,
      body: note.body,
      created_at: note.now,
    })
    .onConflict((conflict) => conflict.columns(["shop_id", "id"]).doNothing())
    .execute();
}

export function findPrivacyNote(
  trx: ShopTransaction,
  { shopId, noteId }: { shopId: ShopId; noteId: MessageId },
): Promise<{ id: MessageId; body: Sealed } | undefined> {
  return trx
    .selectFrom("privacy_notes")
    .select(["id", "body"])
    .where("shop_id", "=", shopId)
    .where("id", "=", noteId)
    .executeTakeFirst();
}
