import type { Context } from "hono";

import type { ShopTransaction } from "../../db/connection.ts";
import { insertObject, objectKeyPlace } from "../../db/objects.ts";
import { AppError } from "../../domain/app-error.ts";
import { newId } from "../../domain/id.ts";
import type { ObjectId, ShopId } from "../../domain/id.ts";
import type { ImageRefusal } from "../../domain/ports/image-processor.ts";
import { shopSubject } from "../../domain/shop/shop-subject.ts";
import type { ApiDeps } from "../deps.ts";
import type { ApiEnv } from "../env.ts";
import { HttpProblem } from "../problem.ts";

export const maxUploadBytes = 10 * 1024 * 1024;

/** The picture of a request: the field `image` of a form, or the body itself. */
export async function readPicture(c: Context<ApiEnv>): Promise<Uint8Array> {
  const isForm = c.req.header("content-type")?.toLowerCase().startsWith("multipart/form-data") === true;
  if (!isForm) return new Uint8Array(await c.req.arrayBuffer());
  const { image } = await c.req.parseBody();
  if (image instanceof File) return new Uint8Array(await image.arrayBuffer());
  throw new AppError("invalid", "image.missing", {
    internal: "no file in the form",
    public: "The form has no file in its field image.",
    errors: [{ pointer: "/image", message: "Must be a file" }],
  });
}

/** Draws the picture of a payment anew: JPEG, PNG or WebP by its content, so that nothing of the camera is left. */
export async function drawEvidence({ images }: Pick<ApiDeps, "images">, bytes: Uint8Array) {
  if (bytes.length > maxUploadBytes) throw imageRefusal("too_large");
  if (isGif(bytes)) throw new HttpProblem(415, "image.unsupported_type", "Send a JPEG, PNG or WebP picture.");
  const picture = await images.sanitiseImage(bytes);
  if (!picture.ok) throw imageRefusal(picture.reason);
  return picture.bytes;
}

function isGif(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.subarray(0, 4)).toString("latin1") === "GIF8";
}

/**
 * Draws an owner's picture anew and keeps it under the shop's own key. `use` runs in the transaction that makes the
 * object's row; when it fails, the stored bytes are removed again.
 */
export async function storePicture<T>(
  c: Context<ApiEnv>,
  bytes: Uint8Array,
  kind: "product_image" | "payment_qr",
  use: (trx: ShopTransaction, objectId: ObjectId) => Promise<T>,
): Promise<T> {
  const { deps, actor } = c.var;
  if (bytes.length > maxUploadBytes) throw imageRefusal("too_large");
  const picture = await deps.images.sanitiseImage(bytes);
  if (!picture.ok) throw imageRefusal(picture.reason);
  const { shopId } = actor;
  const objectId = newId<ObjectId>();
  const { key, size } = await deps.objects.put(objectId, picture.bytes);
  try {
    const place = objectKeyPlace({ shop_id: shopId, id: objectId, ...ownerOf(shopId) });
    const [sealedKey] = await deps.sealer.seal([{ place, plaintext: key }]);
    if (sealedKey === undefined) throw new TypeError("nothing was sealed");
    return await deps.db.withShop(shopId, async (trx) => {
      const { subject_id: subjectId, purpose } = ownerOf(shopId);
      const object = { shopId, objectId, subjectId, purpose, kind, sealedKey, size };
      await insertObject(trx, { ...object, contentType: "image/jpeg", now: deps.clock.now() });
      return use(trx, objectId);
    });
  } catch (error) {
    c.var.background(deps.objects.remove(objectId));
    throw error;
  }
}

function ownerOf(shopId: ShopId) {
  return { subject_id: shopSubject(shopId), purpose: "secret" as const };
}

export function imageRefusal(reason: ImageRefusal): Error {
  switch (reason) {
    case "too_large":
      return new HttpProblem(413, "image.too_large", "The picture is larger than 10 MB.");
    case "unsupported_type":
      return new HttpProblem(415, "image.unsupported_type", "Send a JPEG, PNG, WebP or GIF picture.");
    case "too_slow":
      return new AppError("unavailable", "image.too_slow", { internal: "decoding took too long" });
    case "empty":
    case "damaged":
    case "too_many_pixels":
      return new AppError("invalid", `image.${reason}`, {
        internal: `picture refused: ${reason}`,
        public: "This picture cannot be read.",
      });
  }
}
