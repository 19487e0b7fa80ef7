import { sql } from "kysely";
import type { RawBuilder } from "kysely";

import { AppError } from "../domain/app-error.ts";
import type { ShopId } from "../domain/id.ts";
import { hasRoom } from "../domain/subscription/plan-room.ts";
import type { Limited } from "../domain/subscription/plan-room.ts";
import type { ShopTransaction } from "./connection.ts";
import { findPlan } from "./plans.ts";
import { lockSubscription } from "./subscriptions.ts";

/**
 * Before one more of what the plan counts is added, in the same transaction: it holds the subscription until commit, so
 * that of two at once the second counts the first. Throws `conflict` `plan.limit_reached`, with the limit and the plan.
 */
export async function requireRoom(
  trx: ShopTransaction,
  { shopId, what }: { shopId: ShopId; what: Limited },
): Promise<void> {
  const { plan_code: planCode, plan_version: planVersion } = await lockSubscription(trx, { shopId });
  const plan = await findPlan(trx, { planCode, planVersion });
  if (!plan) throw new AppError("internal", "plan.not_found", { internal: `plan ${planCode}` });
  const most = plan.limits[what];
  if (most === null || hasRoom(plan.limits, what, await count(trx, shopId, what))) return;
  throw new AppError("conflict", "plan.limit_reached", {
    internal: `shop ${shopId} has all ${what} of ${planCode}`,
    public: `The plan "${plan.names.en}" allows ${most} ${nouns[what]}, and the shop has them.`,
    limit: { what, most, planCode },
  });
}

const nouns: Record<Limited, string> = { products: "products", pages: "Pages", staff: "members of staff" };

/** An archived product, or a Page that is disconnected, counts no more. */
const counted: Record<Limited, RawBuilder<unknown>> = {
  products: sql`products where state <> 'archived'`,
  pages: sql`pages where state <> 'disconnected'`,
  staff: sql`memberships where role <> 'owner'`,
};

async function count(trx: ShopTransaction, shopId: ShopId, what: Limited): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*) from ${counted[what]} and shop_id = ${shopId}`.execute(trx);
  return rows[0]?.count ?? 0;
}
