import type { BodyAttachment } from "../../domain/conversation/message-body.ts";
import type { ModelInputItem } from "../../domain/ports/model-client.ts";
import type { OpenedMessage } from "../conversation/opened-message.ts";

/** The conversation as the model reads it, oldest first; what is not text becomes a short mark. */
export function modelInput(history: readonly OpenedMessage[]): ModelInputItem[] {
  const names = cardNames(history);
  return history.flatMap((message) => {
    const text = message.direction === "in" ? customerText(message, names) : pageText(message);
    if (text === "") return [];
    return { kind: "message", role: message.direction === "in" ? "user" : "assistant", text } as const;
  });
}

/** A tapped card button says which product is meant; the model knows it by its name. */
function cardNames(history: readonly OpenedMessage[]): ReadonlyMap<string, string> {
  const cards = history.flatMap(({ body }) => (body.content?.kind === "cards" ? body.content.cards : []));
  return new Map(
    cards.flatMap(({ title, buttons }) => buttons.map(({ payload }) => [payload, title] as const)),
  );
}

function customerText({ kind, body }: OpenedMessage, names: ReadonlyMap<string, string>): string {
  const payload = body.quickReplyPayload ?? body.postbackPayload;
  const wanted = payload === undefined ? undefined : names.get(payload);
  const lines = [
    ...(kind === "edit" ? ["[edited message]"] : []),
    body.text ?? "",
    ...(wanted === undefined ? [] : [wanted]),
    ...(payload === undefined || wanted !== undefined ? [] : [`[quick reply: ${payload}]`]),
    ...(body.attachments ?? []).map(({ type, slip, problem }) => {
      if (type !== "image") return `[${type}]`;
      if (problem !== undefined) return "[image: could not be opened]";
      return pictureText(slip);
    }),
    ...(body.isUnsupported ? ["[unsupported]"] : []),
  ];
  return lines.filter((line) => line !== "").join("\n");
}

function pictureText(slip: BodyAttachment["slip"]): string {
  switch (slip) {
    case "yes":
      return "[image: payment slip, handled]";
    case "no":
      return "[image: not a payment slip]";
    case "not_read":
    case undefined:
      return "[image: could not be read]";
  }
}

function pageText({ body }: OpenedMessage): string {
  const { content } = body;
  if (content === undefined) return body.text ?? "";
  switch (content.kind) {
    case "text":
      return content.text;
    case "cards":
      return content.cards.map(({ title, subtitle }) => `[card] ${title} – ${subtitle}`).join("\n");
    case "image":
      return "[image]";
  }
}
