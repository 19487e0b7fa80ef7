import { insertObject, objectKeyPlace } from "../db/objects.ts";
import { insertPaymentMethod, paymentDetailsPlace } from "../db/payment-methods.ts";
import type { PaymentDetails } from "../db/payment-methods.ts";
import { insertProduct, updateProduct } from "../db/products.ts";
import { moveStock } from "../db/stock-moves.ts";
import { insertVariants } from "../db/variants.ts";
import { newId } from "../domain/id.ts";
import type { ObjectId, PaymentMethodId, ProductId, ShopId, VariantId } from "../domain/id.ts";
import type { Currency } from "../domain/money.ts";
import { shopSubject } from "../domain/shop/shop-subject.ts";
import type { Core } from "./open-core.ts";

export type ProductToStock = {
  name: string;
  description: string;
  options: { name: string; priceMinor: number; stock: number }[];
  picture?: Buffer;
};

export type MethodToStock = { kind: "transfer" | "cod"; name: string; details: PaymentDetails | null };

export type Stocked = {
  products: { productId: ProductId; variantIds: VariantId[] }[];
  methodIds: PaymentMethodId[];
};

type Stockroom = Pick<Core, "db" | "sealer" | "objects" | "images" | "clock">;

/** Fills a new shop with products, their first stock, and ways to pay that customers see. */
export async function stockShop(
  core: Stockroom,
  shopId: ShopId,
  wanted: { currency: Currency; products: ProductToStock[]; methods: MethodToStock[] },
): Promise<Stocked> {
  const products = [];
  for (const product of wanted.products) {
    products.push(await addProduct(core, shopId, { product, currency: wanted.currency }));
  }
  const methodIds = [];
  for (const method of wanted.methods) methodIds.push(await addMethod(core, shopId, method));
  return { products, methodIds };
}

async function addProduct(
  core: Stockroom,
  shopId: ShopId,
  { product, currency }: { product: ProductToStock; currency: Currency },
) {
  const productId = newId<ProductId>();
  const variants = product.options.map((option, position) => ({
    ...option,
    variantId: newId<VariantId>(),
    currency,
    position,
    isActive: true,
  }));
  const picture = product.picture && (await storePicture(core, shopId, product.picture));
  const now = core.clock.now();
  await core.db.withShop(shopId, async (trx) => {
    const { name, description } = product;
    await insertProduct(trx, { shopId, productId, name, description, state: "published", now });
    await insertVariants(trx, { shopId, productId, variants });
    await moveStock(trx, {
      shopId,
      kind: "initial",
      orderId: null,
      actorId: null,
      moves: variants.map(({ variantId, stock }) => ({ variantId, onHandDelta: stock, reservedDelta: 0 })),
      now,
    });
    if (!picture) return;
    await insertObject(trx, { ...picture, shopId, now });
    const changes = { imageObjectId: picture.objectId };
    await updateProduct(trx, { shopId, productId, ifVersion: null, changes, now });
  });
  return { productId, variantIds: variants.map(({ variantId }) => variantId) };
}

async function storePicture(core: Stockroom, shopId: ShopId, bytes: Buffer) {
  const image = await core.images.sanitiseImage(bytes);
  if (!image.ok) throw new TypeError(`a picture of ours is refused: ${image.reason}`);
  const objectId = newId<ObjectId>();
  const { key, size } = await core.objects.put(objectId, image.bytes);
  const owner = { subject_id: shopSubject(shopId), purpose: "secret" as const };
  const place = objectKeyPlace({ shop_id: shopId, id: objectId, ...owner });
  const [sealedKey] = await core.sealer.seal([{ place, plaintext: key }]);
  if (!sealedKey) throw new TypeError("nothing was sealed");
  return {
    objectId,
    subjectId: owner.subject_id,
    purpose: owner.purpose,
    kind: "product_image" as const,
    sealedKey,
    contentType: "image/jpeg",
    size,
  };
}

async function addMethod(core: Stockroom, shopId: ShopId, method: MethodToStock): Promise<PaymentMethodId> {
  const paymentMethodId = newId<PaymentMethodId>();
  const place = paymentDetailsPlace(shopId, paymentMethodId);
  const [details] = method.details
    ? await core.sealer.seal([{ place, plaintext: JSON.stringify(method.details) }])
    : [];
  await core.db.withShop(shopId, (trx) =>
    insertPaymentMethod(trx, {
      shopId,
      paymentMethodId,
      kind: method.kind,
      name: method.name,
      details: details ?? null,
      isVisibleToCustomer: true,
      isEnabled: true,
      now: core.clock.now(),
    }),
  );
  return paymentMethodId;
}
