import { encodeQR } from "qr";

import type { ShopTransaction } from "../../db/connection.ts";
import { claimLooseObject, insertLooseObjects } from "../../db/loose-objects.ts";
import { insertObject, objectKeyPlace } from "../../db/objects.ts";
import { AppError } from "../../domain/app-error.ts";
import { newId } from "../../domain/id.ts";
import type { CustomerId, ObjectId, ShopId } from "../../domain/id.ts";
import type { ActivityDeps } from "../deps.ts";

/** Bytes whose row was not written by then never will be: no look at a payment lasts so long. */
const looseMs = 60 * 60_000;
/** The worker that removes them may have another clock. */
const clockMarginMs = 10 * 60_000;

type CodePicture = { objectId: ObjectId; keep(trx: ShopTransaction, now: Date): Promise<void> };

/** Draws the text as a QR code and puts it away sealed, as the customer's; its row comes with the message. */
export async function storeCodePicture(
  deps: ActivityDeps,
  { shopId, customerId }: { shopId: ShopId; customerId: CustomerId },
  code: string,
): Promise<CodePicture> {
  const drawn = await deps.images.sanitiseImage(
    encodeQR(code, "gif", { ecc: "medium", border: 4, scale: 8 }),
  );
  if (!drawn.ok) {
    throw new AppError("internal", "gateway.code_not_drawn", { internal: `refused as ${drawn.reason}` });
  }
  const objectId = newId<ObjectId>();
  const owner = { subject_id: customerId, purpose: "chat" as const };
  const dueAt = new Date(deps.clock.now().getTime() + looseMs);
  await deps.db.withShop(shopId, (trx) => insertLooseObjects(trx, { shopId, objectIds: [objectId], dueAt }));
  const { key, size } = await deps.objects.put(objectId, drawn.bytes);
  const place = objectKeyPlace({ shop_id: shopId, id: objectId, ...owner });
  const [sealedKey] = await deps.sealer.seal([{ place, plaintext: key }]);
  if (!sealedKey) throw new TypeError("the sealer answers in the order of its items");
  return {
    objectId,
    async keep(trx, now) {
      const before = new Date(now.getTime() + clockMarginMs);
      if (!(await claimLooseObject(trx, { shopId, objectId, before }))) {
        throw new AppError("conflict", "object.loose", { internal: `object ${objectId} was given up` });
      }
      await insertObject(trx, {
        shopId,
        objectId,
        subjectId: customerId,
        purpose: owner.purpose,
        kind: "payment_qr",
        sealedKey,
        contentType: "image/jpeg",
        size,
        now,
      });
    },
  };
}
