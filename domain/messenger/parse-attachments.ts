import type { InboundAttachment, InboundAttachmentType } from "./inbound-event.ts";
import type { LooseObject } from "./read-field.ts";
import {
  readField,
  readIdField,
  readListField,
  readObject,
  readObjectField,
  readTextField,
} from "./read-field.ts";

const typeOf: Record<string, InboundAttachmentType> = {
  image: "image",
  video: "video",
  audio: "audio",
  file: "file",
  sticker: "sticker",
  fallback: "fallback",
  location: "location",
  template: "template",
  post: "post",
  ig_post: "post",
  share: "post",
  reel: "reel",
  ig_reel: "reel",
};

/** Attachments of a message. Until 30 Aug 2026 a sticker came as an image, too: such an image is a sticker here. */
export function parseAttachments(message: LooseObject): InboundAttachment[] {
  const elements = readListField(message, "attachments");
  const attachments = elements.flatMap((element) => parseAttachment(readObject(element)));
  const stickerId = readIdField(message, "sticker_id");
  const stickerUrls = new Set(attachments.filter(isSticker).map((sticker) => sticker.url));
  return attachments.map((attachment) => {
    const isOldSticker =
      attachment.type === "image" &&
      (stickerId !== undefined || (attachment.url !== undefined && stickerUrls.has(attachment.url)));
    if (!isOldSticker) return attachment;
    return { ...attachment, type: "sticker", ...(stickerId === undefined ? {} : { stickerId }) };
  });
}

function isSticker(attachment: InboundAttachment): boolean {
  return attachment.type === "sticker";
}

function parseAttachment(element: LooseObject | undefined): InboundAttachment[] {
  if (element === undefined) return [];
  const payload = readObjectField(element, "payload");
  const stickerId = readIdField(payload, "sticker_id");
  const url = readTextField(payload, "url") ?? readTextField(element, "url") ?? payloadText(element);
  const title =
    readTextField(element, "title") ?? readTextField(payload, "title") ?? firstProductTitle(payload);
  return [
    {
      type: stickerId === undefined ? attachmentType(element) : "sticker",
      ...(url === undefined ? {} : { url }),
      ...(stickerId === undefined ? {} : { stickerId }),
      ...(title === undefined ? {} : { title }),
    },
  ];
}

function attachmentType(element: LooseObject): InboundAttachmentType {
  const type = readTextField(element, "type") ?? "";
  return (Object.hasOwn(typeOf, type) ? typeOf[type] : undefined) ?? "other";
}

/** The payload of a `fallback` may be the address itself. */
function payloadText(element: LooseObject): string | undefined {
  const payload = readField(element, "payload");
  return typeof payload === "string" && payload !== "" ? payload : undefined;
}

function firstProductTitle(payload: LooseObject | undefined): string | undefined {
  const [first] = readListField(readObjectField(payload, "product"), "elements");
  return readTextField(readObject(first), "title");
}
