import { findObject, objectKeyPlace } from "../../db/objects.ts";
import type { MessageBody } from "../../domain/conversation/message-body.ts";
import type { ProductCard } from "../../domain/conversation/outbound.ts";
import type { ObjectId } from "../../domain/id.ts";
import type { MessagePart } from "../../domain/ports/messenger-client.ts";
import { productImagePath } from "../../domain/shop/product-image-link.ts";
import type { ActivityDeps } from "../deps.ts";
import type { ConversationRef } from "./open-part.ts";

/** What is sent for a body: pictures as bytes, or as the public address under which Meta fetches them. */
export async function resolvePart(
  deps: ActivityDeps,
  ref: ConversationRef,
  body: MessageBody,
): Promise<MessagePart | undefined> {
  const { content } = body;
  if (content === undefined) {
    return body.text === undefined ? undefined : { kind: "text", text: body.text, quickReplies: [] };
  }
  switch (content.kind) {
    case "text":
      return content;
    case "cards":
      return {
        kind: "cards",
        cards: await Promise.all(content.cards.map((card) => toCard(deps, ref, card))),
      };
    case "image":
      return readImage(deps, ref, content.objectId);
  }
}

async function toCard(
  deps: ActivityDeps,
  { shopId }: ConversationRef,
  { title, subtitle, imageObjectId, buttons }: ProductCard,
) {
  const imageUrl =
    imageObjectId === null
      ? null
      : deps.publicUrl + (await productImagePath(deps.blindIndexer, { shopId, objectId: imageObjectId }));
  return { title, subtitle, imageUrl, buttons };
}

async function readImage(
  deps: ActivityDeps,
  { shopId }: ConversationRef,
  objectId: ObjectId,
): Promise<MessagePart | undefined> {
  const object = await deps.db.withShop(shopId, (trx) => findObject(trx, { shopId, objectId }));
  if (!object) return undefined;
  const [key] = await deps.sealer.open([{ place: objectKeyPlace(object), sealed: object.sealed_key }]);
  return key && { kind: "image", image: { bytes: await deps.objects.get(objectId, key) } };
}
