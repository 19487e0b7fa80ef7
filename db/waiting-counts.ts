import type { ShopTransaction } from "./connection.ts";
import { isWaitingForPerson } from "./conversation-queries.ts";
import { awaitsDecision } from "./order-boards.ts";
import { countUnread } from "./owner-notices-queries.ts";
import type { SeenBy } from "./owner-notices-queries.ts";

/** What waits for a person of the shop. */
export type WaitingCounts = {
  /** Orders and slips without an order. */
  decisions: number;
  /** Customers who asked for a person, or wrote while the agent is off and nobody has read it. */
  people: number;
  notices: number;
};

export function countWaiting(trx: ShopTransaction, seen: SeenBy): Promise<WaitingCounts> {
  const { shopId } = seen;
  return trx
    .selectNoFrom((eb) => [
      eb(
        eb
          .selectFrom("orders")
          .select((eb) => eb.fn.countAll<number>().as("count"))
          .where("shop_id", "=", shopId)
          .where(awaitsDecision)
          .$asScalar()
          .$notNull(),
        "+",
        eb
          .selectFrom("payment_evidence")
          .select((eb) => eb.fn.countAll<number>().as("count"))
          .where("shop_id", "=", shopId)
          .where("state", "=", "unmatched")
          .$asScalar()
          .$notNull(),
      ).as("decisions"),
      eb
        .selectFrom("conversations")
        .select((eb) => eb.fn.countAll<number>().as("count"))
        .where("shop_id", "=", shopId)
        .where((eb) => isWaitingForPerson(eb, shopId))
        .$asScalar()
        .$notNull()
        .as("people"),
      countUnread(eb, seen).as("notices"),
    ])
    .executeTakeFirstOrThrow();
}
