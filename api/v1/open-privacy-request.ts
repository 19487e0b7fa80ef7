import type { Context } from "hono";

import { openPrivacyRequest as openRow } from "../../db/open-privacy-request.ts";
import { insertPrivacyNote, privacyNotePlace } from "../../db/privacy-notes.ts";
import type { PrivacyActor, PrivacyRequestRow } from "../../db/privacy-requests.ts";
import { findShop } from "../../db/shops.ts";
import { lockSubject } from "../../db/subjects.ts";
import { AppError } from "../../domain/app-error.ts";
import type { MessageId, PrivacyRequestId, ShopId, SubjectId } from "../../domain/id.ts";
import { startPrivacyClock } from "../../domain/privacy/due-date.ts";
import type {
  IdentityProof,
  ObjectionLimit,
  PrivacyDoor,
  PrivacyKind,
} from "../../domain/privacy/privacy-request.ts";
import { codeOfRequest, hashRequestCode } from "../../domain/privacy/request-code.ts";
import type { Sealed } from "../../domain/sealing.ts";
import { normaliseText } from "../../domain/text/normalise-text.ts";
import type { ApiEnv } from "../env.ts";
import { notFound } from "./fields.schema.ts";

export type Opening = {
  shopId: ShopId;
  subjectId: SubjectId;
  subjectKind: "customer" | "account";
  door: PrivacyDoor;
  proof: IdentityProof;
  by: PrivacyActor;
  kind: PrivacyKind;
  objectsTo?: ObjectionLimit | undefined;
  note?: string | undefined;
};

/**
 * Makes the request, accepts it, and wakes its process. Safe to run twice: the row has the id of the Idempotency-Key. Who
 * has an open request of the kind gets that one. Throws what has no such subject (404), and `subject.erasing` (409).
 */
export async function openPrivacyRequest(c: Context<ApiEnv>, opening: Opening): Promise<PrivacyRequestRow> {
  const { deps, effect, background } = c.var;
  const { shopId, subjectId, subjectKind, kind, objectsTo, door, proof, by } = opening;
  if (subjectKind === "account" && kind === "deletion") throw notErasable();
  const requestId = effect.id as PrivacyRequestId;
  const codeHash = hashRequestCode(await codeOfRequest(deps.blindIndexer, requestId));
  const now = deps.clock.now();
  await demandSubject(c, opening);
  const note = opening.note === undefined ? null : await sealNote(c, opening, opening.note);
  const row = await deps.db.withShop(shopId, async (trx) => {
    await demandSubjectIn(trx, opening);
    const country = (await findShop(trx, shopId))?.country ?? "";
    const row = await openRow(trx, {
      shopId,
      requestId,
      subjectId,
      subjectKind,
      kind,
      objectsTo: kind === "objection" ? (objectsTo ?? "no_ai") : null,
      door,
      codeHash,
      noteId: note?.noteId ?? null,
      clock: clockFor(c, { now, country, subjectKind }),
      proof,
      by,
      now,
    });
    if (note !== null && row.id === requestId)
      await insertPrivacyNote(trx, { shopId, requestId, ...note, now });
    return row;
  });
  const ref = { shopId, requestId: row.id };
  background(
    deps.processes.ringPrivacyRequest(ref).catch((err: unknown) => {
      deps.log.warn({ ...ref, err }, "privacy_request.ring_failed");
    }),
  );
  return row;
}

type For = { now: Date; country: string; subjectKind: Opening["subjectKind"] };

/** Who deletes an account thinks it over for longer. */
function clockFor({ var: { deps } }: Context<ApiEnv>, { now, country, subjectKind }: For) {
  const { profile, accountCoolOffMs } = deps.settings.privacy;
  const clock = startPrivacyClock(now, { country, profile });
  if (subjectKind === "customer") return clock;
  return { ...clock, timings: { ...clock.timings, cancelWindowMs: accountCoolOffMs } };
}

/** Before anything is sealed: there is no key of who is not there. */
function demandSubject({ var: { deps } }: Context<ApiEnv>, opening: Opening): Promise<void> {
  return deps.db.withShop(opening.shopId, (trx) => demandSubjectIn(trx, opening));
}

async function demandSubjectIn(
  trx: Parameters<typeof lockSubject>[0],
  { shopId, subjectId, subjectKind }: Opening,
): Promise<void> {
  const subject = await lockSubject(trx, { shopId, subjectId });
  if (subject?.kind !== subjectKind) throw notFound(subjectKind === "customer" ? "cus" : "acc");
  if (subject.state === "active" || subject.state === "frozen") return;
  throw new AppError("conflict", "subject.erasing", {
    internal: "the subject is being erased",
    public: "This person's data is being deleted already.",
  });
}

async function sealNote(
  c: Context<ApiEnv>,
  { shopId, subjectId, subjectKind }: Opening,
  text: string,
): Promise<{ noteId: MessageId; body: Sealed }> {
  const { deps, effect } = c.var;
  const noteId = effect.id as MessageId;
  const place = privacyNotePlace({ shopId, subjectId, subjectKind }, noteId);
  const [body] = await deps.sealer.seal([{ place, plaintext: normaliseText(text) }]);
  if (body === undefined) throw new TypeError("nothing was sealed");
  return { noteId, body };
}

/** What would be accepted and never carried out is not accepted. */
function notErasable(): AppError {
  return new AppError("conflict", "privacy_request.account_not_erasable", {
    internal: "the erasure of accounts is not built",
    public: "An account cannot be deleted here yet. Write to us with the topic privacy: a person sees to it.",
  });
}

/** Null: it was made by another request, whose maker was told. */
export async function statusUrlFor(c: Context<ApiEnv>, row: PrivacyRequestRow): Promise<string | null> {
  const { deps, effect } = c.var;
  if (row.id !== (effect.id as PrivacyRequestId)) return null;
  return `${deps.settings.publicUrl}/privacy/requests/${await codeOfRequest(deps.blindIndexer, row.id)}`;
}
