import { sql } from "kysely";

import type { CustomerId, PageId, ShopId } from "../domain/id.ts";
import type { Language } from "../domain/shop/policies.ts";
import type { ShopTransaction } from "./connection.ts";

export type NewConversation = { customerId: CustomerId; pageId: PageId; language: Language };

/** Together with their customers. */
export async function insertConversations(
  trx: ShopTransaction,
  { shopId, conversations, now }: { shopId: ShopId; conversations: NewConversation[]; now: Date },
): Promise<void> {
  if (conversations.length === 0) return;
  await trx
    .insertInto("conversations")
    .values(
      conversations.map(({ customerId, pageId, language }) => ({
        shop_id: shopId,
        customer_id: customerId,
        page_id: pageId,
        language,
        created_at: now,
      })),
    )
    .execute();
}

export type LockedBell = { customerId: CustomerId; isBellPending: boolean };

/** Locks the conversations, in the order of their ids (rule 24), before anything of them is written. */
export async function lockBells(
  trx: ShopTransaction,
  { shopId, customerIds }: { shopId: ShopId; customerIds: CustomerId[] },
): Promise<LockedBell[]> {
  if (customerIds.length === 0) return [];
  return trx
    .selectFrom("conversations")
    .where("shop_id", "=", shopId)
    .where("customer_id", "in", customerIds)
    .select(["customer_id as customerId", "bell_pending as isBellPending"])
    .orderBy("customer_id")
    .forUpdate()
    .execute();
}

/** What new events mean for their conversation. Times only ever move forward: events come in any order. */
export type Arrival = {
  customerId: CustomerId;
  /** Somebody must look: `bell_pending` is set. */
  isRinging: boolean;
  /** Opens the messaging window. */
  customerActionAt: Date | null;
  pageSpokeAt: Date | null;
  /** A person wrote for the Page: from this instant the bot is silent, until then. */
  humanUntil: Date | null;
  /** Another app had the thread then, */
  standbyAt: Date | null;
  /** and we then. */
  controlAt: Date | null;
};

/** Under the locks of `lockBells`; answers the conversations whose bell this call has set: the caller rings them after commit. */
export async function noteArrivals(
  trx: ShopTransaction,
  { shopId, arrivals, bells }: { shopId: ShopId; arrivals: Arrival[]; bells: LockedBell[] },
): Promise<CustomerId[]> {
  if (arrivals.length === 0) return [];
  const column = <Key extends keyof Arrival>(key: Key) => arrivals.map((arrival) => arrival[key]);
  await sql`
    update conversations as c set
      bell_pending = c.bell_pending or a.is_ringing,
      last_customer_action_at = greatest(c.last_customer_action_at, a.customer_action_at),
      last_page_at = greatest(c.last_page_at, a.page_spoke_at),
      human_until = greatest(c.human_until, a.human_until),
      standby_at = greatest(c.standby_at, a.standby_at),
      control_at = greatest(c.control_at, a.control_at),
      mode_version = c.mode_version + case
        when a.human_until > coalesce(c.human_until, '-infinity') then 1
        when a.standby_at > coalesce(greatest(c.standby_at, c.control_at, a.control_at), '-infinity')
          and (c.standby_at is null or c.standby_at <= c.control_at) then 1
        else 0 end
    from unnest(
      ${column("customerId")}::uuid[], ${column("isRinging")}::boolean[],
      ${column("customerActionAt")}::timestamptz[], ${column("pageSpokeAt")}::timestamptz[],
      ${column("humanUntil")}::timestamptz[], ${column("standbyAt")}::timestamptz[],
      ${column("controlAt")}::timestamptz[]
    ) as a (customer_id, is_ringing, customer_action_at, page_spoke_at, human_until, standby_at, control_at)
    where c.shop_id = ${shopId} and c.customer_id = a.customer_id`.execute(trx);
  const wasPending = new Map(bells.map(({ customerId, isBellPending }) => [customerId, isBellPending]));
  return arrivals
    .filter(({ customerId, isRinging }) => isRinging && wasPending.get(customerId) !== true)
    .map(({ customerId }) => customerId);
}
