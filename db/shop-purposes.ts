import { sql } from "kysely";
import type { RawBuilder } from "kysely";

import type { AccountId, ShopId } from "../domain/id.ts";
import type { LegalBasis } from "../domain/privacy/data-purpose.ts";
import { defaultBasis, shopPurposes } from "../domain/privacy/shop-purpose.ts";
import type { ShopPurpose } from "../domain/privacy/shop-purpose.ts";
import type { ShopTransaction } from "./connection.ts";

export type PurposeOfShop = {
  purpose: ShopPurpose;
  /** Null: none, and the processing is refused. */
  basis: LegalBasis | null;
  /** Null: nobody has said anything yet. */
  setAt: Date | null;
};

/** All of them, by default where nobody has set one. */
export async function listShopPurposes(
  trx: ShopTransaction,
  { shopId }: { shopId: ShopId },
): Promise<PurposeOfShop[]> {
  const rows = await trx
    .selectFrom("shop_purposes")
    .select(["purpose", "basis", "set_at as setAt"])
    .where("shop_id", "=", shopId)
    .execute();
  const set = new Map(rows.map((row) => [row.purpose, row]));
  return shopPurposes.map(
    (purpose) => set.get(purpose) ?? { purpose, basis: defaultBasis(purpose), setAt: null },
  );
}

/** Whether the shop may do all of this. */
export async function mayProcess(
  trx: ShopTransaction,
  { shopId, purposes }: { shopId: ShopId; purposes: readonly ShopPurpose[] },
): Promise<boolean> {
  const all = await listShopPurposes(trx, { shopId });
  return all.every(({ purpose, basis }) => basis !== null || !purposes.includes(purpose));
}

/** Whether a shop rests the purpose on anything; both are given or name columns of the query around it. */
export function hasBasis({
  shopId,
  purpose,
}: {
  shopId: RawBuilder<ShopId>;
  purpose: RawBuilder<unknown>;
}): RawBuilder<boolean> {
  const refused = shopPurposes.filter((one) => defaultBasis(one) === null).map((one) => sql.lit(one));
  return sql<boolean>`coalesce((select p.basis is not null from shop_purposes p
    where p.shop_id = ${shopId} and p.purpose = ${purpose}), ${purpose} not in (${sql.join(refused)}))`;
}

/** In force from the commit on; what the owner has rested on nothing is refused at the next decision. */
export async function setShopPurpose(
  trx: ShopTransaction,
  {
    shopId,
    purpose,
    basis,
    by,
    now,
  }: { shopId: ShopId; purpose: ShopPurpose; basis: LegalBasis | null; by: AccountId; now: Date },
): Promise<void> {
  await trx
    .insertInto("shop_purposes")
    .values({ shop_id: shopId, purpose, basis, set_by: by, set_at: now })
    .onConflict((conflict) =>
      conflict.columns(["shop_id", "purpose"]).doUpdateSet({ basis, set_by: by, set_at: now }),
    )
    .execute();
}

/** When a Page is connected, on what each purpose rests stands written; what the owner has set stays. */
export async function noteDefaultPurposes(
  trx: ShopTransaction,
  { shopId, now }: { shopId: ShopId; now: Date },
): Promise<void> {
  await trx
    .insertInto("shop_purposes")
    .values(
      shopPurposes.map((purpose) => ({
        shop_id: shopId,
        purpose,
        basis: defaultBasis(purpose),
        set_at: now,
      })),
    )
    .onConflict((conflict) => conflict.columns(["shop_id", "purpose"]).doNothing())
    .execute();
}
