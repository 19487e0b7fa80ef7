import { getConversation, getSubjectState, isFenced, lockConversation } from "../../db/conversations.ts";
import type { ShopTransaction } from "../../db/connection.ts";
import {
  acceptPrivacyRequest,
  endPrivacyRequest,
  openPrivacyRequest,
} from "../../db/open-privacy-request.ts";
import { enqueueMessage } from "../../db/outbox.ts";
import { findPrivacyRequest, lockPrivacyRequest } from "../../db/privacy-requests.ts";
import type { PrivacyActor, PrivacyRequestRow } from "../../db/privacy-requests.ts";
import { getShop } from "../../db/shops.ts";
import type { PrivacyRequestId } from "../../domain/id.ts";
import { privacyTexts } from "../../domain/privacy/customer-texts.ts";
import type { PrivacyTexts } from "../../domain/privacy/customer-texts.ts";
import { startPrivacyClock } from "../../domain/privacy/due-date.ts";
import { canMovePrivacy } from "../../domain/privacy/privacy-request.ts";
import { codeOfRequest, hashRequestCode } from "../../domain/privacy/request-code.ts";
import type { DecisionRef } from "../../workflows/conversation.contract.ts";
import type { ActivityDeps } from "../deps.ts";
import { sealParts, textContent } from "../outbox/seal-message.ts";
import { confirmPrivacyPayload, withdrawPayload } from "./payloads.ts";
import { ringPrivacyRequest } from "./ring-privacy-request.ts";
import { statusUrlOf } from "./status-url.ts";

type Ask = Extract<DecisionRef["decision"], { kind: "ask_privacy" }>;
type Act = Extract<DecisionRef["decision"], { kind: "privacy" }>;

const customer: PrivacyActor = { kind: "person", accountId: null };

/**
 * A customer wrote words about their data: the request is made, and they are asked to confirm it; until then nothing is
 * done. Safe to run twice: the request has the turn's id, and its question the turn's key.
 */
export async function askPrivacy(deps: ActivityDeps, ref: DecisionRef, ask: Ask): Promise<void> {
  const { shopId, customerId, turnId } = ref;
  // Safe: a turn makes one request at most, which needs an id that is the same however often this runs.
  const requestId = turnId as string as PrivacyRequestId;
  const codeHash = hashRequestCode(await codeOfRequest(deps.blindIndexer, requestId));
  const now = deps.clock.now();
  const row = await deps.db.withShop(shopId, async (trx) => {
    if (await isBeingErased(trx, ref)) return undefined;
    const { country } = await getShop(trx, { shopId });
    return openPrivacyRequest(trx, {
      shopId,
      requestId,
      subjectId: customerId,
      subjectKind: "customer",
      kind: ask.right,
      objectsTo: ask.objectsTo,
      door: "chat",
      codeHash,
      noteId: null,
      clock: startPrivacyClock(now, { country, profile: deps.privacyProfile }),
      proof: null,
      by: customer,
      now,
    });
  });
  await deps.atStep("privacy.asked");
  if (row) await ringPrivacyRequest(deps, { shopId, requestId: row.id });
  if (row) await showRequest(deps, ref, row);
}

/** A tap on one of our buttons, or a typed code. Somebody else's request is as if it were not there. */
export async function actOnPrivacy(
  deps: ActivityDeps,
  ref: DecisionRef,
  { act, requestId }: Act,
): Promise<void> {
  const { shopId, customerId } = ref;
  const row = await deps.db.withShop(shopId, (trx) => findPrivacyRequest(trx, { shopId, requestId }));
  if (row === undefined || row.subject_kind !== "customer") return;
  if (row.subject_id !== null && row.subject_id !== customerId) return;
  switch (act) {
    case "show":
      return showRequest(deps, ref, row);
    case "confirm":
      return confirm(deps, ref, row);
    case "withdraw":
      return withdraw(deps, ref, row);
  }
}

async function showRequest(deps: ActivityDeps, ref: DecisionRef, row: PrivacyRequestRow): Promise<void> {
  const statusUrl = await statusUrlOf(deps, row.id);
  await tell(deps, ref, (say) => {
    if (row.state !== "received") return { text: say.open({ kind: row.kind, statusUrl }) };
    const buttons = [
      { title: say.titles.yes, payload: confirmPrivacyPayload(row.id) },
      { title: say.titles.no, payload: withdrawPayload(row.id) },
    ];
    return { text: say.confirm({ kind: row.kind }), buttons };
  });
}

async function confirm(deps: ActivityDeps, ref: DecisionRef, row: PrivacyRequestRow): Promise<void> {
  const { shopId, customerId } = ref;
  const now = deps.clock.now();
  const accepted = await deps.db.withShop(shopId, async (trx) => {
    if (await isBeingErased(trx, ref)) return undefined;
    const proven = {
      shopId,
      requestId: row.id,
      subjectId: customerId,
      proof: "thread",
      by: customer,
    } as const;
    return acceptPrivacyRequest(trx, { ...proven, now });
  });
  await deps.atStep("privacy.accepted");
  if (accepted === undefined) return;
  await ringPrivacyRequest(deps, { shopId, requestId: accepted.id });
  if (accepted.id !== row.id) await showRequest(deps, ref, accepted);
}

async function withdraw(deps: ActivityDeps, ref: DecisionRef, row: PrivacyRequestRow): Promise<void> {
  const { shopId } = ref;
  const now = deps.clock.now();
  const { before, after } = await deps.db.withShop(shopId, async (trx) => {
    const before = await lockPrivacyRequest(trx, { shopId, requestId: row.id });
    if (!canMovePrivacy(before.state, "cancelled")) return { before, after: before };
    return { before, after: await endPrivacyRequest(trx, before, { to: "cancelled", by: customer, now }) };
  });
  await deps.atStep("privacy.withdrawn");
  await ringPrivacyRequest(deps, { shopId, requestId: row.id });
  if (after.state === "cancelled" && after.verified_at === null) {
    await tell(deps, ref, (say) => ({ text: say.kept() }));
  } else if (before.state === "in_progress" || before.state === "finalising") {
    await tell(deps, ref, (say) => ({ text: say.tooLate({ kind: row.kind }) }));
  }
}

/** Without a lock: the request's limit takes the subject's, which comes before the conversation's (rule 24). */
async function isBeingErased(trx: ShopTransaction, ref: DecisionRef): Promise<boolean> {
  return isFenced({ subject_state: await getSubjectState(trx, ref) });
}

type Said = { text: string; buttons?: { title: string; payload: string }[] };

/** Whoever speaks in the conversation: it is the customer's right, not the agent's chat. */
async function tell(deps: ActivityDeps, ref: DecisionRef, say: (texts: PrivacyTexts) => Said): Promise<void> {
  const { shopId, customerId, turnId } = ref;
  const { language } = await deps.db.withShop(shopId, (trx) => getConversation(trx, ref));
  const { text, buttons = [] } = say(privacyTexts(language));
  const parts = await sealParts(deps.sealer, ref, [textContent(text, buttons)]);
  const now = deps.clock.now();
  await deps.db.withShop(shopId, async (trx) => {
    if (isFenced(await lockConversation(trx, ref))) return;
    const businessKey = `turn:${turnId}:privacy`;
    const about = { audience: "order", author: "system", purpose: "privacy_rights" } as const;
    await enqueueMessage(trx, { shopId, customerId, ...about, businessKey, turnId, parts, now });
  });
}
