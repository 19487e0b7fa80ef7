import { eventKey } from "./event-key.ts";
import type { PageEvent } from "./inbound-event.ts";
import { pageDetail } from "./page-detail.ts";
import type { LooseObject } from "./read-field.ts";
import { readIdField, readObjectField, readTextField, readTimeField } from "./read-field.ts";

/**
 * One element of `changes`. A messaging field in here is the console's "Test" button and gives nothing, and neither does
 * a comment by the Page itself. A comment keeps ids only: its text and author are another person's data, unused so far.
 */
export function parseChange(pageId: string, change: LooseObject, entryTime: Date): PageEvent[] {
  const field = readTextField(change, "field") ?? "";
  if (field.startsWith("messaging_feature_status")) return [featureStatus(pageId, change, entryTime)];
  if (/^(messages|messaging_|message_|standby)/.test(field) && !field.includes("template")) return [];

  const value = readObjectField(change, "value");
  if (field === "feed" && readTextField(value, "item") === "comment")
    return parseComment(pageId, value, entryTime);
  const name = pageDetail(field, 64);
  return [
    {
      kind: "other",
      occurredAt: entryTime,
      eventKey: eventKey(pageId, "change", name, JSON.stringify(value ?? null), entryTime.getTime()),
      detail: { field: name },
    },
  ];
}

function parseComment(pageId: string, value: LooseObject | undefined, entryTime: Date): PageEvent[] {
  if (readIdField(readObjectField(value, "from"), "id") === pageId) return [];
  const occurredAt = readTimeField(value, "created_time") ?? entryTime;
  const commentId = readIdField(value, "comment_id") ?? "";
  const postId = readIdField(value, "post_id") ?? "";
  const verb = pageDetail(readTextField(value, "verb"), 32);
  return [
    {
      kind: "comment",
      occurredAt,
      eventKey: eventKey(pageId, "comment", commentId, verb, occurredAt.getTime()),
      detail: { commentId, postId, verb },
    },
  ];
}

function featureStatus(pageId: string, change: LooseObject, occurredAt: Date): PageEvent {
  const value = JSON.stringify(readObjectField(change, "value") ?? null);
  return {
    kind: "feature_status",
    occurredAt,
    eventKey: eventKey(pageId, "feature_status", value, occurredAt.getTime()),
    detail: {},
  };
}
