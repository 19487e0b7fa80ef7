import type { Selectable } from "kysely";

import type { MessageId, ObjectId, ShopId, SubjectId } from "../domain/id.ts";
import type { Purpose, Sealed, SealedPlace } from "../domain/sealing.ts";
import type { ShopTransaction } from "./connection.ts";
import type { ObjectsTable } from "./schema/conversations.ts";

export type ObjectRow = Selectable<ObjectsTable>;

export type NewObject = {
  shopId: ShopId;
  objectId: ObjectId;
  subjectId: SubjectId;
  purpose: Purpose;
  kind: ObjectsTable["kind"];
  /** The object's own key, sealed at `objectKeyPlace`. */
  sealedKey: Sealed;
  contentType: string;
  /** Of the plaintext, in bytes. */
  size: number;
  imageIndex?: Buffer | null;
  messageId?: MessageId | null;
  part?: number;
  now: Date;
};

/** Safe to run twice: false when the message's part has its object already. */
export async function insertObject(trx: ShopTransaction, object: NewObject): Promise<boolean> {
  const result = await trx
    .insertInto("objects")
    .values({
      shop_id: object.shopId,
      id: object.objectId,
      subject_id: object.subjectId,
      purpose: object.purpose,
      kind: object.kind,
      sealed_key: object.sealedKey,
      content_type: object.contentType,
      size: object.size,
      image_index: object.imageIndex ?? null,
      message_id: object.messageId ?? null,
      part: object.part ?? 0,
      created_at: object.now,
    })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  return result.numInsertedOrUpdatedRows === 1n;
}

export function findObject(
  trx: ShopTransaction,
  { shopId, objectId }: { shopId: ShopId; objectId: ObjectId },
): Promise<ObjectRow | undefined> {
  return trx
    .selectFrom("objects")
    .selectAll()
    .where("shop_id", "=", shopId)
    .where("id", "=", objectId)
    .executeTakeFirst();
}

/** Where the key of an object is sealed. */
export function objectKeyPlace(
  object: Pick<ObjectRow, "shop_id" | "id" | "subject_id" | "purpose">,
): SealedPlace {
  return {
    shopId: object.shop_id,
    subjectId: object.subject_id,
    purpose: object.purpose,
    field: "object.key",
    rowId: object.id,
  };
}

/** Puts the object's key under another purpose's key; the bytes stay as they are. */
export async function resealObject(
  trx: ShopTransaction,
  object: { shopId: ShopId; objectId: ObjectId; purpose: Purpose; sealedKey: Sealed },
): Promise<void> {
  await trx
    .updateTable("objects")
    .set({ purpose: object.purpose, sealed_key: object.sealedKey })
    .where("shop_id", "=", object.shopId)
    .where("id", "=", object.objectId)
    .execute();
}

/** The object that a picture of a message is kept as. */
export function findMessageObject(
  trx: ShopTransaction,
  { shopId, messageId, part }: { shopId: ShopId; messageId: MessageId; part: number },
): Promise<ObjectRow | undefined> {
  return trx
    .selectFrom("objects")
    .selectAll()
    .where("shop_id", "=", shopId)
    .where("message_id", "=", messageId)
    .where("part", "=", part)
    .executeTakeFirst();
}

/**
 * Removes the rows of the pictures of these messages, and answers whose bytes are loose now. A picture that is payment
 * evidence stays: it is a record of money.
 */
export async function deleteMessageObjects(
  trx: ShopTransaction,
  { shopId, messageIds }: { shopId: ShopId; messageIds: MessageId[] },
): Promise<ObjectId[]> {
  if (messageIds.length === 0) return [];
  const rows = await trx
    .deleteFrom("objects")
    .where("shop_id", "=", shopId)
    .where("message_id", "in", messageIds)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom("payment_evidence")
            .select("payment_evidence.id")
            .whereRef("payment_evidence.shop_id", "=", "objects.shop_id")
            .whereRef("payment_evidence.object_id", "=", "objects.id"),
        ),
      ),
    )
    .returning("id")
    .execute();
  return rows.map(({ id }) => id);
}
