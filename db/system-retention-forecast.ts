import { sql } from "kysely";

import type { ShopId } from "../domain/id.ts";
import { cutOff, keptDays, purgeRuleNames, purgeRules } from "../domain/privacy/purge-rules.ts";
import type { PurgeRuleName } from "../domain/privacy/purge-rules.ts";
import { retentionRules } from "../domain/privacy/retention-class.ts";
import type { RetentionClass } from "../domain/privacy/retention-class.ts";
import { asSystem } from "./system-database.ts";
import type { SystemDatabase } from "./system-database.ts";
import { getShopToPurge, goByIndexes, isByShop, momentOf } from "./retention/moments.ts";
import { dueRecords } from "./retention/purge-sql.ts";
import type { PurgeMoment } from "./retention/purge-sql.ts";
import { purgeSql } from "./retention/rules.ts";

/** How many records of a rule are due by each of the instants, if nothing more happens to them. */
export type ForecastRule = { rule: PurgeRuleName; class: RetentionClass; keptDays: number; due: number[] };

/** Of one shop: what goes by the rules that go shop by shop. */
export function forecastShop(
  system: SystemDatabase,
  { shopId, by }: { shopId: ShopId; by: readonly Date[] },
): Promise<ForecastRule[]> {
  return asSystem(system, async (trx) => {
    await goByIndexes(trx);
    const shop = await getShopToPurge(trx, shopId);
    const rules: ForecastRule[] = [];
    for (const rule of purgeRuleNames.filter(isByShop)) {
      const due: number[] = [];
      for (const at of by) {
        const { rows } = await sql<{ due: number }>`select count(*) as due
          from (${dueRecords(purgeSql[rule], momentOf(rule, at, shop))}) d`.execute(trx);
        due.push(rows[0]?.due ?? 0);
      }
      rules.push({ rule, class: purgeRules[rule].class, keptDays: keptDays(rule, shop.retention), due });
    }
    return rules;
  });
}

/** Of all shops together, each by its own settings, and of what is no shop's. */
export async function forecastPlatform(system: SystemDatabase, by: readonly Date[]): Promise<ForecastRule[]> {
  const rules: ForecastRule[] = [];
  for (const rule of purgeRuleNames) {
    const due: number[] = [];
    for (const at of by) due.push(await countEverywhere(system, rule, at));
    rules.push({ rule, class: purgeRules[rule].class, keptDays: keptDays(rule), due });
  }
  return rules;
}

function countEverywhere(system: SystemDatabase, rule: PurgeRuleName, at: Date): Promise<number> {
  const inOneShop = sql`select count(*) as due from (${dueRecords(purgeSql[rule], momentOfEach(rule, at))}) d`;
  const count = isByShop(rule)
    ? sql`select coalesce(sum(o.due), 0)::bigint as due from shops shop cross join lateral (${inOneShop}) o`
    : sql`select count(*) as due from (${dueRecords(purgeSql[rule], momentOf(rule, at))}) d`;
  return asSystem(system, async (trx) => {
    await goByIndexes(trx);
    const { rows } = await sql<{ due: number }>`${count}`.execute(trx);
    return rows[0]?.due ?? 0;
  });
}

/** For a query that goes over the shops as `shop`. */
function momentOfEach(rule: PurgeRuleName, at: Date): PurgeMoment {
  const { class: of } = purgeRules[rule];
  const setting = "days" in purgeRules[rule] ? null : settings[of];
  const { bounds } = retentionRules[of];
  if (setting === null || setting === undefined || bounds === null)
    return { at, cutOff: sql`${cutOff(at, keptDays(rule))}::timestamptz`, shop: sql`shop.id` };
  const days = sql`least(${bounds.maxDays}::int, greatest(${bounds.minDays}::int,
    coalesce((shop.policies -> 'retention' ->> ${setting})::int, ${keptDays(rule)}::int)))`;
  return { at, cutOff: sql`(${at}::timestamptz - ${days} * interval '24 hours')`, shop: sql`shop.id` };
}

/** The classes that a shop may set, by the name of its setting. */
const settings: Partial<Record<RetentionClass, string>> = {
  conversation: "conversationDays",
  "order.dispute": "disputeDays",
};
