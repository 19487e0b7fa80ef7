import { AppError } from "../domain/app-error.ts";
import { newId } from "../domain/id.ts";
import type { SubjectId } from "../domain/id.ts";
import { limitOf, needsJudgement } from "../domain/privacy/privacy-request.ts";
import type { IdentityProof, PrivacyState } from "../domain/privacy/privacy-request.ts";
import { appendAudit } from "./audit-events.ts";
import type { AuditActorKind } from "./schema/operations.ts";
import type { ShopTransaction } from "./connection.ts";
import { insertNotice } from "./owner-notices.ts";
import {
  changePrivacyRequest,
  findOpenPrivacyRequest,
  findPrivacyRequest,
  insertPrivacyRequest,
  lockPrivacyRequest,
} from "./privacy-requests.ts";
import type {
  NewPrivacyRequest,
  PrivacyActor,
  PrivacyChange,
  PrivacyRef,
  PrivacyRequestRow,
} from "./privacy-requests.ts";
import { liftProcessingLimit, setProcessingLimit } from "./processing-limits.ts";

/**
 * A person asks, or somebody for them: the row, accepted at once when somebody vouches for whose it is. Who has an open
 * request of the kind is answered by that one. Safe to run twice: the row has the id of what made it.
 */
export async function openPrivacyRequest(
  trx: ShopTransaction,
  { proof, ...request }: NewPrivacyRequest & { proof: IdentityProof | null },
): Promise<PrivacyRequestRow> {
  const made = await insertPrivacyRequest(trx, request);
  const row = made ?? (await findMade(trx, request));
  if (proof === null || row.state !== "received" || row.subject_id === null) return row;
  const { now, by } = request;
  const ref = { shopId: row.shop_id, requestId: row.id };
  return acceptPrivacyRequest(trx, { ...ref, subjectId: row.subject_id, proof, by, now });
}

async function findMade(trx: ShopTransaction, request: NewPrivacyRequest): Promise<PrivacyRequestRow> {
  const { subjectId, requestId } = request;
  const own = await findPrivacyRequest(trx, request);
  const open = own ?? (subjectId && (await findOpenPrivacyRequest(trx, { ...request, subjectId })));
  if (open) return open;
  throw new AppError("conflict", "privacy_request.moved_on", {
    internal: `what stood in the way of ${requestId} has ended`,
  });
}

type Accepted = PrivacyRef & {
  subjectId: SubjectId;
  proof: IdentityProof;
  by: PrivacyActor;
  now: Date;
};

/**
 * Whose request it is, is proven: from this transaction on their data is not used where they ask for that, and the shop
 * knows. Safe to run twice: it leaves `received` once. A person with an open request of the kind is answered by that.
 */
export async function acceptPrivacyRequest(
  trx: ShopTransaction,
  { subjectId, proof, by, now, ...ref }: Accepted,
): Promise<PrivacyRequestRow> {
  const row = await lockPrivacyRequest(trx, ref);
  if (row.state !== "received") return row;
  const { kind, objects_to: objectsTo } = row;
  const open =
    row.subject_id === null &&
    (await findOpenPrivacyRequest(trx, { shopId: ref.shopId, subjectId, kind, objectsTo }));
  if (open) {
    const set: PrivacyChange = { state: "cancelled", joined_to: open.id, ended_at: now };
    await changePrivacyRequest(trx, row, { set, event: "joined", by, now });
    return open;
  }
  const set: PrivacyChange = {
    state: "verified",
    subject_id: subjectId,
    proof,
    verified_at: now,
    tell: isToldAtOnce(row) ? "received" : null,
  };
  const accepted = await changePrivacyRequest(trx, row, { set, event: "verified", by, now });
  await setLimit(trx, accepted, now);
  await auditPrivacy(trx, accepted, { action: "privacy_request.accepted", by, now });
  await noticeOwner(trx, accepted, now);
  return accepted;
}

/** What is done in the same moment is told when it is done; nobody is written to at Meta, or for what a report began. */
function isToldAtOnce({ kind, subject_kind: subjectKind, door }: PrivacyRequestRow): boolean {
  if (subjectKind === "login" || door === "age_report") return false;
  return needsJudgement({ kind, subjectKind, door }) || (kind !== "restriction" && kind !== "objection");
}

type Ending = {
  to: Extract<PrivacyState, "cancelled" | "denied">;
  by: PrivacyActor;
  now: Date;
  set?: PrivacyChange;
};

/** It ends without being carried out: what was limited for it is lifted, and the person is told. Under its lock. */
export async function endPrivacyRequest(
  trx: ShopTransaction,
  row: PrivacyRequestRow,
  { to, by, now, set = {} }: Ending,
): Promise<PrivacyRequestRow> {
  const wasAccepted = row.state !== "received";
  const isTold = wasAccepted && row.door !== "age_report";
  const limit = limitOf({ kind: row.kind, objectsTo: row.objects_to });
  if (wasAccepted && limit !== null && row.subject_id !== null) {
    const limited = { shopId: row.shop_id, subjectId: row.subject_id, limit, requestId: row.id };
    await liftProcessingLimit(trx, { ...limited, now });
  }
  await auditPrivacy(trx, row, { action: `privacy_request.${to}`, by, now });
  return changePrivacyRequest(trx, row, {
    set: { ...set, state: to, ended_at: now, act_at: null, tell: isTold ? to : null },
    event: to,
    by,
    now,
  });
}

async function setLimit(trx: ShopTransaction, row: PrivacyRequestRow, now: Date): Promise<void> {
  const limit = limitOf({ kind: row.kind, objectsTo: row.objects_to });
  if (limit === null || row.subject_id === null || row.subject_kind === "login") return;
  const limited = { shopId: row.shop_id, subjectId: row.subject_id, limit, requestId: row.id };
  await setProcessingLimit(trx, { ...limited, now });
}

/** The shop reads of a customer's request; whether it must do something, the kind of the notice says. */
async function noticeOwner(trx: ShopTransaction, row: PrivacyRequestRow, now: Date): Promise<void> {
  if (row.subject_kind !== "customer" || row.door === "age_report") return; // of a report its own notice tells
  const isToJudge = needsJudgement({ kind: row.kind, subjectKind: row.subject_kind, door: row.door });
  await insertNotice(trx, {
    shopId: row.shop_id,
    id: newId(),
    kind: isToJudge ? "privacy_to_answer" : "privacy_asked",
    businessKey: `privacy:${row.id}:accepted`,
    data: {},
    now,
  });
}

const auditKinds: Record<PrivacyActor["kind"], AuditActorKind> = {
  person: "customer",
  owner: "owner",
  admin: "admin",
  system: "system",
};

async function auditPrivacy(
  trx: ShopTransaction,
  row: PrivacyRequestRow,
  { action, by, now }: { action: string; by: PrivacyActor; now: Date },
): Promise<void> {
  await appendAudit(trx, {
    shopId: row.shop_id,
    actorKind: auditKinds[by.kind],
    actorId: by.accountId,
    action,
    ...(row.subject_id === null ? {} : { subjectId: row.subject_id }),
    resourceId: row.id,
    data: { kind: row.kind, door: row.door },
    now,
  });
}
