import { findAccountLanguage } from "../../db/accounts.ts";
import { getConversation, lockConversation } from "../../db/conversations.ts";
import type { ShopTransaction } from "../../db/connection.ts";
import { queueMail } from "../../db/mails.ts";
import { enqueueMessage } from "../../db/outbox.ts";
import { findPrivacyNote, privacyNotePlace } from "../../db/privacy-notes.ts";
import { changePrivacyRequest, findPrivacyRequest, lockPrivacyRequest } from "../../db/privacy-requests.ts";
import type { PrivacyRequestRow } from "../../db/privacy-requests.ts";
import { AppError } from "../../domain/app-error.ts";
import type { AccountId, CustomerId, SubjectId } from "../../domain/id.ts";
import { privacyTexts } from "../../domain/privacy/customer-texts.ts";
import type { PrivacyTexts } from "../../domain/privacy/customer-texts.ts";
import { needsJudgement } from "../../domain/privacy/privacy-request.ts";
import type { PrivacyTelling } from "../../domain/privacy/privacy-request.ts";
import type { PrivacyRef, PrivacySnapshot } from "../../workflows/privacy-request.contract.ts";
import type { ActivityDeps } from "../deps.ts";
import { drainOutbox } from "../outbox/drain-outbox.ts";
import { sealParts, textContent } from "../outbox/seal-message.ts";
import { openText } from "../open-text.ts";
import { withdrawPayload } from "./payloads.ts";
import { privacySnapshot } from "./privacy-snapshot.ts";
import { statusUrlOf } from "./status-url.ts";

/**
 * Tells the person what became of their request: a customer in the thread, an account by mail; nobody who is being erased.
 * Safe to run twice: the message has a business key, and the mark that it is due goes in its transaction.
 */
export async function tellPrivacyPerson(deps: ActivityDeps, ref: PrivacyRef): Promise<PrivacySnapshot> {
  const row = await deps.db.withShop(ref.shopId, (trx) => findPrivacyRequest(trx, ref));
  if (row === undefined) {
    throw new AppError("not_found", "privacy_request.not_found", { internal: `request ${ref.requestId}` });
  }
  const { tell, subject_id: subjectId } = row;
  const now = deps.clock.now();
  if (tell === null || subjectId === null) return privacySnapshot(row, now);
  const queue =
    row.subject_kind === "customer" ? await byMessage(deps, { row, tell, subjectId }) : byMail(row, tell);
  const after = await deps.db.withShop(ref.shopId, async (trx) => {
    await queue(trx, now);
    const locked = await lockPrivacyRequest(trx, ref);
    if (locked.tell !== tell) return locked;
    const by = { kind: "system", accountId: null } as const;
    return changePrivacyRequest(trx, locked, { set: { tell: null }, event: `told_${tell}`, by, now });
  });
  await deps.atStep("privacy.told");
  if (row.subject_kind === "customer") {
    await drainOutbox(deps, { shopId: ref.shopId, customerId: subjectId as CustomerId });
  }
  return privacySnapshot(after, deps.clock.now());
}

type Telling = { row: PrivacyRequestRow; tell: PrivacyTelling; subjectId: SubjectId };
type Queue = (trx: ShopTransaction, now: Date) => Promise<void>;

/** Sealed before the transaction; a person whose key is gone is told nothing. */
async function byMessage(deps: ActivityDeps, { row, tell, subjectId }: Telling): Promise<Queue> {
  const ref = { shopId: row.shop_id, customerId: subjectId as CustomerId };
  const { language } = await deps.db.withShop(ref.shopId, (trx) => getConversation(trx, ref));
  const say = privacyTexts(language);
  const statusUrl = await statusUrlOf(deps, row.id);
  const reason = tell === "denied" ? await openReason(deps, row) : null;
  const text = wordsOf(say, { row, tell, statusUrl, reason });
  const canKeep = tell === "received" && row.kind === "deletion";
  const buttons = canKeep ? [{ title: say.titles.keep, payload: withdrawPayload(row.id) }] : [];
  const parts = await sealParts(deps.sealer, ref, [textContent(text, buttons)]).catch(noneWithoutKey);
  return async (trx, now) => {
    const { subject_state: state } = await lockConversation(trx, ref);
    if (state !== "active" && state !== "frozen") return;
    const businessKey = `privacy:${row.id}:${tell}`;
    const purpose = "privacy_rights" as const;
    await enqueueMessage(trx, {
      ...ref,
      audience: "order",
      author: "system",
      purpose,
      businessKey,
      parts,
      now,
    });
  };
}

type Words = { row: PrivacyRequestRow; tell: PrivacyTelling; statusUrl: string; reason: string | null };

function wordsOf(say: PrivacyTexts, { row, tell, statusUrl, reason }: Words): string {
  const { kind, door, subject_kind: subjectKind, denial, timings } = row;
  switch (tell) {
    case "received": {
      const windowHours = Math.max(1, Math.round(timings.cancelWindowMs / 3_600_000));
      const isForJudgement = needsJudgement({ kind, subjectKind, door });
      return say.received({ kind, statusUrl, windowHours, isForJudgement });
    }
    case "cancelled":
      return say.cancelled({ kind });
    case "denied":
      return say.denied({ kind, statusUrl, denial: denial ?? "unfounded", reason });
    case "done":
      return say.done({ kind, statusUrl });
  }
}

function noneWithoutKey(error: unknown): [] {
  if (error instanceof AppError && error.code === "key.missing") return [];
  throw error;
}

async function openReason(
  { db, sealer }: ActivityDeps,
  {
    shop_id: shopId,
    subject_id: subjectId,
    subject_kind: subjectKind,
    reason_note_id: noteId,
  }: PrivacyRequestRow,
): Promise<string | null> {
  if (noteId === null || subjectId === null) return null;
  const note = await db.withShop(shopId, (trx) => findPrivacyNote(trx, { shopId, noteId }));
  if (note === undefined) return null;
  const place = privacyNotePlace({ shopId, subjectId, subjectKind }, noteId);
  const [text] = await openText(sealer, [{ place, sealed: note.body }]);
  return text ?? null;
}

/** Its page says the rest. */
function byMail(row: PrivacyRequestRow, tell: PrivacyTelling): Queue {
  return async (trx, now) => {
    if (row.subject_kind !== "account" || row.subject_id === null) return;
    // Safe: the subject of an account has the account's id.
    const accountId = row.subject_id as string as AccountId;
    const language = await findAccountLanguage(trx, accountId);
    if (language === undefined) return;
    const businessKey = `privacy:${row.id}:${tell}`;
    await queueMail(trx, { accountId, kind: "privacy_answered", businessKey, data: {}, language, now });
  };
}
