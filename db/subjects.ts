import { AppError } from "../domain/app-error.ts";
import type { KeyId, ShopId, SubjectId } from "../domain/id.ts";
import type { NewKey, SubjectKind, SubjectState } from "../domain/sealing.ts";
import type { ShopTransaction } from "./connection.ts";

export type NewSubject = { id: SubjectId; kind: SubjectKind };

/**
 * Inserts subjects with the keys that were made for them. The keys' epoch is held open (`FOR SHARE`) until commit;
 * when it was closed meanwhile the keys are worthless: throws `conflict` `key.epoch_closed`, make new ones and start over.
 */
export async function insertSubjects(
  trx: ShopTransaction,
  { shopId, subjects, keys, now }: { shopId: ShopId; subjects: NewSubject[]; keys: NewKey[]; now: Date },
): Promise<void> {
  if (subjects.length === 0) return;
  await holdEpochs(trx, [...new Set(keys.map(({ epoch }) => epoch))]);
  await trx
    .insertInto("subjects")
    .values(subjects.map(({ id, kind }) => ({ shop_id: shopId, id, kind, created_at: now })))
    .execute();
  await trx
    .insertInto("subject_keys")
    .values(
      keys.map((key) => ({
        shop_id: shopId,
        id: key.id as KeyId,
        subject_id: key.subjectId,
        purpose: key.purpose,
        epoch: key.epoch,
        wrapped: key.wrapped,
      })),
    )
    .execute();
}

async function holdEpochs(trx: ShopTransaction, epochs: number[]): Promise<void> {
  const held = await trx
    .selectFrom("key_epochs")
    .where("id", "in", epochs)
    .where("state", "=", "open")
    .select("id")
    .orderBy("id")
    .forShare()
    .execute();
  if (held.length === epochs.length) return;
  throw new AppError("conflict", "key.epoch_closed", {
    internal: `epochs ${epochs.join(", ")} are not open`,
  });
}

/** The fence: holds the subjects' states until commit, in the order of their ids (rule 24). */
export async function lockSubjectStates(
  trx: ShopTransaction,
  { shopId, subjectIds }: { shopId: ShopId; subjectIds: SubjectId[] },
): Promise<Map<SubjectId, SubjectState>> {
  if (subjectIds.length === 0) return new Map();
  const rows = await trx
    .selectFrom("subjects")
    .where("shop_id", "=", shopId)
    .where("id", "in", subjectIds)
    .select(["id", "state"])
    .orderBy("id")
    .forShare()
    .execute();
  return new Map(rows.map(({ id, state }) => [id, state]));
}

export type SubjectRow = { kind: SubjectKind; state: SubjectState };

export function findSubject(
  trx: ShopTransaction,
  { shopId, subjectId }: { shopId: ShopId; subjectId: SubjectId },
): Promise<SubjectRow | undefined> {
  return trx
    .selectFrom("subjects")
    .where("shop_id", "=", shopId)
    .where("id", "=", subjectId)
    .select(["kind", "state"])
    .executeTakeFirst();
}

/** Holds the subject in its state until commit. */
export function lockSubject(
  trx: ShopTransaction,
  { shopId, subjectId }: { shopId: ShopId; subjectId: SubjectId },
): Promise<SubjectRow | undefined> {
  return trx
    .selectFrom("subjects")
    .select(["kind", "state"])
    .where("shop_id", "=", shopId)
    .where("id", "=", subjectId)
    .forShare()
    .executeTakeFirst();
}
