import { sqlState } from "../../db/connection.ts";
import { insertPageEvents } from "../../db/page-events.ts";
import { listKnownParts } from "../../db/receipts.ts";
import type { KnownPage } from "../../db/system.ts";
import { AppError } from "../../domain/app-error.ts";
import { encodeBody } from "../../domain/conversation/message-body.ts";
import type { CustomerId } from "../../domain/id.ts";
import { eventKey } from "../../domain/messenger/event-key.ts";
import type { InboundEcho, InboundEvent, InboundReject } from "../../domain/messenger/inbound-event.ts";
import { midHash } from "../../domain/messenger/mid-hash.ts";
import type { ParsedPage } from "../../domain/messenger/parse-webhook.ts";
import type { DoorDeps } from "../deps.ts";
import { bury } from "./bury.ts";
import type { Letter } from "./bury.ts";
import { prepareEvents, readPartId, standbyOf } from "./prepare-events.ts";
import type { OwnApps, PreparedPage } from "./prepare-events.ts";
import type { PreparedEvent } from "./prepared-event.ts";
import { storeEvents } from "./store-events.ts";
import type { Stored } from "./store-events.ts";

export type Received = {
  toRing: CustomerId[];
  outcomes: { kind: string; outcome: Stored["outcomes"][number]["outcome"] | "dead_letter" | "ignored" }[];
};

/** Of what comes late: customers' words before this time are stored, and nobody answers them. */
export type Lateness = { answerFrom: Date };

/** Takes in what one request brings for one Page of ours. When it returns, everything is committed. */
export async function receivePage(
  deps: DoorDeps,
  page: KnownPage,
  parsed: ParsedPage,
  lateness?: Lateness,
): Promise<Received> {
  const apps = await ownApps(deps, page, parsed.events);
  const prepared = await prepareEvents(page.metaPageId, parsed.events, apps);
  if (lateness !== undefined) prepared.events = prepared.events.map((event) => silenceLate(event, lateness));
  const received = await storeOrBury(deps, page, prepared);
  await buryRejects(deps, page, parsed.rejects, received);
  const { shopId, pageId } = page;
  const now = deps.clock.now();
  if (parsed.pageEvents.length > 0) {
    await deps.db.withShop(shopId, (trx) =>
      insertPageEvents(trx, { shopId, pageId, events: parsed.pageEvents, now }),
    );
  }
  for (const { kind } of parsed.pageEvents) received.outcomes.push({ kind, outcome: "stored" });
  for (const kind of prepared.ignored) received.outcomes.push({ kind, outcome: "ignored" });
  return received;
}

/** As a copy of another app's thread: it is in the history, its pictures are looked at, and no turn answers it. */
function silenceLate(event: PreparedEvent, { answerFrom }: Lateness): PreparedEvent {
  const isLate = event.isCustomerAction && event.occurredAt < answerFrom;
  return isLate ? { ...event, standby: event.standby ?? standbyOf(event.kind, event.body) } : event;
}

/** An echo is ours by our app's id, or by the outbox id that it carries; any other was written by a person or another bot. */
async function ownApps(
  { db, settings }: DoorDeps,
  { shopId }: KnownPage,
  events: InboundEvent[],
): Promise<OwnApps> {
  const appIds = new Set(settings.messenger.appIds);
  const isOwnApp = (appId: string) => appIds.has(appId);
  const isByApp = (echo: InboundEcho) => echo.appId !== undefined && isOwnApp(echo.appId);
  const ids = events.flatMap((event) =>
    event.kind === "echo" && !isByApp(event) ? (readPartId(event.metadata) ?? []) : [],
  );
  const known =
    ids.length === 0 ? undefined : await db.withShop(shopId, (trx) => listKnownParts(trx, { shopId, ids }));
  const isOwnEcho = (echo: InboundEcho) => {
    const id = readPartId(echo.metadata);
    return isByApp(echo) || (id !== undefined && known?.has(id) === true);
  };
  return { isOwnEcho, isOwnApp };
}

/** All events at once; when the database refuses them, one by one, so that only the one it means is set aside. */
async function storeOrBury(deps: DoorDeps, page: KnownPage, prepared: PreparedPage): Promise<Received> {
  const { events, receipts } = prepared;
  if (events.length + receipts.length === 0) return { toRing: [], outcomes: [] };
  try {
    return await storeEvents(deps, page, { events, receipts });
  } catch (error) {
    if (!isRefusal(error)) throw error;
    deps.log.warn(
      { shopId: page.shopId, pageId: page.pageId, sqlState: sqlState(error) },
      "intake.events_refused",
    );
  }
  const received: Received = { toRing: [], outcomes: [] };
  for (const receipt of receipts) {
    await storeAlone(deps, page, { events: [], receipts: [receipt] }, received);
  }
  for (const event of events) await storeAlone(deps, page, { events: [event], receipts: [] }, received);
  return received;
}

async function storeAlone(
  deps: DoorDeps,
  page: KnownPage,
  alone: Pick<PreparedPage, "events" | "receipts">,
  received: Received,
): Promise<void> {
  try {
    const { toRing, outcomes } = await storeEvents(deps, page, alone);
    received.toRing.push(...toRing);
    received.outcomes.push(...outcomes);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    const letters = alone.events.map((event) => toLetter(event, error));
    const dropped = await bury(deps, page, letters);
    for (const { kind } of [...alone.events, ...alone.receipts]) {
      received.outcomes.push({ kind, outcome: dropped.size > 0 ? "dropped" : "dead_letter" });
    }
  }
}

/** The data itself is refused (SQLSTATE classes 22, 23, 54), or its person's key is gone; another try cannot help. */
function isRefusal(error: unknown): boolean {
  if (error instanceof AppError) return error.code === "key.missing";
  return /^(22|23|54)/.test(sqlState(error));
}

function toLetter(event: PreparedEvent, error: unknown): Letter {
  const reason = error instanceof AppError ? error.code : `refused.${sqlState(error)}`;
  const { eventKey, midHash, senderId, body } = event;
  return { reason, eventKey, midHash, senderId, raw: encodeBody(body) };
}

/** What the parser could not read. */
async function buryRejects(
  deps: DoorDeps,
  page: KnownPage,
  rejects: InboundReject[],
  received: Received,
): Promise<void> {
  const letters = rejects.map(({ reason, raw, senderId, mid }) => ({
    reason,
    raw,
    senderId,
    midHash: mid === undefined ? null : midHash(page.metaPageId, mid),
    eventKey: eventKey(page.metaPageId, "reject", raw),
  }));
  const dropped = await bury(deps, page, letters);
  for (const letter of letters) {
    received.outcomes.push({ kind: "reject", outcome: dropped.has(letter) ? "dropped" : "dead_letter" });
  }
}
