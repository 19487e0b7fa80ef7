import type { SendResponse } from "../../domain/wire/messenger.ts";
import { blankMessage } from "../messenger/blank-message.ts";
import { pageSays } from "../messenger/page-says.ts";
import type { SimContext } from "../sim-context.ts";
import type { SimCustomer, SimMessage, SimPage } from "../world/world-types.ts";
import type { CheckedAttachment } from "./check-message.ts";
import { checkMessage } from "./check-message.ts";
import { checkWindow } from "./check-window.ts";
import { fetchMedia } from "./fetch-media.ts";
import { badParameter } from "./graph-error.ts";
import type { GraphRequest } from "./parse-graph-request.ts";
import { asRecord } from "./parse-graph-request.ts";
import { storeMedia } from "./store-media.ts";
import { viewTemplate } from "./template-view.ts";

/** `POST /{page}/messages`: a message or a sender action, never both. */
export async function sendMessage(
  ctx: SimContext,
  page: SimPage,
  request: GraphRequest,
): Promise<SendResponse> {
  const customer = recipientOf(ctx, page, request.params["recipient"]);
  const action = request.params["sender_action"];
  if (action !== undefined) {
    if (request.params["message"] !== undefined)
      throw badParameter("sender_action and message cannot be sent together");
    return doSenderAction(ctx, customer, action);
  }
  const checked = checkMessage(request.params["message"]);
  checkWindow(ctx, customer, request.params);
  const shape = await shapeOf(ctx, checked.attachment, request.file);
  const message = blankMessage(ctx, {
    pageId: page.id,
    psid: customer.psid,
    from: "page",
    appId: page.appId,
    text: checked.text,
    metadata: checked.metadata,
    quickReplies: checked.quickReplies,
    ...shape.message,
  });
  pageSays(ctx, message, shape.echoAttachments);
  if (shape.imageUrls) void fetchCardPictures(ctx, message, shape.imageUrls);
  return { recipient_id: customer.psid, message_id: message.mid };
}

function recipientOf(ctx: SimContext, page: SimPage, value: unknown): SimCustomer {
  const id = asRecord(value)?.["id"];
  if (typeof id !== "string" && typeof id !== "number")
    throw badParameter("The parameter recipient is required");
  const customer = ctx.world.findCustomer(page.id, String(id));
  if (!customer) throw badParameter("No matching user found", 2018001);
  return customer;
}

function doSenderAction(ctx: SimContext, customer: SimCustomer, action: unknown): SendResponse {
  const { pageId, psid } = customer;
  switch (action) {
    case "typing_on":
    case "typing_off":
      checkWindow(ctx, customer, {});
      ctx.live.emit({ type: "typing", pageId, psid, isOn: action === "typing_on" });
      break;
    case "mark_seen":
      ctx.world.putCustomer({ ...customer, seenUntil: ctx.now() });
      ctx.live.emit({ type: "changed", pageId, psid });
      break;
    case "react":
    case "unreact":
      break;
    default:
      throw badParameter(
        "Param sender_action must be one of {MARK_SEEN, TYPING_ON, TYPING_OFF, REACT, UNREACT}",
      );
  }
  return { recipient_id: psid };
}

type Shape = { message: Partial<SimMessage>; echoAttachments?: unknown[]; imageUrls?: (string | null)[] };

async function shapeOf(
  ctx: SimContext,
  attachment: CheckedAttachment | null,
  file: GraphRequest["file"],
): Promise<Shape> {
  if (attachment === null) return { message: {} };
  if (attachment.kind === "template") {
    const { kind, text, cards, imageUrls } = viewTemplate(attachment.payload);
    const echoAttachments = [{ type: "template", payload: attachment.payload }];
    return { message: { kind, text, cards }, echoAttachments, imageUrls };
  }
  const object = await storeMedia(ctx, attachment, file);
  return { message: { kind: attachment.mediaType === "image" ? "image" : "file", objectId: object.id } };
}

/** Meta keeps its own copy of card pictures; a picture that cannot be fetched leaves the card without one. */
async function fetchCardPictures(
  ctx: SimContext,
  message: SimMessage,
  urls: (string | null)[],
): Promise<void> {
  const objectIds = await Promise.all(
    urls.map(async (url) => {
      if (url === null) return null;
      const picture = await fetchMedia(url).catch(() => null);
      return picture ? ctx.world.addObject(picture.bytes, picture).id : null;
    }),
  );
  if (objectIds.every((id) => id === null)) return;
  const kept = ctx.world.findMessage(message.pageId, message.mid) ?? message;
  const cards = kept.cards.map((card, index) => ({ ...card, objectId: objectIds[index] ?? null }));
  ctx.world.putMessage({ ...kept, cards });
  ctx.live.emit({ type: "changed", pageId: message.pageId, psid: message.psid });
}
