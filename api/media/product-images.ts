import { findObject } from "../../db/objects.ts";
import { readProductImageLink } from "../../domain/shop/product-image-link.ts";
import type { ApiRouter } from "../router.ts";
import { found, notFound } from "../v1/fields.schema.ts";
import { openPicture, pictureHeaders } from "../v1/pictures.ts";

/** Product pictures for everybody who has a link that we made: Messenger fetches them for its cards. */
export function mountProductImages(app: ApiRouter): void {
  app.get("/media/products/:object/:file{[A-Za-z0-9_-]+\\.jpg}", async (c) => {
    const { deps } = c.var;
    const { object, file } = c.req.param();
    const signature = file.slice(0, -".jpg".length);
    const image = await readProductImageLink(deps.blindIndexer, { object, signature });
    if (image === undefined) throw notFound("obj");
    const row = found(await deps.db.withShop(image.shopId, (trx) => findObject(trx, image)), "obj");
    if (row.kind !== "product_image") throw notFound("obj");
    return c.body(new Uint8Array(await openPicture(deps, row)), 200, {
      ...pictureHeaders,
      "cache-control": "public, max-age=31536000, immutable",
      "cross-origin-resource-policy": "cross-origin",
    });
  });
}
