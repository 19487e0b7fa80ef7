import { setImmediate } from "node:timers/promises";

import type { IntakeKind, Standby } from "../../db/schema/conversations.ts";
import type { BodyAttachment, MessageBody } from "../../domain/conversation/message-body.ts";
import { isOwnPayload } from "../../domain/conversation/own-payload.ts";
import type { MessageId } from "../../domain/id.ts";
import type {
  InboundAttachment,
  InboundEcho,
  InboundEvent,
  InboundReferral,
} from "../../domain/messenger/inbound-event.ts";
import { midHash } from "../../domain/messenger/mid-hash.ts";
import { maskSecrets } from "../../domain/text/mask-secrets.ts";
import type { SecretKind } from "../../domain/text/mask-secrets.ts";
import { normaliseText } from "../../domain/text/normalise-text.ts";
import { BurstMasker } from "./burst-masker.ts";
import type { PreparedEvent, PreparedReceipt } from "./prepared-event.ts";

export type PreparedPage = {
  events: PreparedEvent[];
  receipts: PreparedReceipt[];
  /** Kinds that mean nothing to us. */
  ignored: string[];
};

/** Masking a thousand long texts takes seconds of processor time, in which others must be answered too. */
const maxBlockMs = 25;

/** Which of Meta's apps are ours, and which echoes our own. */
export type OwnApps = { isOwnEcho: (echo: InboundEcho) => boolean; isOwnApp: (appId: string) => boolean };

type Part = { kind: IntakeKind; body: MessageBody; mid: string | undefined; isCustomerAction: boolean };

/**
 * What a Page's events become. Texts are normalised, converted from Zawgyi and masked here, before anything is sealed
 * or stored, a secret in two messages of one sender included.
 */
export async function prepareEvents(
  metaPageId: string,
  events: InboundEvent[],
  apps: OwnApps,
): Promise<PreparedPage> {
  const masker = new BurstMasker();
  const prepared: PreparedPage = { events: [], receipts: [], ignored: [] };
  let yieldedAt = performance.now();
  for (const event of events) {
    if (performance.now() - yieldedAt > maxBlockMs) {
      await setImmediate();
      yieldedAt = performance.now();
    }
    const receipts = receiptsOf(metaPageId, event, apps.isOwnEcho);
    if (receipts !== undefined) {
      prepared.receipts.push(...receipts);
      continue;
    }
    const part = partOf(event, masker);
    if (part === undefined) {
      prepared.ignored.push(event.kind);
      continue;
    }
    const { kind, body, mid, isCustomerAction } = part;
    const { senderId, eventKey, occurredAt } = event;
    const hash = mid === undefined ? null : midHash(metaPageId, mid);
    prepared.events.push({
      senderId,
      eventKey,
      occurredAt,
      kind,
      body,
      midHash: hash,
      isCustomerAction,
      standby: event.standby ? standbyOf(kind, body) : null,
      control: controlOf(event, isCustomerAction, apps),
    });
  }
  return prepared;
}

/** Null for a deletion: that our copy goes is for us to do, whoever has the thread. */
export function standbyOf(kind: IntakeKind, { attachments = [] }: MessageBody): Standby | null {
  if (kind === "deleted") return null;
  return attachments.some(({ type }) => type === "image") ? "picture" : "words";
}

/** Control is passed and taken by an event of its own, and lapses without one: then we get the customer's words again. */
function controlOf(
  event: InboundEvent,
  isCustomerAction: boolean,
  { isOwnApp }: OwnApps,
): PreparedEvent["control"] {
  if (event.kind === "handover" && event.action !== "request") {
    const { newOwnerAppId, previousOwnerAppId } = event;
    if (newOwnerAppId !== undefined) return isOwnApp(newOwnerAppId) ? "ours" : "theirs";
    return previousOwnerAppId !== undefined && isOwnApp(previousOwnerAppId) ? "theirs" : null;
  }
  if (event.standby) return "theirs";
  return isCustomerAction ? "ours" : null;
}

/** Undefined: it is no receipt. */
function receiptsOf(
  metaPageId: string,
  event: InboundEvent,
  isOwnEcho: (echo: InboundEcho) => boolean,
): PreparedReceipt[] | undefined {
  const { senderId, occurredAt } = event;
  const base = { senderId, occurredAt, outboxId: null, midHash: null, watermark: null };
  switch (event.kind) {
    case "echo":
      if (!isOwnEcho(event)) return undefined;
      return [
        {
          ...base,
          kind: "echo",
          outboxId: readPartId(event.metadata) ?? null,
          midHash: midHash(metaPageId, event.mid),
        },
      ];
    case "delivery": {
      const { mids, watermark } = event;
      if (mids.length === 0) return [{ ...base, kind: "delivery", watermark }];
      return mids.map((mid) => ({ ...base, kind: "delivery", midHash: midHash(metaPageId, mid), watermark }));
    }
    case "read":
      return [{ ...base, kind: "read", watermark: event.watermark }];
    default:
      return undefined;
  }
}

/** The outbox id in an echo's metadata, when it looks like one of ours. */
export function readPartId(metadata: string | undefined): MessageId | undefined {
  const isUuid = metadata !== undefined && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(metadata);
  return isUuid ? (metadata as MessageId) : undefined;
}

function partOf(event: InboundEvent, masker: BurstMasker): Part | undefined {
  const found: Found = new Set();
  switch (event.kind) {
    case "message": {
      const { mid, quickReplyPayload, attachments, replyToMid, referral, isUnsupported } = event;
      const body: MessageBody = {
        ...masker.mask(event.senderId, event.text),
        ...(quickReplyPayload === undefined
          ? {}
          : { quickReplyPayload: toPayload(quickReplyPayload, found) }),
        ...(attachments.length === 0
          ? {}
          : { attachments: attachments.map((attachment) => toFetchable(attachment, found)) }),
        ...(replyToMid === undefined ? {} : { replyToMid }),
        ...(isUnsupported ? { isUnsupported } : {}),
        ...refOf(referral, found),
      };
      const kept = masker.keep(event.senderId, withMasked(body, found));
      return { kind: "message", body: kept, mid, isCustomerAction: true };
    }
    case "postback": {
      const { mid, payload, title, referral } = event;
      const body: MessageBody = {
        ...masker.mask(event.senderId, title),
        ...(payload === undefined ? {} : { postbackPayload: toPayload(payload, found) }),
        ...refOf(referral, found),
      };
      return { kind: "postback", body: withMasked(body, found), mid, isCustomerAction: true };
    }
    case "echo": {
      const { mid, text, attachments } = event;
      const body: MessageBody = {
        ...masker.mask(`page of ${event.senderId}`, text),
        ...(attachments.length === 0
          ? {}
          : { attachments: attachments.map((attachment) => toBodyAttachment(attachment, found)) }),
      };
      const kept = masker.keep(`page of ${event.senderId}`, body);
      return { kind: "page_inbox", body: kept, mid, isCustomerAction: false };
    }
    case "edit": {
      const body = { ...masker.mask(event.senderId, event.text), targetMid: event.mid };
      return { kind: "edit", body, mid: event.mid, isCustomerAction: false };
    }
    case "deleted":
      return { kind: "deleted", body: { targetMid: event.mid }, mid: event.mid, isCustomerAction: false };
    case "reaction": {
      const reaction = toClean(event.action === "react" ? (event.emoji ?? "react") : "unreact", found);
      const body = { targetMid: event.mid, reaction };
      return { kind: "reaction", body, mid: event.mid, isCustomerAction: true };
    }
    case "referral":
      return { kind: "referral", body: refOf(event, found), mid: undefined, isCustomerAction: true };
    case "optin":
      return { kind: "optin", body: {}, mid: undefined, isCustomerAction: true };
    case "handover":
      return { kind: "handover", body: {}, mid: undefined, isCustomerAction: false };
    case "account_linking":
    case "delivery":
    case "read":
      return undefined;
  }
}

/** The kinds of secrets that were taken out of an event's lesser texts. */
type Found = Set<SecretKind>;

/** The turn warns whoever sent a secret, wherever in the message it stood. */
function withMasked(body: MessageBody, found: Found): MessageBody {
  return found.size === 0 ? body : { ...body, masked: [...new Set([...(body.masked ?? []), ...found])] };
}

function refOf(referral: InboundReferral | undefined, found: Found): { ref?: string } {
  return referral?.ref === undefined ? {} : { ref: toClean(referral.ref, found) };
}

/** A customer's picture keeps its address, which Meta makes up, until the turn has fetched it. */
function toFetchable(attachment: InboundAttachment, found: Found): BodyAttachment {
  const { type, url } = attachment;
  return {
    ...toBodyAttachment(attachment, found),
    ...(type === "image" && url !== undefined ? { url } : {}),
  };
}

/** Without the address: nobody fetches it, and in it may stand the file's name, which is a person's text. */
function toBodyAttachment({ type, title }: InboundAttachment, found: Found): BodyAttachment {
  return { type, ...(title === undefined ? {} : { title: toClean(title, found) }) };
}

/** Ids and hashes of our own buttons may look like a card by chance; a payload of any other shape is somebody's text. */
function toPayload(payload: string, found: Found): string {
  return isOwnPayload(payload) ? payload : toClean(payload, found);
}

function toClean(text: string, found: Found): string {
  const { text: clean, masked } = maskSecrets(normaliseText(text));
  for (const kind of masked) found.add(kind);
  return clean;
}
