import { listCustomersByPsid } from "../../db/customers.ts";
import type { KnownPage } from "../../db/system.ts";
import type { CustomerId } from "../../domain/id.ts";
import type { SubjectState } from "../../domain/sealing.ts";
import type { ApiDeps } from "../deps.ts";

export type Sender = {
  senderId: string;
  psidIndex: Buffer;
  /** Undefined: never heard of. */
  known: { customerId: CustomerId; state: SubjectState } | undefined;
};

/** Who the senders are, by blind index, in a read transaction of its own. */
export async function resolveCustomers(
  { db, blindIndexer }: Pick<ApiDeps, "db" | "blindIndexer">,
  { shopId, pageId }: KnownPage,
  senderIds: string[],
): Promise<Map<string, Sender>> {
  const indexed = await Promise.all(
    senderIds.map(async (senderId) => {
      return { senderId, psidIndex: await blindIndexer.index(shopId, "customer.psid", senderId) };
    }),
  );
  const psidIndexes = indexed.map(({ psidIndex }) => psidIndex);
  const customers = await db.withShop(shopId, (trx) =>
    listCustomersByPsid(trx, { shopId, pageId, psidIndexes }),
  );
  const byIndex = new Map(customers.map((customer) => [customer.psidIndex.toString("hex"), customer]));
  return new Map(
    indexed.map(({ senderId, psidIndex }) => {
      const known = byIndex.get(psidIndex.toString("hex"));
      return [senderId, { senderId, psidIndex, known }];
    }),
  );
}
