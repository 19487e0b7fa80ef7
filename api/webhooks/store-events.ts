import { insertConversations, lockBells, noteArrivals } from "../../db/conversations-door.ts";
import type { Arrival } from "../../db/conversations-door.ts";
import type { ShopTransaction } from "../../db/connection.ts";
import { insertCustomers } from "../../db/customers.ts";
import { deleteDeadLetters } from "../../db/dead-letters.ts";
import { listTakenBack } from "../../db/deletions.ts";
import { emptyTakenBack, insertIntakeEvents } from "../../db/intake.ts";
import { insertReceipts } from "../../db/receipts.ts";
import { insertSubjects, lockSubjectStates } from "../../db/subjects.ts";
import type { KnownPage } from "../../db/system.ts";
import { encodeBody } from "../../domain/conversation/message-body.ts";
import { AppError } from "../../domain/app-error.ts";
import { newId } from "../../domain/id.ts";
import type { CustomerId, MessageId } from "../../domain/id.ts";
import type { NewKey, Sealed, SubjectState } from "../../domain/sealing.ts";
import { detectLanguage } from "../../domain/text/detect-language.ts";
import type { DoorDeps } from "../deps.ts";
import { isClaimed, isRinging } from "./prepared-event.ts";
import type { PreparedEvent, PreparedReceipt } from "./prepared-event.ts";
import { resolveCustomers } from "./resolve-customers.ts";
import type { Sender } from "./resolve-customers.ts";

export type Arrived = { events: PreparedEvent[]; receipts: PreparedReceipt[] };

export type Stored = {
  /** Conversations whose bell was set: to be rung after commit. */
  toRing: CustomerId[];
  outcomes: { kind: string; outcome: "stored" | "duplicate" | "dropped" | "unknown_customer" }[];
};

/** A lost race starts over; more than this many in a row is no race any more. */
const maxStarts = 6;
const lostRaces = new Set(["customer.exists", "key.epoch_closed", "subject.state_changed"]);

/** Stores a Page's events in one transaction, all or none. Keys are made, and everything is sealed, before it. */
export async function storeEvents(deps: DoorDeps, page: KnownPage, arrived: Arrived): Promise<Stored> {
  for (let start = 1; ; start += 1) {
    const plan = await planWrite(deps, page, arrived);
    try {
      const { fresh, ...stored } = await deps.trace.span("intake.store", { shopId: page.shopId }, () =>
        deps.db.withShop(page.shopId, (trx) => write(trx, page, plan)),
      );
      traceArrivals(deps, fresh, plan);
      return stored;
    } catch (error) {
      for (const { id } of plan.newcomers) deps.sealer.forget(id);
      const isLostRace = error instanceof AppError && lostRaces.has(error.code);
      if (!isLostRace || start === maxStarts) throw error;
    }
  }
}

type Newcomer = { id: CustomerId; psidIndex: Buffer; psid: Sealed; language: KnownPage["languages"][number] };
type PlannedEvent = PreparedEvent & { id: MessageId; customerId: CustomerId; sealed: Sealed };
type Plan = {
  now: Date;
  keys: NewKey[];
  newcomers: Newcomer[];
  /** Known customers with the state that they were seen in. */
  seen: Map<CustomerId, SubjectState>;
  events: PlannedEvent[];
  receipts: (PreparedReceipt & { customerId: CustomerId })[];
  outcomes: Stored["outcomes"];
};

async function planWrite(deps: DoorDeps, page: KnownPage, { events, receipts }: Arrived): Promise<Plan> {
  const now = deps.clock.now();
  const senderIds = [...new Set([...events, ...receipts].map(({ senderId }) => senderId))];
  const senders = await resolveCustomers(deps, page, senderIds);
  const outcomes: Plan["outcomes"] = [];
  const isFenced = (arrived: PreparedEvent | PreparedReceipt) =>
    isRefused(arrived, senders.get(arrived.senderId));

  const living = events.filter((event) => !isFenced(event));
  const heard = receipts.flatMap((receipt) => {
    const known = isFenced(receipt) ? undefined : senders.get(receipt.senderId)?.known;
    const outcome = known ? "stored" : isFenced(receipt) ? "dropped" : "unknown_customer";
    outcomes.push({ kind: receipt.kind, outcome });
    return known ? [{ ...receipt, customerId: known.customerId }] : [];
  });
  for (const { kind } of events.filter(isFenced)) outcomes.push({ kind, outcome: "dropped" });

  const ids = new Map<string, CustomerId>();
  for (const { senderId } of living) {
    if (!ids.has(senderId)) ids.set(senderId, senders.get(senderId)?.known?.customerId ?? newId());
  }
  const unknown = [...senders.values()].filter(({ senderId, known }) => !known && ids.has(senderId));
  const sealed = await sealAll(deps, page, { living, unknown, ids });
  const seen = new Map(
    [...senders.values()].flatMap(({ known }) => (known ? [[known.customerId, known.state]] : [])),
  );
  return { now, ...sealed, seen, receipts: heard, outcomes };
}

/**
 * Nothing is stored of who is being erased, nor of who was, until what Messenger repeats is over: but what they do
 * themselves after it is a new person's.
 */
function isRefused(arrived: PreparedEvent | PreparedReceipt, sender: Sender | undefined): boolean {
  if (["erasing", "erased"].includes(sender?.known?.state ?? "active")) return true;
  if (!sender?.erasedAt) return false;
  if (arrived.occurredAt <= sender.erasedAt) return true;
  const isTheirs = "isCustomerAction" in arrived && arrived.isCustomerAction;
  return sender.known === undefined && !isTheirs;
}

/** New keys first, then one batch: at most two calls of the keyring. */
async function sealAll(
  { sealer }: DoorDeps,
  page: KnownPage,
  { living, unknown, ids }: { living: PreparedEvent[]; unknown: Sender[]; ids: Map<string, CustomerId> },
): Promise<Pick<Plan, "keys" | "newcomers" | "events">> {
  const { shopId } = page;
  const idOf = (senderId: string): CustomerId => {
    const id = ids.get(senderId);
    if (id === undefined) throw new TypeError("a sender without an id");
    return id;
  };
  const keys = await sealer.makeKeys(
    unknown.map(({ senderId }) => ({ shopId, subjectId: idOf(senderId), kind: "customer" })),
  );
  const drafts = living.map((event) => ({
    ...event,
    id: newId<MessageId>(),
    customerId: idOf(event.senderId),
  }));
  const sealed = await sealer.seal([
    ...unknown.map(({ senderId }) => ({
      place: placeOf(page, idOf(senderId), "customer.psid", idOf(senderId)),
      plaintext: senderId,
    })),
    ...drafts.map(({ id, customerId, body }) => ({
      place: placeOf(page, customerId, "message.body", id),
      plaintext: encodeBody(body),
    })),
  ]);
  const sealedAt = (index: number): Sealed => {
    const value = sealed[index];
    if (value === undefined) throw new TypeError("fewer sealed values than asked for");
    return value;
  };
  const newcomers = unknown.map(({ senderId, psidIndex }, index) => ({
    id: idOf(senderId),
    psidIndex,
    psid: sealedAt(index),
    language: languageOf(page, living, senderId),
  }));
  const events = drafts.map((draft, index) => ({ ...draft, sealed: sealedAt(unknown.length + index) }));
  return { keys, newcomers, events };
}

function placeOf({ shopId }: KnownPage, subjectId: CustomerId, field: string, rowId: string) {
  return { shopId, subjectId, purpose: "chat" as const, field, rowId };
}

function languageOf(
  { languages }: KnownPage,
  events: PreparedEvent[],
  senderId: string,
): Newcomer["language"] {
  const texts = events.flatMap((event) => (event.senderId === senderId ? (event.body.text ?? []) : []));
  return detectLanguage(texts.join("\n"), languages[0]);
}

/** Locks in the order of rule 24: subjects, then conversations. */
async function write(
  trx: ShopTransaction,
  page: KnownPage,
  plan: Plan,
): Promise<Stored & { fresh: PlannedEvent[] }> {
  const { shopId, pageId } = page;
  const { now, keys, newcomers, events, receipts } = plan;
  await holdFence(trx, page, plan);
  const sorted = newcomers.toSorted((left, right) => left.psidIndex.compare(right.psidIndex));
  const subjects = sorted.map(({ id }) => ({ id, kind: "customer" as const }));
  await insertSubjects(trx, { shopId, subjects, keys, now });
  await insertCustomers(trx, { shopId, customers: sorted.map((customer) => ({ ...customer, pageId })), now });
  const conversations = sorted.map(({ id, language }) => ({ customerId: id, pageId, language }));
  await insertConversations(trx, { shopId, conversations, now });
  const customerIds = [...new Set(events.map(({ customerId }) => customerId))];
  const bells = await lockBells(trx, { shopId, customerIds });

  const isTakenBack = await takeBack(trx, page, { events, customerIds });
  const rows = events.map((event) => toIntake(page, event, { now, isTakenBack: isTakenBack(event) }));
  const inserted = new Set(await insertIntakeEvents(trx, { shopId, events: rows }));
  const fresh = events.filter(({ id }) => inserted.has(id));
  const arrivals = arrivalsOf(page, fresh, plan);
  const toRing = await noteArrivals(trx, { shopId, arrivals, bells });
  await insertReceipts(trx, {
    shopId,
    receipts: receipts.map((receipt) => ({ ...receipt, receivedAt: now })),
  });
  const stored = events.map(({ id, kind }) => {
    return { kind, outcome: inserted.has(id) ? ("stored" as const) : ("duplicate" as const) };
  });
  return { toRing, outcomes: [...plan.outcomes, ...stored], fresh };
}

/** What is new begins its trace here; an echo tells that a part of ours has arrived. */
function traceArrivals({ trace }: DoorDeps, fresh: PlannedEvent[], { receipts }: Plan): void {
  for (const { id, customerId } of fresh) trace.begins({ kind: "message", id, customerId });
  for (const { outboxId, customerId } of receipts) {
    if (outboxId !== null) trace.begins({ kind: "part", id: outboxId, customerId });
  }
}

/** A person who began to be erased since the look-up must not get one more row. */
async function holdFence(trx: ShopTransaction, { shopId }: KnownPage, { seen }: Plan): Promise<void> {
  const states = await lockSubjectStates(trx, { shopId, subjectIds: [...seen.keys()] });
  for (const [customerId, state] of seen) {
    if (states.get(customerId) === state) continue;
    throw new AppError("conflict", "subject.state_changed", { internal: `subject ${customerId} changed` });
  }
}

/**
 * A deletion may come before, with or after its message: whichever order it is, no words stay. What a worker has taken
 * already is removed when it takes the deletion.
 */
async function takeBack(
  trx: ShopTransaction,
  { shopId }: KnownPage,
  { events, customerIds }: { events: PlannedEvent[]; customerIds: CustomerId[] },
): Promise<(event: PlannedEvent) => boolean> {
  const hashesOf = (some: PlannedEvent[]) => some.flatMap(({ midHash }) => midHash ?? []);
  const now = hashesOf(events.filter(({ kind }) => kind === "deleted"));
  await emptyTakenBack(trx, { shopId, customerIds, midHashes: now });
  await deleteDeadLetters(trx, { shopId, customerIds, midHashes: now });
  const midHashes = hashesOf(events.filter(({ kind }) => kind !== "deleted"));
  const before = await listTakenBack(trx, { shopId, customerIds, midHashes });
  const gone = new Set([...now, ...before].map((hash) => hash.toString("hex")));
  return ({ kind, midHash }) => kind !== "deleted" && midHash !== null && gone.has(midHash.toString("hex"));
}

function toIntake(
  { pageId }: KnownPage,
  event: PlannedEvent,
  { now, isTakenBack }: { now: Date; isTakenBack: boolean },
) {
  return {
    id: event.id,
    kind: event.kind,
    customerId: event.customerId,
    pageId,
    eventKey: event.eventKey,
    midHash: event.midHash,
    body: isTakenBack ? null : event.sealed,
    occurredAt: notAfter(event.occurredAt, now),
    receivedAt: now,
    standby: event.standby,
    claimedAt: isClaimed(event.kind) ? null : now,
  };
}

/** Only of events that are new: a repetition opens no window and silences nobody. */
function arrivalsOf(page: KnownPage, fresh: PlannedEvent[], { now, seen }: Plan): Arrival[] {
  const { humanModeMs } = page.conversationTimings;
  const byCustomer = new Map<CustomerId, Arrival>();
  for (const event of fresh) {
    const { customerId, kind, isCustomerAction, standby, control } = event;
    const at = notAfter(event.occurredAt, now);
    const pageSpokeAt = kind === "page_inbox" ? at : null;
    // Who writes in a thread of another app silences us by that alone, and not for longer.
    const until = pageSpokeAt && standby === null && new Date(pageSpokeAt.getTime() + humanModeMs);
    const before = byCustomer.get(customerId);
    byCustomer.set(customerId, {
      customerId,
      // A frozen person's messages are stored, and nobody acts on them.
      isRinging: (before?.isRinging ?? false) || (isRinging(event) && seen.get(customerId) !== "frozen"),
      customerActionAt: later(before?.customerActionAt, isCustomerAction ? at : null),
      pageSpokeAt: later(before?.pageSpokeAt, pageSpokeAt),
      humanUntil: later(before?.humanUntil, until && until > now ? until : null),
      standbyAt: later(before?.standbyAt, control === "theirs" ? at : null),
      controlAt: later(before?.controlAt, control === "ours" ? at : null),
    });
  }
  return [...byCustomer.values()];
}

/** Another clock may be ahead of ours; the future would hold windows open. */
function notAfter(at: Date, now: Date): Date {
  return at > now ? now : at;
}

function later(left: Date | null | undefined, right: Date | null): Date | null {
  if (left === null || left === undefined) return right;
  return right === null || left > right ? left : right;
}
