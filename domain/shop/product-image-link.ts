import { timingSafeEqual } from "node:crypto";

import { fromTypeId, toTypeId } from "../id.ts";
import type { ObjectId, ShopId } from "../id.ts";
import type { BlindIndexer } from "../sealing.ts";

type Image = { shopId: ShopId; objectId: ObjectId };

const uuidBytes = 16;
const macBytes = 16;

/**
 * Where anybody may fetch a product's picture, Messenger first of all: `/media/products/{objectId}/{signature}.jpg`.
 * The signature names the shop and proves that we made the link; it never expires, since cards stay in a chat.
 */
export async function productImagePath(indexer: BlindIndexer, image: Image): Promise<string> {
  const signature = Buffer.concat([uuidToBytes(image.shopId), await macOf(indexer, image)]);
  return `/media/products/${toTypeId("obj", image.objectId)}/${signature.toString("base64url")}.jpg`;
}

/** The shop of a picture whose link we made; undefined for any other link. */
export async function readProductImageLink(
  indexer: BlindIndexer,
  link: { object: string; signature: string },
): Promise<Image | undefined> {
  const objectId = fromTypeId<ObjectId>("obj", link.object);
  const bytes = Buffer.from(link.signature, "base64url");
  if (objectId === undefined || bytes.length !== uuidBytes + macBytes) return undefined;
  if (bytes.toString("base64url") !== link.signature) return undefined;
  const image = { shopId: bytesToUuid(bytes) as ShopId, objectId };
  const isOurs = timingSafeEqual(bytes.subarray(uuidBytes), await macOf(indexer, image));
  return isOurs ? image : undefined;
}

/** One platform-wide key: a stranger's link must not make us derive a key for every shop it invents. */
async function macOf(indexer: BlindIndexer, { shopId, objectId }: Image): Promise<Buffer> {
  return indexer.index("platform", "media.product_image", `${shopId}|${objectId}`);
}

function uuidToBytes(uuid: string): Buffer {
  return Buffer.from(uuid.replaceAll("-", ""), "hex");
}

function bytesToUuid(bytes: Buffer): string {
  return bytes.toString("hex", 0, uuidBytes).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
