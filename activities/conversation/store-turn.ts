import { openAgeReport, requestOfReport } from "../../db/age-reports.ts";
import { saveCart } from "../../db/carts.ts";
import { insertConsent } from "../../db/consents.ts";
import type { ShopTransaction } from "../../db/connection.ts";
import {
  beginHumanMode,
  endHumanMode,
  isElsewhere,
  isFenced,
  isHumanMode,
  lockConversation,
  updateConversation,
} from "../../db/conversations.ts";
import type { ConversationRow } from "../../db/conversations.ts";
import { lookSinceRead } from "../../db/intake-claims.ts";
import { hasToHandle, markHandled } from "../../db/messages.ts";
import { insertDraftOrder } from "../../db/orders.ts";
import { enqueueMessage } from "../../db/outbox.ts";
import { insertNotice } from "../../db/owner-notices.ts";
import type { TurnDecision } from "../../db/schema/conversations.ts";
import { storeTurn as storeRecord } from "../../db/turns.ts";
import { shownToModel } from "../../domain/conversation/shown-to-model.ts";
import type { ShownToModel } from "../../domain/conversation/shown-to-model.ts";
import { AppError } from "../../domain/app-error.ts";
import { newId } from "../../domain/id.ts";
import type { AgeReportId } from "../../domain/id.ts";
import { codeOfRequest, hashRequestCode } from "../../domain/privacy/request-code.ts";
import type { TurnContext } from "../agent/turn-draft.ts";
import type { ActivityDeps } from "../deps.ts";
import { ringPrivacyRequest } from "../privacy/ring-privacy-request.ts";
import { cancelQuestionKey } from "./cancel-question.ts";
import { isOfRights, summaryKey } from "./code-answer.ts";
import { enqueueDisclosure } from "./disclosure.ts";
import { sealTurn } from "./seal-turn.ts";
import type { SealedTurn } from "./seal-turn.ts";
import { warnOfSecrets } from "./secret-warning.ts";
import type { SecretWarning } from "./secret-warning.ts";
import { draftOrder } from "./summary.ts";
import { creditsShort } from "./turn-answer.ts";
import type { TurnAnswer } from "./turn-answer.ts";
import type { TurnCredits } from "./turn-credits.ts";

/** `decision`: what is left to be carried out. */
export type Stored = {
  outcome: TurnAnswer["outcome"] | "stale";
  decision: TurnDecision | null;
  hasMore: boolean;
};

type Answered = { context: TurnContext; credits: TurnCredits; answer: TurnAnswer };
type Work = Answered & { sealed: SealedTurn; now: Date };
/** `locked`: the conversation as it is now, which may be newer than the turn's. */
type LockedWork = Work & { locked: ConversationRow };

/**
 * Makes the turn true in one transaction: record, cart, draft order, outbox, credits. It is stored once: an attempt that was
 * taken over throws. What was written meanwhile makes an answer stale, at most once in a row; so does what
 * was taken back of that which was read for it.
 */
export async function storeTurn(deps: ActivityDeps, answered: Answered): Promise<Stored> {
  const { context, credits, answer } = answered;
  const work = { ...answered, sealed: await sealTurn(deps, context, answer), now: deps.clock.now() };
  const report = answer.isOfMinor ? await newReport(deps) : null;
  const { id: shopId } = context.turn.shop;
  const stored = await deps.db.withShop(shopId, async (trx) => {
    const stored = report ? await stopForMinor(trx, work, report) : await store(trx, work);
    await credits.settle(trx, work.now);
    return stored;
  });
  if (report && stored.outcome === "answered")
    await ringPrivacyRequest(deps, { shopId, requestId: requestOfReport(report.id) });
  return stored;
}

type Report = { id: AgeReportId; codeHash: Buffer };

async function newReport({ blindIndexer }: ActivityDeps): Promise<Report> {
  const id = newId<AgeReportId>();
  return { id, codeHash: hashRequestCode(await codeOfRequest(blindIndexer, requestOfReport(id))) };
}

async function store(trx: ShopTransaction, work: Work): Promise<Stored> {
  const { context, answer } = work;
  const ref = { shopId: context.turn.shop.id, customerId: context.turn.conversation.customer_id };
  const conversation = await lockConversation(trx, ref);
  const midHashes = context.history.map(({ mid_hash: hash }) => hash);
  const { hasWaitingWords: hasMore, isTakenBack } = await lookSinceRead(trx, { ...ref, midHashes });
  const isOvertaken = hasMore && conversation.stale_in_row === 0 && answer.outcome !== "fallback";
  if ((isTakenBack || isOvertaken) && isDroppable(answer)) {
    await record(trx, work, { outcome: "stale", decision: null });
    await updateConversation(trx, { ...ref, staleInRow: conversation.stale_in_row + 1 });
    // What is left of the burst is answered for itself.
    return { outcome: "stale", decision: null, hasMore: true };
  }
  const isActive = conversation.subject_state === "active";
  const isSilenced =
    isElsewhere(conversation) || (isHumanMode(conversation, work.now) && !answer.endsHumanMode);
  // Nothing is said to, or decided for, a person who is being erased; human mode silences words only.
  const isHeard = isActive || (!isFenced(conversation) && isOfRights(answer));
  const decision = isHeard ? answer.decision : null;
  const outcome = (isSilenced || !isActive) && decision === null ? "silent" : answer.outcome;
  await record(trx, work, { outcome, decision });
  if (!isActive) {
    if (!isFenced(conversation))
      await settleRestricted(trx, work, decision === null ? "none" : answer.answers);
    return { outcome, decision, hasMore: hasMore && !isFenced(conversation) };
  }

  if (answer.consent) {
    const said = { ...answer.consent, channel: "messenger", door: "chat" } as const;
    await insertConsent(trx, { ...said, shopId: ref.shopId, subjectId: ref.customerId, now: work.now });
  }
  if (answer.endsHumanMode) await endHumanMode(trx, ref);
  await settleBatch(trx, work, outcome === "silent" ? "none" : answer.answers);
  if (outcome === "silent") {
    await warnOfSecrets(trx, warningOf(work, conversation));
    return {
      outcome,
      decision,
      hasMore: hasMore || (await hasToHandle(trx, { ...ref, isQuiet: true, after: null })),
    };
  }
  await say(trx, { ...work, locked: conversation }, ref);
  if (answer.needsPerson) await notify(trx, work, { kind: "person_asked", key: "person" });
  const isShort = answer.errorCode === creditsShort;
  if (isShort) await updateConversation(trx, { ...ref, creditsShortAt: work.now });
  else if (answer.errorCode !== null) await notify(trx, work, { kind: "agent_failed", key: "failed" });
  if (conversation.language !== answer.language || conversation.stale_in_row > 0) {
    await updateConversation(trx, { ...ref, language: answer.language, staleInRow: 0 });
  }
  const { isAgentOn, after } = context.turn;
  const isQuiet = answer.handOver !== null || !isAgentOn || isShort || answer.needsPerson;
  return { outcome, decision, hasMore: hasMore || (await hasToHandle(trx, { ...ref, isQuiet, after })) };
}

/** The freeze before all locks (rule 24), then one last message, which goes out to a frozen person as well. */
async function stopForMinor(trx: ShopTransaction, work: Work, report: Report): Promise<Stored> {
  const { context, sealed, now } = work;
  const ref = { shopId: context.turn.shop.id, customerId: context.turn.conversation.customer_id };
  const reportId = await openAgeReport(trx, {
    ...report,
    shopId: ref.shopId,
    subjectId: ref.customerId,
    now,
  });
  await lockConversation(trx, ref);
  const outcome = reportId === null ? "silent" : "answered";
  await record(trx, work, { outcome, decision: null });
  if (reportId === null) return { outcome, decision: null, hasMore: false };
  await settleBatch(trx, work, "all");
  await enqueueMessage(trx, {
    ...ref,
    turnId: context.turn.id,
    audience: "order", // whoever has the conversation
    purpose: "privacy_rights",
    author: "system",
    businessKey: `age:${reportId}`,
    parts: sealed.chat,
    now,
  });
  await notify(trx, work, { kind: "age_report", key: "age" });
  return { outcome, decision: null, hasMore: false };
}

/** What waits for the end of the restriction is not answered; its pictures are not even looked at. */
async function settleRestricted(
  trx: ShopTransaction,
  work: Work,
  answers: TurnAnswer["answers"],
): Promise<void> {
  const { batch, turn } = work.context;
  if (!turn.isRestricted && answers === "none") return; // begun before: all of it waits
  const heard = batch.filter(({ body }) => (body.attachments ?? []).length === 0);
  await settleBatch(trx, { ...work, context: { ...work.context, batch: heard } }, answers);
}

async function settleBatch(
  trx: ShopTransaction,
  { context: { batch, turn }, now }: Work,
  answers: TurnAnswer["answers"],
): Promise<void> {
  const ids = batch.map(({ id }) => id);
  const answered = { none: [], all: ids };
  const answeredIds = typeof answers === "string" ? answered[answers] : [...answers];
  await markHandled(trx, { shopId: turn.shop.id, ids, answeredIds, turnId: turn.id, now });
}

/** Never one with a decision, a consent, a change of the cart or of who speaks. */
function isDroppable(answer: TurnAnswer): boolean {
  const isChange =
    answer.decision !== null ||
    answer.consent !== null ||
    answer.draft?.cart.isChanged === true ||
    answer.handOver !== null ||
    answer.endsHumanMode;
  return !isChange && answer.answers !== "none";
}

/**
 * Throws when another attempt has taken the turn over. It may have been a process that stood still and will never finish:
 * whoever is tried again takes the turn back, or finds it stored.
 */
async function record(
  trx: ShopTransaction,
  { context, answer, now }: Work,
  { outcome, decision }: { outcome: TurnAnswer["outcome"] | "stale"; decision: TurnDecision | null },
): Promise<void> {
  const { usage } = answer;
  const isStored = await storeRecord(trx, {
    shopId: context.turn.shop.id,
    id: context.turn.id,
    attempt: context.turn.attempt,
    now,
    record: {
      outcome,
      decision,
      errorCode: answer.errorCode,
      agentName: context.turn.shop.agent_name,
      shown: withPictures(context, answer.shown),
      model: usage && {
        name: context.modelName,
        rounds: usage.rounds,
        inputTokens: usage.inputTokens,
        outputTokens: usage.outputTokens,
        ms: usage.ms,
      },
    },
  });
  if (!isStored)
    throw new AppError("conflict", "turn.superseded", { internal: `turn ${context.turn.id} was taken over` });
}

/** Pictures were read before the answer, also where nobody answers. */
function withPictures({ batch }: TurnContext, shown: ShownToModel | null): ShownToModel | null {
  const objectIds = batch.flatMap(({ body }) =>
    (body.attachments ?? []).flatMap(({ objectId, slip }) => (slip === undefined ? [] : (objectId ?? []))),
  );
  return objectIds.length === 0 ? shown : shownToModel({ ...shown, objectIds });
}

type Ref = { shopId: Work["context"]["turn"]["shop"]["id"]; customerId: ConversationRow["customer_id"] };

async function say(trx: ShopTransaction, work: LockedWork, ref: Ref): Promise<void> {
  const { context, answer, sealed, now } = work;
  await saveDraft(trx, work, ref);
  const turnId = context.turn.id;
  const base = { ...ref, turnId, now };
  await enqueueDisclosure(trx, { turn: context.turn, parts: sealed.disclosure, now });
  await warnOfSecrets(trx, warningOf(work, work.locked));
  await enqueueMessage(trx, {
    ...base,
    audience: "chat",
    author: "agent",
    businessKey: `turn:${turnId}`,
    parts: sealed.chat,
  });
  const toCancel = answer.draft?.cancelQuestion;
  if (toCancel) {
    await enqueueMessage(trx, {
      ...base,
      audience: "chat",
      author: "agent",
      businessKey: cancelQuestionKey(turnId),
      orderId: toCancel.id,
      parts: sealed.cancelQuestion,
    });
  }
  const prepared = answer.draft?.prepared;
  if (prepared) {
    await enqueueMessage(trx, {
      ...base,
      audience: "chat",
      author: "system",
      businessKey: summaryKey(prepared.orderId),
      orderId: prepared.orderId,
      parts: sealed.summary,
    });
  }
  if (answer.handOver !== null) await handOver(trx, work, ref);
}

function warningOf({ context, sealed, now }: Work, conversation: ConversationRow): SecretWarning {
  return { turnId: context.turn.id, conversation, batch: context.batch, parts: sealed.warning, now };
}

async function handOver(trx: ShopTransaction, work: Work, ref: Ref): Promise<void> {
  const { context, sealed, now } = work;
  const until = new Date(now.getTime() + context.turn.shop.conversation_timings.humanModeMs);
  await beginHumanMode(trx, { ...ref, until, personAskedAt: now });
  await enqueueMessage(trx, {
    ...ref,
    audience: "order",
    author: "system",
    businessKey: `turn:${context.turn.id}:handed`,
    parts: sealed.handedOver,
    turnId: context.turn.id,
    now,
  });
  await notify(trx, work, { kind: "person_asked", key: "person" });
}

async function saveDraft(
  trx: ShopTransaction,
  { context, answer, sealed, now }: Work,
  ref: Ref,
): Promise<void> {
  const { draft } = answer;
  if (!draft?.cart.isChanged) return;
  const { cart, prepared } = draft;
  const isSaved = await saveCart(trx, {
    ...ref,
    fromVersion: cart.fromVersion,
    now,
    content: {
      lines: cart.lines,
      contact: sealed.cartContact,
      contactVersion: cart.contactVersion,
      contactSource: cart.contactSource,
      zoneId: cart.zoneId,
      paymentMethodId: cart.paymentMethodId,
      draftOrderId: cart.draftOrderId,
    },
  });
  if (!isSaved) throw new AppError("conflict", "cart.moved_on", { internal: `cart of ${ref.customerId}` });
  if (prepared && sealed.orderContact) {
    await insertDraftOrder(trx, draftOrder(context, { cart, prepared, contact: sealed.orderContact, now }));
  }
}

async function notify(
  trx: ShopTransaction,
  { context, now }: Work,
  { kind, key }: { kind: "agent_failed" | "person_asked" | "age_report"; key: string },
): Promise<void> {
  await insertNotice(trx, {
    shopId: context.turn.shop.id,
    id: newId(),
    kind,
    businessKey: `turn:${context.turn.id}:${key}`,
    customerId: context.turn.conversation.customer_id,
    data: {},
    now,
  });
}
