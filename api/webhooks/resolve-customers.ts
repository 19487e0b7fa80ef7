import { listSenders } from "../../db/customers.ts";
import type { KnownPage } from "../../db/system.ts";
import type { CustomerId } from "../../domain/id.ts";
import { indexForSuppression } from "../../domain/privacy/suppression.ts";
import type { SubjectState } from "../../domain/sealing.ts";
import type { ApiDeps } from "../deps.ts";

export type Sender = {
  senderId: string;
  psidIndex: Buffer;
  /** Undefined: never heard of. */
  known: { customerId: CustomerId; state: SubjectState } | undefined;
  /** Of who was erased in the last days: what happened until then creates nothing. */
  erasedAt: Date | null;
};

/** Who the senders are, by blind index, in a read transaction of its own. */
export async function resolveCustomers(
  { db, blindIndexer, clock }: Pick<ApiDeps, "db" | "blindIndexer" | "clock">,
  { shopId, pageId }: KnownPage,
  senderIds: string[],
): Promise<Map<string, Sender>> {
  const indexed = await Promise.all(
    senderIds.map(async (senderId) => {
      const psidIndex = await blindIndexer.index(shopId, "customer.psid", senderId);
      const senderIndex = await indexForSuppression(blindIndexer, { shopId, pageId, psidIndex });
      return { senderId, psidIndex, senderIndex };
    }),
  );
  const found = await db.withShop(shopId, (trx) =>
    listSenders(trx, { shopId, pageId, senders: indexed, now: clock.now() }),
  );
  const byIndex = new Map(found.map((facts) => [facts.psidIndex.toString("hex"), facts]));
  return new Map(
    indexed.map(({ senderId, psidIndex }) => {
      const {
        customerId = null,
        state = null,
        erasedAt = null,
      } = byIndex.get(psidIndex.toString("hex")) ?? {};
      const known = customerId !== null && state !== null ? { customerId, state } : undefined;
      return [senderId, { senderId, psidIndex, known, erasedAt }];
    }),
  );
}
