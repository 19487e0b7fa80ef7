import { setTimeout as wait } from "node:timers/promises";

import { getConversation, isElsewhere, isHumanMode, lockConversation } from "../../db/conversations.ts";
import { hasWaitingWords } from "../../db/intake-claims.ts";
import { hasToHandle } from "../../db/messages.ts";
import { enqueueMessage } from "../../db/outbox.ts";
import { texts } from "../../domain/conversation/texts.ts";
import { saysToBeMinor } from "../../domain/privacy/stated-age.ts";
import type { Language } from "../../domain/shop/policies.ts";
import type { TurnRef, TurnResult } from "../../workflows/conversation.contract.ts";
import { languageOf, readContext } from "../agent/read-context.ts";
import type { TurnContext, WorkingCart } from "../agent/turn-draft.ts";
import type { ActivityDeps } from "../deps.ts";
import { drainOutbox } from "../outbox/drain-outbox.ts";
import { sealParts, textContent } from "../outbox/seal-message.ts";
import { showTyping } from "../outbox/show-typing.ts";
import { readAgentShare } from "./agent-share.ts";
import { claimTurn } from "./claim-turn.ts";
import type { ClaimedTurn } from "./claim-turn.ts";
import { codeAnswer, isOfRights } from "./code-answer.ts";
import { composeAnswer, fallback, leftToPerson } from "./compose-answer.ts";
import { disclosureOf, enqueueDisclosure } from "./disclosure.ts";
import { fetchPictures, giveUpPictures } from "./fetch-pictures.ts";
import { isHandledPicture, openWords } from "./handled-picture.ts";
import { maskAcrossMessages } from "./mask-across-messages.ts";
import { openMessages } from "./opened-message.ts";
import type { OpenedMessage } from "./opened-message.ts";
import { readSlips } from "./read-slips.ts";
import { storeTurn } from "./store-turn.ts";
import { turnAnswer } from "./turn-answer.ts";
import type { TurnAnswer } from "./turn-answer.ts";
import { TurnCredits } from "./turn-credits.ts";

/** A turn that keeps crashing its worker is answered by the fallback instead of a fifth try. */
const mostAttempts = 4;

/**
 * One turn: the burst is claimed, its pictures fetched and read, an answer made and stored, and what is queued sent.
 * Safe to run twice: claiming takes an unfinished turn over, a stored one is not answered again, and sending is by outbox.
 */
export async function runTurn(deps: ActivityDeps, ref: TurnRef, signal: AbortSignal): Promise<TurnResult> {
  const claim = await claimTurn(deps, ref);
  await deps.atStep("turn.claimed");
  if (claim.kind !== "turn") {
    await drainOutbox(deps, ref);
    return claim.kind === "undecided"
      ? {
          version: 1,
          turnId: claim.turnId,
          hasMore: await isMoreWaiting(deps, ref),
          decision: claim.decision,
        }
      : { version: 1, turnId: null, hasMore: false, decision: null };
  }
  deps.trace.add({ turnId: claim.id, count: claim.batch.length });
  for (const { id } of claim.batch) deps.trace.follows({ kind: "message", id, customerId: ref.customerId });
  const { context, credits, answer } = await answerTurn(deps, { ref, claim, signal });
  await deps.atStep("turn.answered");
  const stored = await storeTurn(deps, { context, credits, answer });
  await deps.atStep("turn.stored");
  if (stored.decision && "orderId" in stored.decision) {
    deps.trace.leadsTo({ kind: "order", id: stored.decision.orderId });
  }
  await drainOutbox(deps, ref);
  await deps.atStep("turn.sent");
  return { version: 1, turnId: claim.id, hasMore: stored.hasMore, decision: stored.decision };
}

type Work = { ref: TurnRef; claim: ClaimedTurn; signal: AbortSignal };

async function answerTurn(
  deps: ActivityDeps,
  { ref, claim, signal }: Work,
): Promise<{ context: TurnContext; credits: TurnCredits; answer: TurnAnswer }> {
  const giveUpAt = whenToGiveUp(ref, claim, deps.clock.now());
  const opened = await maskAcrossMessages(deps, await openMessages(deps.sealer, claim.batch));
  const language = languageOf(claim, opened);
  const credits = new TurnCredits(deps, claim, { batch: opened, giveUpAt, signal });
  return withHoldingMessage(deps, { ref, claim, language }, async () => {
    const batch = await preparePictures(deps, claim, { opened, credits, giveUpAt });
    const { context, cart } = await readContext(deps, claim, batch);
    const answer = await makeAnswer(deps, { ref, context, credits, cart, giveUpAt, signal });
    return { context, credits, answer };
  });
}

/** What waited long, for a worker or for a person who had the conversation, still gets one call of the model. */
function whenToGiveUp({ timings }: TurnRef, { oldestAt }: ClaimedTurn, now: Date): Date {
  return new Date(Math.max(oldestAt.getTime() + timings.modelGiveUpMs, now.getTime() + timings.modelCallMs));
}

async function preparePictures(
  deps: ActivityDeps,
  claim: ClaimedTurn,
  { opened, ...reading }: { opened: OpenedMessage[]; credits: TurnCredits; giveUpAt: Date },
): Promise<OpenedMessage[]> {
  // Whatever in a picture ends this process again and again must not hold the conversation for ever.
  if (claim.isRestricted) return opened; // they stay where they are until that ends
  const mayFetch = claim.attempt <= mostAttempts;
  const mayRead = mayFetch && !claim.isHumanOnly && !isOfMinor(opened);
  const fetched = mayFetch ? await fetchPictures(deps, opened) : await giveUpPictures(deps, opened);
  await deps.atStep("turn.fetched");
  const messages = await readSlips(deps, claim, { ...reading, messages: fetched, mayRead });
  await deps.atStep("turn.read");
  return messages;
}

/** Before anything else is done with what was sent. */
function isOfMinor(opened: readonly OpenedMessage[]): boolean {
  return openWords(opened).some(({ body }) => saysToBeMinor(body.text ?? ""));
}

type Answering = {
  ref: TurnRef;
  context: TurnContext;
  credits: TurnCredits;
  cart: WorkingCart;
  giveUpAt: Date;
  signal: AbortSignal;
};

/** Code first, then the people's modes, then the model. */
async function makeAnswer(deps: ActivityDeps, work: Answering): Promise<TurnAnswer> {
  const { context, cart } = work;
  const { turn, language, batch } = context;
  const byCode = await codeAnswer(deps, context, cart);
  if (turn.isRestricted && !(byCode && isOfRights(byCode)))
    return turnAnswer({ outcome: "silent", language, answers: "none" });
  if (byCode && (!turn.isHuman || isForAnyMode(byCode))) return byCode;
  // A person, or another app, has the conversation: what was written waits for the end of that.
  if (turn.isHuman) return turnAnswer({ outcome: "silent", language, answers: "none" });
  if (turn.isHumanOnly) return leftToPerson(context);
  // No machine answers: what was written is for a person to answer.
  if (!turn.isAgentOn) return turnAnswer({ outcome: "nothing", language, answers: "none" });
  if (openWords(batch).every(isHandledPicture)) return turnAnswer({ outcome: "nothing", language });
  if (turn.attempt > mostAttempts)
    return fallback(context, { code: "turn.too_many_attempts", usage: null, shown: null });
  void showTyping(deps, work.ref, context.sendTarget);
  return composeAnswer(deps, work);
}

/** Whoever speaks in the conversation: what code was asked for, and does by itself. */
function isForAnyMode({ decision, endsHumanMode, consent, isOfMinor }: TurnAnswer): boolean {
  return decision !== null || endsHumanMode || consent !== null || isOfMinor;
}

type Holding = { ref: TurnRef; claim: ClaimedTurn; language: Language };

/** An answer that is late already may be quick: it comes without a holding message. */
const graceMs = 3_000;

/** Meta wants any input answered within 30 seconds: while pictures are read and the model thinks, a holding message goes out. */
async function withHoldingMessage<Done>(
  deps: ActivityDeps,
  holding: Holding,
  work: () => Promise<Done>,
): Promise<Done> {
  const { ref, claim } = holding;
  if (claim.isHuman || !claim.isAgentOn || claim.batch.length === 0) return work();
  const { holdingAfterMs } = ref.timings;
  const dueInMs = claim.oldestAt.getTime() + holdingAfterMs - deps.clock.now().getTime();
  const done = new AbortController();
  const sending = wait(Math.max(dueInMs, Math.min(graceMs, holdingAfterMs)), undefined, {
    signal: done.signal,
  }).then(
    () => tryHolding(deps, holding),
    () => undefined,
  );
  try {
    return await work();
  } finally {
    done.abort();
    await sending;
  }
}

/** Its failure must not cost the answer; and nobody listens for it while the work goes on. */
async function tryHolding(deps: ActivityDeps, holding: Holding): Promise<void> {
  try {
    await sendHolding(deps, holding);
  } catch (err) {
    const { shopId, customerId } = holding.ref;
    deps.log.warn({ err, shopId, customerId, turnId: holding.claim.id }, "holding.not_sent");
  }
}

async function sendHolding(deps: ActivityDeps, { ref, claim, language }: Holding): Promise<void> {
  const text = texts(language).holding();
  const parts = await sealParts(deps.sealer, ref, [textContent(text)]);
  const first = disclosureOf(claim, language);
  const disclosure = first.length > 0 ? await sealParts(deps.sealer, ref, first) : [];
  await deps.db.withShop(ref.shopId, async (trx) => {
    const conversation = await lockConversation(trx, ref);
    const now = deps.clock.now();
    // Whoever has taken the conversation since the turn began is not interrupted.
    if (isHumanMode(conversation, now) || isElsewhere(conversation)) return;
    if (conversation.subject_state !== "active") return;
    await enqueueDisclosure(trx, { turn: claim, parts: disclosure, now });
    await enqueueMessage(trx, {
      shopId: ref.shopId,
      customerId: ref.customerId,
      audience: "chat",
      author: "system",
      businessKey: `turn:${claim.id}:holding`,
      parts,
      turnId: claim.id,
      now,
    });
  });
  await drainOutbox(deps, ref);
}

/** Besides what waits in the intake, what this look has just claimed. */
function isMoreWaiting(deps: ActivityDeps, ref: TurnRef): Promise<boolean> {
  return deps.db.withShop(ref.shopId, async (trx) => {
    if (await hasWaitingWords(trx, ref)) return true;
    const conversation = await getConversation(trx, ref);
    const { share } = await readAgentShare(trx, ref, { conversation, now: deps.clock.now() });
    return hasToHandle(trx, { ...ref, ...share });
  });
}
