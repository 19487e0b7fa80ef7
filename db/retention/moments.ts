import { sql } from "kysely";

import type { ShopId } from "../../domain/id.ts";
import { cutOff, keptDays, noShopRetention, purgeRules } from "../../domain/privacy/purge-rules.ts";
import type { PurgeRuleName, ShopRetention } from "../../domain/privacy/purge-rules.ts";
import type { ShopPolicies } from "../../domain/shop/policies.ts";
import { platformShopId } from "../accounts.ts";
import type { ShopTransaction } from "../connection.ts";
import type { PurgeMoment } from "./purge-sql.ts";

export type ShopToPurge = { shopId: ShopId; retention: ShopRetention };

/**
 * For a transaction that asks for what is due: every question has its index, and a page is small. The planner's figures lag
 * behind what was removed, and would have it read whole tables.
 */
export async function goByIndexes(trx: ShopTransaction): Promise<void> {
  await sql`select set_config(name, 'off', true)
    from unnest(array['enable_seqscan', 'enable_hashjoin', 'enable_mergejoin']) name`.execute(trx);
}

/** The shops after one, by id; the platform's own log stands under an id that no shop has. */
export async function listShopsToPurge(
  trx: ShopTransaction,
  { after, limit }: { after: string | null; limit: number },
): Promise<ShopToPurge[]> {
  const { rows } = await sql<{ shopId: ShopId; retention: ShopPolicies["retention"] | null }>`
    select id as "shopId", policies -> 'retention' as retention
    from (select id, policies from shops union all select ${platformShopId}::uuid, null::jsonb) s
    where ${after}::uuid is null or id > ${after}::uuid order by id limit ${limit}`.execute(trx);
  return rows.map(({ shopId, retention }) => ({ shopId, retention: retention ?? noShopRetention }));
}

/** One that a key names; what is no shop's has the settings of none. */
export async function getShopToPurge(trx: ShopTransaction, shopId: ShopId): Promise<ShopToPurge> {
  const shop = await trx.selectFrom("shops").select("policies").where("id", "=", shopId).executeTakeFirst();
  return { shopId, retention: shop?.policies.retention ?? noShopRetention };
}

/** Of a rule at an instant: everywhere, or in one shop by its own settings. */
export function momentOf(rule: PurgeRuleName, at: Date, shop?: ShopToPurge): PurgeMoment {
  const kept = cutOff(at, keptDays(rule, shop?.retention));
  return { at, cutOff: sql`${kept}::timestamptz`, shop: sql`${shop?.shopId ?? null}::uuid` };
}

export function isByShop(rule: PurgeRuleName): boolean {
  return purgeRules[rule].per === "shop";
}

/** Of a key of a rule that goes shop by shop. */
export function shopOfKey(key: string): ShopId {
  const [shopId] = JSON.parse(key) as [ShopId]; // we have written it: the shop comes first
  return shopId;
}
