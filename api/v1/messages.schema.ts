import { z } from "@hono/zod-openapi";

import type { ListedMessage } from "../../db/message-queries.ts";
import type { MessageBody } from "../../domain/conversation/message-body.ts";
import { toTypeId } from "../../domain/id.ts";
import type { ObjectId } from "../../domain/id.ts";
import { TimeSchema, idText, timeOrNull, notBlank, uncheckedTextOf, orNull } from "./fields.schema.ts";
import { pageOf } from "./list.ts";
import { PictureSchema } from "./picture-links.ts";
import type { Picture } from "./picture-links.ts";

export const MessageState = z
  .enum([
    "received",
    "queued",
    "sending",
    "sent",
    "delivered",
    "read",
    "waiting_for_page",
    "waiting_for_window",
    "unknown",
    "failed",
    "dropped",
  ])
  .openapi({
    description:
      "`waiting_for_page` goes out once the Page works, or is connected, again; `waiting_for_window` goes out with the customer's next message; `unknown` may or may not have arrived; " +
      "`dropped` was never sent, because a person took over or the answer had become stale.",
  });

const AttachmentSchema = z.object({
  type: z.string(),
  title: z.string().nullable(),
  picture: orNull(PictureSchema),
});

export const MessageSchema = z
  .object({
    id: idText("msg"),
    direction: z.enum(["in", "out"]),
    author: z.enum(["customer", "agent", "owner", "system", "page_inbox"]),
    accountId: idText("acc").nullable().openapi({ description: "Which person of the shop wrote it." }),
    kind: z.string(),
    state: MessageState,
    errorCode: z.string().nullable(),
    text: z.string().nullable(),
    attachments: z.array(AttachmentSchema),
    quickReplies: z.array(z.string()).openapi({ description: "What the customer was offered to tap." }),
    cards: z.array(z.object({ title: z.string(), subtitle: z.string() })),
    isMasked: z.boolean().openapi({ description: "A card number, password or code was taken out." }),
    at: TimeSchema,
    deliveredAt: TimeSchema.nullable(),
    readAt: TimeSchema.nullable(),
    editedAt: TimeSchema.nullable(),
    deletedAt: TimeSchema.nullable().openapi({ description: "The customer took it back; our copy is gone." }),
  })
  .openapi("Message");

export const MessagePageSchema = pageOf(MessageSchema).openapi("MessagePage");
export type Message = z.infer<typeof MessageSchema>;

/** Messenger takes 2,000 characters at once; what a person writes is never cut in two. */
export const SendMessageBody = z
  .strictObject({ text: uncheckedTextOf(2_000).min(1).openapi(notBlank) })
  .openapi("SendMessage");

/** Pictures that a body shows, for which links are made. */
export function picturesOf(body: MessageBody): ObjectId[] {
  const sent = body.content?.kind === "image" ? [body.content.objectId] : [];
  return [...sent, ...(body.attachments ?? []).flatMap(({ objectId }) => objectId ?? [])];
}

export function toMessage(
  row: ListedMessage,
  body: MessageBody | undefined,
  pictures: ReadonlyMap<ObjectId, Picture>,
): Message {
  return {
    id: toTypeId("msg", row.id),
    direction: row.direction,
    author: row.author,
    accountId: row.actor_id === null ? null : toTypeId("acc", row.actor_id),
    kind: row.kind,
    state: messageState(row),
    errorCode: row.error_code,
    ...contentOf(body ?? {}, pictures),
    isMasked: (body?.masked?.length ?? 0) > 0,
    at: row.occurred_at.toISOString(),
    deliveredAt: timeOrNull(row.delivered_at),
    readAt: timeOrNull(row.read_at),
    editedAt: timeOrNull(row.edited_at),
    deletedAt: timeOrNull(row.deleted_at),
  };
}

function messageState(row: ListedMessage): z.infer<typeof MessageState> {
  if (row.direction === "in") return "received";
  const isPageAway = row.page_state !== "connected";
  if (row.is_intake) return isPageAway ? "waiting_for_page" : "queued";
  if (row.outbox_state === null) return "sent"; // written in the Page's own inbox
  if (row.outbox_state === "queued" && isPageAway) return "waiting_for_page";
  if (row.outbox_state !== "sent" && row.outbox_state !== "unknown") return row.outbox_state;
  if (row.read_at !== null) return "read";
  return row.delivered_at === null ? row.outbox_state : "delivered";
}

function contentOf(body: MessageBody, pictures: ReadonlyMap<ObjectId, Picture>) {
  const { content } = body;
  const pictureOf = (objectId: ObjectId | undefined) =>
    objectId === undefined ? null : (pictures.get(objectId) ?? null);
  const received = (body.attachments ?? []).map(({ type, title = null, objectId }) => ({
    type,
    title,
    picture: pictureOf(objectId),
  }));
  const sent =
    content?.kind === "image" ? [{ type: "image", title: null, picture: pictureOf(content.objectId) }] : [];
  return {
    text: content?.kind === "text" ? content.text : (body.text ?? null),
    attachments: [...received, ...sent],
    quickReplies: content?.kind === "text" ? content.quickReplies.map(({ title }) => title) : [],
    cards: content?.kind === "cards" ? content.cards.map(({ title, subtitle }) => ({ title, subtitle })) : [],
  };
}
