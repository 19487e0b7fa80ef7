import { checkTemplate } from "./check-template.ts";
import { badParameter } from "./graph-error.ts";
import { limitedText } from "./limited-text.ts";
import { asRecord, asText } from "./parse-graph-request.ts";

export type QuickReplyWire = { title: string; payload: string };

export type CheckedMessage = {
  text: string | null;
  metadata: string | null;
  quickReplies: QuickReplyWire[];
  attachment: CheckedAttachment | null;
};

export type CheckedAttachment =
  | { kind: "template"; payload: Record<string, unknown> }
  | {
      kind: "media";
      mediaType: string;
      url: string | null;
      attachmentId: string | null;
      isReusable: boolean;
    };

const maxTextLength = 2_000;
const maxQuickReplies = 13;
const maxTitleLength = 20;
const maxPayloadLength = 1_000;
const maxMetadataLength = 1_000;

/** Checks a Send API message against Meta's limits; lengths are UTF-16 units, the strictest reading. */
export function checkMessage(value: unknown): CheckedMessage {
  const message = asRecord(value);
  if (!message) throw badParameter("param message must be a dictionary");
  const text = checkText(message["text"]);
  const attachment = checkAttachment(message["attachment"]);
  if (text === null && attachment === null) throw badParameter("Must have text or attachment");
  if (text !== null && attachment !== null)
    throw badParameter("Only one of the text and attachment can be specified");
  return {
    text,
    attachment,
    metadata: checkMetadata(message["metadata"]),
    quickReplies: checkQuickReplies(message["quick_replies"]),
  };
}

function checkText(text: unknown): string | null {
  if (text === undefined) return null;
  if (typeof text !== "string") throw badParameter("Param message[text] must be a string");
  if (text.trim() === "") throw badParameter("Param message[text] must be a non-empty UTF-8 string");
  if (text.length > maxTextLength) {
    throw badParameter(`Length of param message[text] must be less than or equal to ${maxTextLength}`);
  }
  return text;
}

function checkMetadata(metadata: unknown): string | null {
  if (metadata === undefined) return null;
  if (typeof metadata !== "string") throw badParameter("Param message[metadata] must be a string");
  if (metadata.length > maxMetadataLength) {
    throw badParameter(
      `Length of param message[metadata] must be less than or equal to ${maxMetadataLength}`,
    );
  }
  return metadata;
}

function checkQuickReplies(value: unknown): QuickReplyWire[] {
  if (value === undefined) return [];
  if (!Array.isArray(value) || value.length === 0)
    throw badParameter("Param quick_replies must be a non-empty array");
  if (value.length > maxQuickReplies) {
    throw badParameter(`Param quick_replies must have no more than ${maxQuickReplies} elements`);
  }
  return value.map(checkQuickReply);
}

function checkQuickReply(value: unknown): QuickReplyWire {
  const reply = asRecord(value);
  const type = reply?.["content_type"];
  if (type === "user_phone_number" || type === "user_email") return { title: type, payload: type };
  if (type !== "text")
    throw badParameter(
      "Param quick_replies[content_type] must be one of {text, user_phone_number, user_email}",
    );
  return {
    title: limitedText(reply?.["title"], maxTitleLength, "quick_replies[title]"),
    payload: limitedText(reply?.["payload"], maxPayloadLength, "quick_replies[payload]"),
  };
}

export function checkAttachment(value: unknown): CheckedAttachment | null {
  if (value === undefined) return null;
  const attachment = asRecord(value);
  const payload = asRecord(attachment?.["payload"]) ?? {};
  const type = attachment?.["type"];
  if (type === "template") {
    checkTemplate(payload);
    return { kind: "template", payload };
  }
  if (type !== "image" && type !== "audio" && type !== "video" && type !== "file") {
    throw badParameter(
      "Param message[attachment][type] must be one of {AUDIO, FILE, IMAGE, TEMPLATE, VIDEO}",
    );
  }
  return {
    kind: "media",
    mediaType: type,
    url: asText(payload["url"]) ?? null,
    attachmentId: asText(payload["attachment_id"]) ?? null,
    isReusable: payload["is_reusable"] === true,
  };
}
