import { eventKey } from "./event-key.ts";
import type { CustomerItem, EventsOrReason } from "./messaging-item.ts";
import { eventBase, parseReferral } from "./messaging-item.ts";
import { parseAttachments } from "./parse-attachments.ts";
import type { LooseObject } from "./read-field.ts";
import {
  readCountField,
  readField,
  readIdField,
  readMids,
  readObjectField,
  readTextField,
} from "./read-field.ts";

/** A customer's message, the echo of a message by the Page (by us or by a person), or the deletion of one. */
export function parseMessage(message: LooseObject, context: CustomerItem): EventsOrReason {
  const mid = readIdField(message, "mid");
  if (mid === undefined) return "bad_mid";
  if (readField(message, "is_deleted") === true) {
    return [{ ...eventBase(context, eventKey(context.pageId, mid, "deleted")), kind: "deleted", mid }];
  }
  const base = eventBase(context, eventKey(context.pageId, mid));
  const text = readTextField(message, "text");
  const said = { mid, attachments: parseAttachments(message), ...(text === undefined ? {} : { text }) };
  if (context.isFromPage) return [{ ...base, kind: "echo", ...said, ...echoMarks(message) }];

  const quickReplyPayload = readTextField(readObjectField(message, "quick_reply"), "payload");
  const replyToMid = readIdField(readObjectField(message, "reply_to"), "mid");
  const referral = parseReferral(readObjectField(message, "referral"));
  const isEmpty = text === undefined && quickReplyPayload === undefined && said.attachments.length === 0;
  return [
    {
      ...base,
      kind: "message",
      ...said,
      ...(quickReplyPayload === undefined ? {} : { quickReplyPayload }),
      ...(replyToMid === undefined ? {} : { replyToMid }),
      ...(referral === undefined ? {} : { referral }),
      isUnsupported: isEmpty || readField(message, "is_unsupported") === true,
    },
  ];
}

/** An edit keeps its mid and counts up. The Page's own edits tell us nothing. */
export function parseEdit(edit: LooseObject, context: CustomerItem): EventsOrReason {
  const mid = readIdField(edit, "mid");
  const text = readTextField(edit, "text");
  if (mid === undefined || text === undefined) return "bad_edit";
  if (context.isFromPage) return [];
  const count = readCountField(edit, "num_edit");
  const key = eventKey(context.pageId, mid, "edit", count ?? context.occurredAt.toISOString());
  return [{ ...eventBase(context, key), kind: "edit", mid, text, editCount: count ?? 1 }];
}

/** The other form of a deletion, which may name several messages. */
export function parseDeletions(deletion: LooseObject, context: CustomerItem): EventsOrReason {
  const mids = readMids(deletion);
  if (mids.length === 0) return "bad_deletion";
  return mids.map((mid) => {
    const key = eventKey(context.pageId, mid, "deleted");
    return { ...eventBase(context, key), kind: "deleted", mid };
  });
}

function echoMarks(message: LooseObject) {
  const appId = readIdField(message, "app_id");
  const metadata = readTextField(message, "metadata");
  return { ...(appId === undefined ? {} : { appId }), ...(metadata === undefined ? {} : { metadata }) };
}
