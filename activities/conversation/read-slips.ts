import { setTimeout as wait } from "node:timers/promises";

import { findObjection } from "../../db/objections.ts";
import { replaceBody } from "../../db/messages.ts";
import { findObject, objectKeyPlace, resealObject } from "../../db/objects.ts";
import { listPlacedOrders } from "../../db/orders.ts";
import type { OrderRow } from "../../db/orders.ts";
import { enqueueMessage } from "../../db/outbox.ts";
import { insertNotice } from "../../db/owner-notices.ts";
import { insertEvidence, readingPlace } from "../../db/payment-evidence.ts";
import { AppError } from "../../domain/app-error.ts";
import { encodeBody } from "../../domain/conversation/message-body.ts";
import type { BodyAttachment, MessageBody } from "../../domain/conversation/message-body.ts";
import type { OutboundContent } from "../../domain/conversation/outbound.ts";
import { texts } from "../../domain/conversation/texts.ts";
import { newId } from "../../domain/id.ts";
import type { EvidenceId, ObjectId } from "../../domain/id.ts";
import type { ProofReading } from "../../domain/payment/proof-reading.ts";
import { awaitsTransfer } from "./awaits-transfer.ts";
import type { ClaimedTurn } from "./claim-turn.ts";
import type { ActivityDeps } from "../deps.ts";
import { ringEvidence } from "../evidence/ring-evidence.ts";
import { encodeReading, illegibleReading } from "../../domain/payment/proof-reading.ts";
import { toProofReading } from "../order/slip-reading.ts";
import { bodyPlace, sealParts, textContent } from "../outbox/seal-message.ts";
import { disclosureOf, enqueueDisclosure } from "./disclosure.ts";
import { mayKeep } from "./may-keep.ts";
import type { OpenedMessage } from "./opened-message.ts";
import { evidencePayload } from "./payloads.ts";
import { ringOrder } from "./ring-order.ts";
import type { TurnCredits } from "./turn-credits.ts";

const placedOrderLimit = 20;

/**
 * Reads each new picture: a payment slip becomes evidence of the order that awaits payment, and the order is rung.
 * With two such orders the customer is asked which; with none it is unmatched evidence for the owner.
 * Safe to run twice: a picture is evidence once, and a body that says what it is is left alone.
 */
export async function readSlips(
  deps: ActivityDeps,
  turn: ClaimedTurn,
  { messages, ...limits }: Limits & { messages: OpenedMessage[] },
): Promise<OpenedMessage[]> {
  const done: OpenedMessage[] = [];
  for (const message of messages) {
    let { body } = message;
    for (const [part, attachment] of (body.attachments ?? []).entries()) {
      const { objectId } = attachment;
      if (objectId === undefined || attachment.slip !== undefined) continue;
      const reading: Reading = limits.mayRead
        ? await readPicture(deps, turn, { ...limits, message, objectId })
        : { kind: "not_read" };
      await deps.atStep("slip.read");
      body = await recordReading(deps, turn, { message: { ...message, body }, part, objectId, reading });
    }
    done.push({ ...message, body });
  }
  return done;
}

/** Without `mayRead`, or without credits, no picture is opened: it is treated as one that nobody could read. */
type Limits = { credits: TurnCredits; giveUpAt: Date; mayRead: boolean };

type Reading = { kind: "slip"; reading: ProofReading } | { kind: "no" } | { kind: "not_read" };

async function readPicture(
  deps: ActivityDeps,
  turn: ClaimedTurn,
  {
    message,
    objectId,
    credits,
    giveUpAt,
  }: Omit<Limits, "mayRead"> & { message: OpenedMessage; objectId: ObjectId },
): Promise<Reading> {
  const { shop_id: shopId, customer_id: customerId, mid_hash: hash } = message;
  const ready = await credits.whenReserved(async (trx) => {
    if ((await findObjection(trx, { shopId, customerId, midHashes: [hash] })) !== null) return undefined;
    return findObject(trx, { shopId, objectId });
  });
  const object = ready.outcome === "ready" ? ready.value : undefined;
  if (!object) return { kind: "not_read" };
  const [key] = await deps.sealer.open([{ place: objectKeyPlace(object), sealed: object.sealed_key }]);
  if (!key) return { kind: "not_read" };
  const jpeg = await bytesOf(deps, objectId, key);
  if (!jpeg) return { kind: "not_read" };
  for (;;) {
    const leftMs = giveUpAt.getTime() - deps.clock.now().getTime();
    const timeoutMs = Math.min(turn.shop.conversation_timings.modelCallMs, Math.max(leftMs, 1_000));
    const answer = await deps.model.readSlip({ jpeg, timeoutMs });
    if (answer.usage) credits.wasCalled(answer.usage, "picture");
    if (answer.ok) {
      if (!answer.reading.isSlip) return { kind: "no" };
      return { kind: "slip", reading: toProofReading(answer.reading, turn.shop.currency) };
    }
    const isWorthATry = answer.retryAfterMs !== null && answer.retryAfterMs < leftMs;
    if (!isWorthATry) return { kind: "not_read" };
    await wait(Math.max(answer.retryAfterMs ?? 0, 200));
  }
}

const lastingFailures: ReadonlySet<string> = new Set(["object.missing", "object.damaged"]);

/** `null` where the object is gone or cannot be opened: waiting would not bring it back. */
async function bytesOf(deps: ActivityDeps, objectId: ObjectId, key: Buffer): Promise<Buffer | null> {
  try {
    return await deps.objects.get(objectId, key);
  } catch (err) {
    if (err instanceof AppError && lastingFailures.has(err.code)) return null;
    throw err;
  }
}

type ToRecord = { message: OpenedMessage; part: number; objectId: ObjectId; reading: Reading };

async function recordReading(deps: ActivityDeps, turn: ClaimedTurn, work: ToRecord): Promise<MessageBody> {
  const { message, reading } = work;
  const ref = { shopId: message.shop_id, customerId: message.customer_id };
  const waiting = await deps.db.withShop(ref.shopId, async (trx) =>
    (await listPlacedOrders(trx, { ...ref, limit: placedOrderLimit })).filter(awaitsTransfer),
  );
  // What nobody could read may still be the slip that an order waits for: the owner looks at it.
  const isEvidence = reading.kind === "slip" || (reading.kind === "not_read" && waiting.length > 0);
  const body = withSlip(
    message.body,
    work.part,
    isEvidence ? "yes" : reading.kind === "no" ? "no" : "not_read",
  );
  const prepared = await prepare(deps, turn, { ...work, body, waiting, isEvidence });
  let unmatched: EvidenceId | null = null;
  const matched = await deps.db.withShop(ref.shopId, async (trx) => {
    if (!(await mayKeep(trx, [message]))) return null;
    await replaceBody(trx, { shopId: ref.shopId, id: message.id, body: prepared.sealedBody });
    if (!prepared.evidence) return null;
    const now = deps.clock.now();
    const { evidence, sealedKey } = prepared;
    const isNew = await insertEvidence(trx, { ...evidence, received_at: message.occurred_at });
    if (!isNew) return evidence.order_id;
    await resealObject(trx, { shopId: ref.shopId, objectId: work.objectId, purpose: "order", sealedKey });
    if (evidence.order_id !== null) return evidence.order_id;
    unmatched = evidence.id;
    await enqueueDisclosure(trx, { turn, parts: prepared.disclosure, now });
    await enqueueMessage(trx, {
      ...ref,
      audience: "order",
      author: "system",
      businessKey: `${evidence.id}:unmatched`,
      parts: prepared.parts,
      now,
    });
    await insertNotice(trx, {
      ...ref,
      id: newId(),
      kind: "unmatched_evidence",
      businessKey: `${evidence.id}:unmatched`,
      data: {},
      now,
    });
    return null;
  });
  if (matched !== null) await ringOrder(deps, { shopId: ref.shopId, orderId: matched });
  if (unmatched !== null) await ringEvidence(deps, { shopId: ref.shopId, evidenceId: unmatched });
  return body;
}

function withSlip(body: MessageBody, part: number, slip: BodyAttachment["slip"]): MessageBody {
  const attachments = (body.attachments ?? []).map((attachment, index) =>
    index === part && slip !== undefined ? { ...attachment, slip } : attachment,
  );
  return { ...body, attachments };
}

type ToPrepare = ToRecord & { body: MessageBody; waiting: OrderRow[]; isEvidence: boolean };

async function prepare(deps: ActivityDeps, turn: ClaimedTurn, work: ToPrepare) {
  const { message, objectId, waiting } = work;
  const ref = { shopId: message.shop_id, customerId: message.customer_id };
  const evidenceId = newId<EvidenceId>();
  const reading = work.reading.kind === "slip" ? work.reading.reading : illegibleReading;
  const object = await deps.db.withShop(ref.shopId, (trx) =>
    findObject(trx, { shopId: ref.shopId, objectId }),
  );
  const [objectKey] = object
    ? await deps.sealer.open([{ place: objectKeyPlace(object), sealed: object.sealed_key }])
    : [];
  const row = {
    shop_id: ref.shopId,
    customer_id: ref.customerId,
    id: evidenceId,
    sealed_for: "order",
  } as const;
  const [sealedBody, sealedReading, sealedKey] = await deps.sealer.seal([
    { place: bodyPlace({ ...ref, id: message.id }), plaintext: encodeBody(work.body) },
    { place: readingPlace(row), plaintext: encodeReading(reading) },
    ...(object && objectKey
      ? [{ place: objectKeyPlace({ ...object, purpose: "order" as const }), plaintext: objectKey }]
      : []),
  ]);
  if (!sealedBody) throw new TypeError("the sealer answers in the order of its items");
  const first = turn.isHuman ? [] : disclosureOf(turn, turn.conversation.language);
  const orderId = waiting.length === 1 ? (waiting[0]?.id ?? null) : null;
  if (!work.isEvidence || !sealedReading || !sealedKey) return { sealedBody, parts: [] };
  return {
    sealedBody,
    sealedKey,
    evidence: {
      ...row,
      order_id: orderId,
      object_id: objectId,
      state: orderId === null ? ("unmatched" as const) : ("undecided" as const),
      reading: sealedReading,
    },
    disclosure: orderId === null && first.length > 0 ? await sealParts(deps.sealer, ref, first) : [],
    parts:
      orderId === null
        ? await sealParts(deps.sealer, ref, [unmatchedText(turn, { evidenceId, waiting })])
        : [],
  };
}

/** Messenger shows at most 13 quick replies. */
const choices = 10;

function unmatchedText(
  turn: ClaimedTurn,
  { evidenceId, waiting }: { evidenceId: EvidenceId; waiting: OrderRow[] },
): OutboundContent {
  const say = texts(turn.conversation.language);
  if (waiting.length === 0) return textContent(say.evidenceUnmatched());
  return textContent(
    say.whichOrder(),
    waiting.slice(0, choices).map((order) => ({
      title: say.titles.ofOrder({ orderNumber: order.number ?? "" }),
      payload: evidencePayload(evidenceId, order.id),
    })),
  );
}
