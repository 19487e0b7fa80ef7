import type { CustomerId, PageId, ShopId } from "../domain/id.ts";
import type { Sealed } from "../domain/sealing.ts";
import type { ShopTransaction } from "./connection.ts";

/** Whom and through which Page a conversation's messages go. */
export type SendTarget = {
  pageId: PageId;
  metaPageId: string;
  /** A failed send tells something of the Page only as it was then. */
  pageVersion: number;
  pageState: "connected" | "broken" | "disconnected";
  pageCheckedAt: Date | null;
  pausedUntil: Date | null;
  token: Sealed;
  /** Null: of who was erased. */
  psid: Sealed | null;
  lastCustomerActionAt: Date | null;
};

/** Of a conversation that is joined with its customer and its Page. */
export const sendTargetColumns = [
  "pages.id as pageId",
  "pages.meta_page_id as metaPageId",
  "pages.version as pageVersion",
  "pages.state as pageState",
  "pages.checked_at as pageCheckedAt",
  "pages.paused_until as pausedUntil",
  "pages.token",
  "customers.psid",
  "conversations.last_customer_action_at as lastCustomerActionAt",
] as const;

export async function getSendTarget(
  trx: ShopTransaction,
  { shopId, customerId }: { shopId: ShopId; customerId: CustomerId },
): Promise<SendTarget> {
  return trx
    .selectFrom("conversations")
    .innerJoin("customers", (join) =>
      join
        .onRef("customers.shop_id", "=", "conversations.shop_id")
        .onRef("customers.id", "=", "conversations.customer_id"),
    )
    .innerJoin("pages", (join) =>
      join
        .onRef("pages.shop_id", "=", "conversations.shop_id")
        .onRef("pages.id", "=", "conversations.page_id"),
    )
    .select(sendTargetColumns)
    .where("conversations.shop_id", "=", shopId)
    .where("conversations.customer_id", "=", customerId)
    .executeTakeFirstOrThrow();
}
