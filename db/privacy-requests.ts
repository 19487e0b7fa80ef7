import type { Selectable, Updateable } from "kysely";

import { AppError } from "../domain/app-error.ts";
import { newId } from "../domain/id.ts";
import type { AccountId, MessageId, PrivacyRequestId, ShopId, SubjectId } from "../domain/id.ts";
import { openPrivacyStates } from "../domain/privacy/privacy-request.ts";
import type {
  ObjectionLimit,
  PrivacyDoor,
  PrivacyKind,
  PrivacyStanding,
  PrivacyState,
  PrivacySubjectKind,
} from "../domain/privacy/privacy-request.ts";
import type { PrivacyClock } from "../domain/privacy/due-date.ts";
import type { ShopTransaction } from "./connection.ts";
import type { PrivacyActorKind, PrivacyRequestEventsTable, PrivacyRequestsTable } from "./schema/privacy.ts";

export type PrivacyRequestRow = Selectable<PrivacyRequestsTable>;
export type PrivacyEventRow = Selectable<PrivacyRequestEventsTable>;
export type PrivacyRef = { shopId: ShopId; requestId: PrivacyRequestId };
/** Who did it, for the story. */
export type PrivacyActor = { kind: PrivacyActorKind; accountId: AccountId | null };

export type NewPrivacyRequest = PrivacyRef & {
  subjectId: SubjectId | null;
  subjectKind: PrivacySubjectKind;
  kind: PrivacyKind;
  objectsTo: ObjectionLimit | null;
  door: PrivacyDoor;
  codeHash: Buffer;
  /** What was written with it. */
  noteId: MessageId | null;
  clock: PrivacyClock;
  by: PrivacyActor;
  now: Date;
};

/** Undefined: the subject has an open request of the kind, or this one was made before. */
export async function insertPrivacyRequest(
  trx: ShopTransaction,
  { clock, by, now, ...request }: NewPrivacyRequest,
): Promise<PrivacyRequestRow | undefined> {
  const { profile, timings, targetAt, dueAt } = clock;
  const row = await trx
    .insertInto("privacy_requests")
    .values({
      shop_id: request.shopId,
      id: request.requestId,
      subject_id: request.subjectId,
      subject_kind: request.subjectKind,
      kind: request.kind,
      objects_to: request.objectsTo,
      state: "received",
      door: request.door,
      code_hash: request.codeHash,
      note_id: request.noteId,
      profile,
      timings: JSON.stringify(timings),
      requested_by: by.accountId,
      received_at: now,
      target_at: targetAt,
      due_at: dueAt,
    })
    .onConflict((conflict) => conflict.doNothing())
    .returningAll()
    .executeTakeFirst();
  if (row !== undefined) await appendPrivacyEvent(trx, row, { event: "received", by, now });
  return row;
}

export function findPrivacyRequest(
  trx: ShopTransaction,
  { shopId, requestId }: PrivacyRef,
): Promise<PrivacyRequestRow | undefined> {
  return trx
    .selectFrom("privacy_requests")
    .selectAll()
    .where("shop_id", "=", shopId)
    .where("id", "=", requestId)
    .executeTakeFirst();
}

export type OfSubject = {
  shopId: ShopId;
  subjectId: SubjectId;
  kind: PrivacyKind;
  objectsTo: ObjectionLimit | null;
};

/** The one open request of a subject and a kind. */
export function findOpenPrivacyRequest(
  trx: ShopTransaction,
  { shopId, subjectId, kind, objectsTo }: OfSubject,
): Promise<PrivacyRequestRow | undefined> {
  return trx
    .selectFrom("privacy_requests")
    .selectAll()
    .where("shop_id", "=", shopId)
    .where("subject_id", "=", subjectId)
    .where("kind", "=", kind)
    .where("objects_to", "is not distinct from", objectsTo)
    .where("state", "in", openPrivacyStates)
    .executeTakeFirst();
}

/** Of one subject, what is open, the newest first. */
export function listOpenOfSubject(
  trx: ShopTransaction,
  { shopId, subjectId }: { shopId: ShopId; subjectId: SubjectId },
): Promise<PrivacyRequestRow[]> {
  return trx
    .selectFrom("privacy_requests")
    .selectAll()
    .where("shop_id", "=", shopId)
    .where("subject_id", "=", subjectId)
    .where("state", "in", openPrivacyStates)
    .orderBy("id", "desc")
    .execute();
}

/** A request that nobody has shown to be theirs, by the code that was shown to whoever made it. */
export function findUnprovenByCode(
  trx: ShopTransaction,
  { shopId, codeHash }: { shopId: ShopId; codeHash: Buffer },
): Promise<PrivacyRequestRow | undefined> {
  return trx
    .selectFrom("privacy_requests")
    .selectAll()
    .where("shop_id", "=", shopId)
    .where("code_hash", "=", codeHash)
    .where("state", "=", "received")
    .where("subject_id", "is", null)
    .executeTakeFirst();
}

export type PrivacyFilter = {
  shopId: ShopId;
  subjectId?: SubjectId | undefined;
  state?: PrivacyState | undefined;
  before?: PrivacyRequestId;
  limit: number;
};

/** Newest first; without those of the public page that nobody has shown to be theirs. */
export function listPrivacyRequests(
  trx: ShopTransaction,
  { shopId, subjectId, state, before, limit }: PrivacyFilter,
): Promise<PrivacyRequestRow[]> {
  let query = trx
    .selectFrom("privacy_requests")
    .selectAll()
    .where("shop_id", "=", shopId)
    .where("subject_id", "is not", null)
    .orderBy("id", "desc")
    .limit(limit);
  if (subjectId !== undefined) query = query.where("subject_id", "=", subjectId);
  if (state !== undefined) query = query.where("state", "=", state);
  if (before !== undefined) query = query.where("id", "<", before);
  return query.execute();
}

/** Holds it until commit: of two decisions the second sees the first. */
export async function lockPrivacyRequest(
  trx: ShopTransaction,
  { shopId, requestId }: PrivacyRef,
): Promise<PrivacyRequestRow> {
  const row = await trx
    .selectFrom("privacy_requests")
    .selectAll()
    .where("shop_id", "=", shopId)
    .where("id", "=", requestId)
    .forUpdate()
    .executeTakeFirst();
  if (row) return row;
  throw new AppError("not_found", "privacy_request.not_found", { internal: `privacy request ${requestId}` });
}

export type PrivacyChange = Omit<Updateable<PrivacyRequestsTable>, "shop_id" | "id" | "version">;
export type ChangedBy = { event: string; by: PrivacyActor; now: Date };

/** Under `lockPrivacyRequest`; names the state that was read all the same. Answers the row as it is then. */
export async function changePrivacyRequest(
  trx: ShopTransaction,
  from: PrivacyRequestRow,
  { set, ...changed }: ChangedBy & { set: PrivacyChange },
): Promise<PrivacyRequestRow> {
  const row = await trx
    .updateTable("privacy_requests")
    .set((eb) => ({ ...set, version: eb("version", "+", 1) }))
    .where("shop_id", "=", from.shop_id)
    .where("id", "=", from.id)
    .where("state", "=", from.state)
    .returningAll()
    .executeTakeFirst();
  if (row === undefined) {
    throw new AppError("conflict", "privacy_request.moved_on", {
      internal: `privacy request ${from.id} left ${from.state}`,
    });
  }
  await appendPrivacyEvent(trx, row, changed);
  return row;
}

async function appendPrivacyEvent(
  trx: ShopTransaction,
  { shop_id: shopId, id }: PrivacyRequestRow,
  { event, by, now }: ChangedBy,
): Promise<void> {
  await trx
    .insertInto("privacy_request_events")
    .values({
      shop_id: shopId,
      id: newId<string>(),
      request_id: id,
      at: now,
      actor_kind: by.kind,
      actor_id: by.accountId,
      event,
    })
    .execute();
}

/** The story of one request, in order. */
export function listPrivacyEvents(
  trx: ShopTransaction,
  { shopId, requestId }: PrivacyRef,
): Promise<PrivacyEventRow[]> {
  return trx
    .selectFrom("privacy_request_events")
    .selectAll()
    .where("shop_id", "=", shopId)
    .where("request_id", "=", requestId)
    .orderBy("at")
    .orderBy("id")
    .execute();
}

/** What the rules look at. */
export function privacyStanding(row: PrivacyRequestRow): PrivacyStanding {
  return {
    kind: row.kind,
    state: row.state,
    receivedAt: row.received_at,
    actAt: row.act_at,
    remindersDone: row.reminders_done,
    alarmedAt: row.alarmed_at,
    dueAt: row.due_at,
    isTellingDue: row.tell !== null,
    timings: row.timings,
  };
}

/**
 * What a login at Meta has given is gone, and its person has a code for that. Safe to run twice: a person is told of one
 * request, however often Meta says so.
 */
export async function recordForgottenLogin(
  trx: ShopTransaction,
  { clock, now, ...request }: Pick<NewPrivacyRequest, "shopId" | "requestId" | "codeHash" | "clock" | "now">,
): Promise<void> {
  await trx
    .insertInto("privacy_requests")
    .values({
      shop_id: request.shopId,
      id: request.requestId,
      // Safe: a login has no keys, and no row but this one.
      subject_id: request.requestId as string as SubjectId,
      subject_kind: "login",
      kind: "deletion",
      state: "completed",
      door: "meta",
      proof: "meta",
      code_hash: request.codeHash,
      profile: clock.profile,
      timings: JSON.stringify(clock.timings),
      answer: "forgotten",
      received_at: now,
      verified_at: now,
      target_at: clock.targetAt,
      due_at: clock.dueAt,
      answered_at: now,
      ended_at: now,
    })
    .onConflict((conflict) =>
      conflict.columns(["shop_id", "id"]).doUpdateSet({ answered_at: now, ended_at: now }),
    )
    .execute();
}
