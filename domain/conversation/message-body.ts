import type { ObjectId } from "../id.ts";
import type { OutboundContent } from "./outbound.ts";

export type BodyAttachment = {
  type: string;
  /** Where Meta serves it, for hours only; dropped once the picture is stored. */
  url?: string;
  objectId?: ObjectId;
  /** Why a picture could not be kept. */
  problem?: string;
  /** Whether a picture is a payment slip; absent until it was looked at. */
  slip?: "yes" | "no" | "not_read";
  title?: string;
};

/** What a sealed message body holds, as JSON: incoming fields or, for our own messages, `content`. */
export type MessageBody = {
  text?: string;
  /** The text as it was typed, when it was Zawgyi. */
  original?: string;
  quickReplyPayload?: string;
  postbackPayload?: string;
  attachments?: BodyAttachment[];
  replyToMid?: string;
  /** The message that an edit, a deletion or a reaction is about. */
  targetMid?: string;
  isUnsupported?: boolean;
  reaction?: string;
  /** `m.me` or advertisement reference. */
  ref?: string;
  /** Kinds of secrets that were masked before storage. */
  masked?: string[];
  content?: OutboundContent;
};

export function encodeBody(body: MessageBody): string {
  return JSON.stringify(body);
}

/** Our own bytes come back: they were sealed by `encodeBody` and are authenticated. */
export function decodeBody(plaintext: Buffer): MessageBody {
  return JSON.parse(plaintext.toString("utf8")) as MessageBody;
}
