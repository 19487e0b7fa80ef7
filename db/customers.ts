import { AppError } from "../domain/app-error.ts";
import type { CustomerId, PageId, ShopId } from "../domain/id.ts";
import type { Sealed, SubjectState } from "../domain/sealing.ts";
import type { ShopTransaction } from "./connection.ts";

export type KnownCustomer = { customerId: CustomerId; psidIndex: Buffer; state: SubjectState };

export async function listCustomersByPsid(
  trx: ShopTransaction,
  { shopId, pageId, psidIndexes }: { shopId: ShopId; pageId: PageId; psidIndexes: Buffer[] },
): Promise<KnownCustomer[]> {
  if (psidIndexes.length === 0) return [];
  return trx
    .selectFrom("customers")
    .innerJoin("subjects", (join) =>
      join.onRef("subjects.shop_id", "=", "customers.shop_id").onRef("subjects.id", "=", "customers.id"),
    )
    .where("customers.shop_id", "=", shopId)
    .where("customers.page_id", "=", pageId)
    .where("customers.psid_index", "in", psidIndexes)
    .select(["customers.id as customerId", "customers.psid_index as psidIndex", "subjects.state"])
    .execute();
}

export type NewCustomer = {
  id: CustomerId;
  pageId: PageId;
  psidIndex: Buffer;
  /** Place: customer, `chat`, `customer.psid`, the customer. */
  psid: Sealed;
};

/** After their subjects. Throws `conflict` `customer.exists` when another transaction was faster: start over. */
export async function insertCustomers(
  trx: ShopTransaction,
  { shopId, customers, now }: { shopId: ShopId; customers: NewCustomer[]; now: Date },
): Promise<void> {
  if (customers.length === 0) return;
  const inserted = await trx
    .insertInto("customers")
    .values(
      customers.map(({ id, pageId, psidIndex, psid }) => ({
        shop_id: shopId,
        id,
        page_id: pageId,
        psid_index: psidIndex,
        psid,
        created_at: now,
      })),
    )
    .onConflict((conflict) => conflict.columns(["shop_id", "page_id", "psid_index"]).doNothing())
    .returning("id")
    .execute();
  if (inserted.length === customers.length) return;
  throw new AppError("conflict", "customer.exists", { internal: "a customer was inserted meanwhile" });
}
