import type { Context } from "hono";

import { findPrivacyNote, insertPrivacyNote, privacyNotePlace } from "../../db/privacy-notes.ts";
import type { PrivacyRequestRow } from "../../db/privacy-requests.ts";
import { toTypeId } from "../../domain/id.ts";
import type { MessageId } from "../../domain/id.ts";
import { normaliseText } from "../../domain/text/normalise-text.ts";
import { privacyWorkflow, privacyWorkflowId } from "../../workflows/privacy-request.contract.ts";
import type {
  PrivacyInput,
  PrivacyUpdateName,
  PrivacyUpdates,
} from "../../workflows/privacy-request.contract.ts";
import type { ApiDeps } from "../deps.ts";
import type { ApiEnv } from "../env.ts";
import { requestDecision } from "./request-decision.ts";

export type AskedPrivacy = {
  [Name in PrivacyUpdateName]: { name: Name; request: PrivacyUpdates[Name] };
}[PrivacyUpdateName];

/** Carries a person's word to the request's workflow, and answers with the row as it stands afterwards. */
export async function decidePrivacyRequest(
  c: Context<ApiEnv>,
  row: PrivacyRequestRow,
  asked: AskedPrivacy,
  readRow: () => Promise<PrivacyRequestRow>,
): Promise<PrivacyRequestRow> {
  const input: PrivacyInput = { version: 1, shopId: row.shop_id, requestId: row.id };
  await requestDecision(c, {
    of: "privacy_request",
    workflowId: privacyWorkflowId(toTypeId("pvr", row.id)),
    workflowType: privacyWorkflow,
    input,
    update: asked.name,
    request: asked.request,
    isRecorded: async () => isRecorded(await readRow(), asked),
  });
  return readRow();
}

/** What the row says of a decision whose workflow has ended meanwhile. */
function isRecorded({ state, answer }: PrivacyRequestRow, { name }: AskedPrivacy): boolean {
  switch (name) {
    case "cancelPrivacyRequest":
      return state === "cancelled";
    case "denyPrivacyRequest":
      return state === "denied";
    case "answerPrivacyRequest":
      return answer !== null || state === "waiting" || state === "in_progress";
  }
}

/** Why it is denied, sealed under the person's key. Null without words, or when there is no key to seal them. */
export async function storeReason(
  c: Context<ApiEnv>,
  row: PrivacyRequestRow,
  text: string | undefined,
): Promise<MessageId | null> {
  const { deps, effect } = c.var;
  const { shop_id: shopId, id: requestId, subject_id: subjectId, subject_kind: subjectKind } = row;
  if (text === undefined || subjectId === null) return null;
  const noteId = effect.id as MessageId;
  const place = privacyNotePlace({ shopId, subjectId, subjectKind }, noteId);
  const [body] = await deps.sealer.seal([{ place, plaintext: normaliseText(text) }]);
  if (body === undefined) throw new TypeError("nothing was sealed");
  const now = deps.clock.now();
  await deps.db.withShop(shopId, (trx) => insertPrivacyNote(trx, { shopId, requestId, noteId, body, now }));
  return noteId;
}

/** Null when nothing was written, or when the person's key is gone. */
export async function openPrivacyNote(
  { db, sealer }: Pick<ApiDeps, "db" | "sealer">,
  { shop_id: shopId, subject_id: subjectId, subject_kind: subjectKind }: PrivacyRequestRow,
  noteId: MessageId | null,
): Promise<string | null> {
  if (noteId === null || subjectId === null) return null;
  const note = await db.withShop(shopId, (trx) => findPrivacyNote(trx, { shopId, noteId }));
  if (note === undefined) return null;
  const place = privacyNotePlace({ shopId, subjectId, subjectKind }, noteId);
  const [plaintext] = await sealer.open([{ place, sealed: note.body }]);
  return plaintext?.toString("utf8") ?? null;
}
