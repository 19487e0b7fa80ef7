import { sql } from "kysely";

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

/** Whether a sender is known, and whether they were erased so lately that an old event of theirs may still come. */
export type SenderFacts = {
  psidIndex: Buffer;
  customerId: CustomerId | null;
  state: SubjectState | null;
  /** What happened until then creates nothing. */
  erasedAt: Date | null;
};

/** In one query, for the door; `senderIndex` is that of suppressions. */
export async function listSenders(
  trx: ShopTransaction,
  {
    shopId,
    pageId,
    senders,
    now,
  }: {
    shopId: ShopId;
    pageId: PageId;
    senders: { psidIndex: Buffer; senderIndex: Buffer }[];
    now: Date;
  },
): Promise<SenderFacts[]> {
  if (senders.length === 0) return [];
  const psidIndexes = senders.map(({ psidIndex }) => psidIndex);
  const senderIndexes = senders.map(({ senderIndex }) => senderIndex);
  const { rows } = await sql<SenderFacts>`
    select w.psid_index as "psidIndex", c.id as "customerId", s.state, x.erased_at as "erasedAt"
    from unnest(${psidIndexes}::bytea[], ${senderIndexes}::bytea[]) as w (psid_index, sender_index)
    left join customers c on c.shop_id = ${shopId} and c.page_id = ${pageId} and c.psid_index = w.psid_index
    left join subjects s on s.shop_id = c.shop_id and s.id = c.id
    left join suppressions x on x.shop_id = ${shopId} and x.sender_index = w.sender_index and x.until > ${now}`.execute(
    trx,
  );
  return rows;
}

export async function findPsidIndex(
  trx: ShopTransaction,
  { shopId, customerId }: { shopId: ShopId; customerId: CustomerId },
): Promise<{ pageId: PageId; psidIndex: Buffer } | undefined> {
  return trx
    .selectFrom("customers")
    .select(["page_id as pageId", "psid_index as psidIndex"])
    .where("shop_id", "=", shopId)
    .where("id", "=", customerId)
    .executeTakeFirst();
}

/** From now on whoever writes from there is somebody new. */
export async function replacePsidIndex(
  trx: ShopTransaction,
  { shopId, customerId, psidIndex }: { shopId: ShopId; customerId: CustomerId; psidIndex: Buffer },
): Promise<void> {
  await trx
    .updateTable("customers")
    .set({ psid_index: psidIndex })
    .where("shop_id", "=", shopId)
    .where("id", "=", customerId)
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
