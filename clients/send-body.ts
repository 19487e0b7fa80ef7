import type { MessagePart, MessagingType } from "../domain/ports/messenger-client.ts";
import type { GenericElement, SendMessage, SendRequest } from "../domain/wire/messenger.ts";

type Part = { psid: string; content: MessagePart; messagingType: MessagingType; metadata: string };
type Card = Extract<MessagePart, { kind: "cards" }>["cards"][number];
/** The picture itself is another field of the form. */
type UploadedImage = { attachment: { type: "image"; payload: { is_reusable: false } } };

/** The Send API's body for a part; a picture in bytes travels as multipart. */
export function sendBody(part: Part): Record<string, unknown> | FormData {
  const request = {
    recipient: { id: part.psid },
    ...typeOf(part.messagingType),
    message: { ...messageOf(part.content), metadata: part.metadata },
  };
  if (part.content.kind !== "image" || "url" in part.content.image) return request;
  const form = new FormData();
  for (const [name, value] of Object.entries(request)) {
    form.set(name, typeof value === "string" ? value : JSON.stringify(value));
  }
  form.set("filedata", new Blob([part.content.image.bytes], { type: "image/jpeg" }), "picture.jpg");
  return form;
}

function typeOf(messagingType: MessagingType): Pick<SendRequest, "messaging_type" | "tag"> {
  if (messagingType === "HUMAN_AGENT") return { messaging_type: "MESSAGE_TAG", tag: "HUMAN_AGENT" };
  return { messaging_type: messagingType };
}

function messageOf(content: MessagePart): SendMessage | UploadedImage {
  switch (content.kind) {
    case "text":
      return {
        text: content.text,
        ...(content.quickReplies.length === 0
          ? {}
          : { quick_replies: content.quickReplies.map((reply) => ({ content_type: "text", ...reply })) }),
      };
    case "cards": {
      const elements = content.cards.map(elementOf);
      return { attachment: { type: "template", payload: { template_type: "generic", elements } } };
    }
    case "image": {
      const { image } = content;
      const payload = "url" in image ? { url: image.url } : ({ is_reusable: false } as const);
      return { attachment: { type: "image", payload } } as SendMessage | UploadedImage;
    }
  }
}

function elementOf({ title, subtitle, imageUrl, buttons }: Card): GenericElement {
  return {
    title,
    ...(subtitle === "" ? {} : { subtitle }),
    ...(imageUrl === null ? {} : { image_url: imageUrl }),
    ...(buttons.length === 0
      ? {}
      : { buttons: buttons.map((button) => ({ type: "postback" as const, ...button })) }),
  };
}
