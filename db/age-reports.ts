import type { AccountId, AgeReportId, PrivacyRequestId, ShopId, SubjectId } from "../domain/id.ts";
import { startAgeClock } from "../domain/privacy/due-date.ts";
import { canMovePrivacy } from "../domain/privacy/privacy-request.ts";
import type { IdentityProof } from "../domain/privacy/privacy-request.ts";
import type { Sealed, SealedPlace } from "../domain/sealing.ts";
import { shopSubject } from "../domain/shop/shop-subject.ts";
import type { ShopTransaction } from "./connection.ts";
import { endPrivacyRequest, openPrivacyRequest } from "./open-privacy-request.ts";
import { changePrivacyRequest, findPrivacyRequest, lockPrivacyRequest } from "./privacy-requests.ts";
import type { PrivacyActor } from "./privacy-requests.ts";
import { liftProcessingLimit, setProcessingLimit } from "./processing-limits.ts";

type Ref = { shopId: ShopId; subjectId: SubjectId };

/** The deletion that a report begins has its id: a report begins one at most. */
export function requestOfReport(id: AgeReportId): PrivacyRequestId {
  return id as string as PrivacyRequestId;
}

/**
 * A customer says to be below 18: from this transaction's commit on all of theirs is frozen. Their word is enough, since a
 * wrong one costs a decision of the shop and no data. Call before the conversation's lock. Null: they are being erased.
 */
export async function openAgeReport(
  trx: ShopTransaction,
  { shopId, subjectId, id, codeHash, now }: Ref & { id: AgeReportId; codeHash: Buffer; now: Date },
): Promise<AgeReportId | null> {
  const row = { shop_id: shopId, id, door: "chat", subject_id: subjectId, reported_at: now } as const;
  const by = { kind: "person", accountId: null } as const;
  const asked = { shopId, subjectId, reportId: id, codeHash, proof: "thread", by, now } as const;
  const eraseBy = await beginAgeErasure(trx, asked);
  if (eraseBy === null) return null;
  await trx
    .insertInto("age_reports")
    .values({ ...row, state: "open", erase_by: eraseBy })
    .execute();
  return id;
}

type Begun = Ref & {
  reportId: AgeReportId;
  codeHash: Buffer;
  proof: IdentityProof;
  by: PrivacyActor;
  now: Date;
};

/**
 * What a report that counts begins: the freeze now, and the deletion, which is due by the time that it answers; one that the
 * person has asked for is hastened. Whoever calls rings the request. Null: nothing is left to begin.
 */
async function beginAgeErasure(trx: ShopTransaction, begun: Begun): Promise<Date | null> {
  const { shopId, subjectId, reportId, now, by } = begun;
  const limit = { shopId, subjectId, limit: "restricted", ground: "age_report", now } as const;
  if (!(await setProcessingLimit(trx, { ...limit, requestId: reportId }))) return null;
  const clock = startAgeClock(now);
  const row = await openPrivacyRequest(trx, {
    ...begun,
    requestId: requestOfReport(reportId),
    subjectKind: "customer",
    kind: "deletion",
    objectsTo: null,
    door: "age_report",
    noteId: null,
    clock,
  });
  if (row.due_at > clock.dueAt) {
    const isLater = row.act_at !== null && row.act_at > clock.dueAt;
    const set = { due_at: clock.dueAt, ...(isLater ? { act_at: clock.dueAt } : {}) };
    await changePrivacyRequest(trx, row, { set, event: "hastened", by, now });
  }
  return clock.dueAt;
}

export type AgeReport = {
  id: AgeReportId;
  door: "chat" | "form";
  subjectId: SubjectId | null;
  state: "open" | "verified" | "dismissed";
  reportedAt: Date;
  eraseBy: Date | null;
  decidedAt: Date | null;
  body: Sealed | null;
};

const columns = [
  "id",
  "door",
  "subject_id as subjectId",
  "state",
  "reported_at as reportedAt",
  "erase_by as eraseBy",
  "decided_at as decidedAt",
  "body",
] as const;

/** Under the shop's own key: of whom it speaks nobody knows yet, and the words go when it is decided. */
export function ageReportPlace(shopId: ShopId, id: AgeReportId): SealedPlace {
  const subject = { shopId, subjectId: shopSubject(shopId), purpose: "secret" } as const;
  return { ...subject, field: "age_report.body", rowId: id };
}

/** By anybody: it freezes and erases nobody until a person of the shop has found out that it is right. */
export async function insertAgeReport(
  trx: ShopTransaction,
  { shopId, id, body, now }: { shopId: ShopId; id: AgeReportId; body: Sealed; now: Date },
): Promise<void> {
  await trx
    .insertInto("age_reports")
    .values({ shop_id: shopId, id, door: "form", state: "open", body, reported_at: now })
    .execute();
}

/** Newest first. */
export function listAgeReports(
  trx: ShopTransaction,
  { shopId, before, limit }: { shopId: ShopId; before?: AgeReportId; limit: number },
): Promise<AgeReport[]> {
  let query = trx.selectFrom("age_reports").select(columns).where("shop_id", "=", shopId);
  if (before !== undefined) query = query.where("id", "<", before);
  return query.orderBy("id", "desc").limit(limit).execute();
}

export function findAgeReport(
  trx: ShopTransaction,
  { shopId, id }: { shopId: ShopId; id: AgeReportId },
): Promise<AgeReport | undefined> {
  return trx
    .selectFrom("age_reports")
    .select(columns)
    .where("shop_id", "=", shopId)
    .where("id", "=", id)
    .executeTakeFirst();
}

type Decision = { shopId: ShopId; id: AgeReportId; by: AccountId; now: Date };

/** It was no child: what the report had begun is taken back. False: it was decided before, or the erasure is under way. */
export async function dismissAgeReport(
  trx: ShopTransaction,
  { shopId, id, by, now }: Decision,
): Promise<boolean> {
  const report = await findAgeReport(trx, { shopId, id });
  const subjectId = report?.subjectId ?? null;
  if (report?.state === "open" && subjectId !== null) {
    if (!(await cancelErasure(trx, { shopId, id, by, now }))) return false;
    const limit = { shopId, subjectId, limit: "restricted", ground: "age_report", requestId: id } as const;
    await liftProcessingLimit(trx, { ...limit, now });
  }
  return settle(trx, { shopId, id, by, now, changes: { state: "dismissed", erase_by: null } });
}

async function cancelErasure(trx: ShopTransaction, { shopId, id, by, now }: Decision): Promise<boolean> {
  const ref = { shopId, requestId: requestOfReport(id) };
  if ((await findPrivacyRequest(trx, ref)) === undefined) return true; // the person had asked for it before
  const row = await lockPrivacyRequest(trx, ref);
  if (!canMovePrivacy(row.state, "cancelled")) return row.state === "cancelled" || row.state === "denied";
  await endPrivacyRequest(trx, row, { to: "cancelled", by: { kind: "owner", accountId: by }, now });
  return true;
}

/** It is this customer, who is frozen from the commit on. False: it was decided before, or the customer is being erased. */
export async function verifyAgeReport(
  trx: ShopTransaction,
  { shopId, id, subjectId, codeHash, by, now }: Decision & Ref & { codeHash: Buffer },
): Promise<boolean> {
  const report = await findAgeReport(trx, { shopId, id });
  if (report?.state !== "open") return false;
  const owner = { kind: "owner", accountId: by } as const;
  const asked = { shopId, subjectId, reportId: id, codeHash, proof: "owner", by: owner, now } as const;
  const eraseBy = report.eraseBy ?? (await beginAgeErasure(trx, asked));
  if (eraseBy === null) return false;
  const changes = { state: "verified", subject_id: subjectId, erase_by: eraseBy } as const;
  return settle(trx, { shopId, id, by, now, changes });
}

async function settle(
  trx: ShopTransaction,
  {
    shopId,
    id,
    by,
    now,
    changes,
  }: Decision & {
    changes: { state: "verified" | "dismissed"; subject_id?: SubjectId; erase_by: Date | null };
  },
): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable("age_reports")
    .set({ ...changes, body: null, decided_at: now, decided_by: by })
    .where("shop_id", "=", shopId)
    .where("id", "=", id)
    .where("state", "=", "open")
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}
