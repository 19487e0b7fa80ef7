import type { Selectable } from "kysely";

import { AppError } from "../domain/app-error.ts";
import type { ShopId } from "../domain/id.ts";
import type { ShopTransaction } from "./connection.ts";
import type { ShopsTable } from "./schema/tenancy.ts";

export type ShopRow = Selectable<ShopsTable>;

export async function getShop(trx: ShopTransaction, { shopId }: { shopId: ShopId }): Promise<ShopRow> {
  const row = await trx.selectFrom("shops").selectAll().where("id", "=", shopId).executeTakeFirst();
  if (row) return row;
  throw new AppError("not_found", "shop.not_found", { internal: `shop ${shopId}` });
}
