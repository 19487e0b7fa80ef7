import type { Selectable } from "kysely";

import { AppError } from "../domain/app-error.ts";
import type { ConversationTimings } from "../domain/conversation/timings.ts";
import type { ShopId } from "../domain/id.ts";
import type { Currency } from "../domain/money.ts";
import type { OrderTimings } from "../domain/order/timings.ts";
import type { NewKey } from "../domain/sealing.ts";
import type { Language, ShopPolicies } from "../domain/shop/policies.ts";
import { shopSubject } from "../domain/shop/shop-subject.ts";
import type { ShopTransaction } from "./connection.ts";
import type { ShopsTable } from "./schema/tenancy.ts";
import { insertSubjects } from "./subjects.ts";
import { insertTrial } from "./subscriptions.ts";

export type ShopRow = Selectable<ShopsTable>;

export async function getShop(trx: ShopTransaction, { shopId }: { shopId: ShopId }): Promise<ShopRow> {
  const row = await trx.selectFrom("shops").selectAll().where("id", "=", shopId).executeTakeFirst();
  if (row) return row;
  throw new AppError("not_found", "shop.not_found", { internal: `shop ${shopId}` });
}

export type NewShop = {
  id: ShopId;
  name: string;
  /** ISO 3166 alpha-2, for phone numbers. */
  country: string;
  currency: Currency;
  timeZone: string;
  languages: Language[];
  agentName: string;
  policies: ShopPolicies;
  orderTimings: OrderTimings;
  conversationTimings: ConversationTimings;
};

/** With its subject, its `secret` key and its trial; in `withShop(shop.id)`. */
export async function insertShop(
  trx: ShopTransaction,
  { shop, keys, now }: { shop: NewShop; keys: NewKey[]; now: Date },
): Promise<void> {
  await trx
    .insertInto("shops")
    .values({
      id: shop.id,
      name: shop.name,
      country: shop.country,
      currency: shop.currency,
      time_zone: shop.timeZone,
      languages: shop.languages,
      agent_name: shop.agentName,
      policies: JSON.stringify(shop.policies),
      order_timings: JSON.stringify(shop.orderTimings),
      conversation_timings: JSON.stringify(shop.conversationTimings),
      created_at: now,
    })
    .execute();
  const subjects = [{ id: shopSubject(shop.id), kind: "shop" as const }];
  await insertSubjects(trx, { shopId: shop.id, subjects, keys, now });
  await insertTrial(trx, { shopId: shop.id, timeZone: shop.timeZone, now });
}

export type Shop = NewShop & { isAgentEnabled: boolean; version: number; createdAt: Date };

export function findShop(trx: ShopTransaction, shopId: ShopId): Promise<Shop | undefined> {
  return trx
    .selectFrom("shops")
    .where("id", "=", shopId)
    .select([
      "id",
      "name",
      "country",
      "currency",
      "time_zone as timeZone",
      "languages",
      "agent_name as agentName",
      "is_agent_enabled as isAgentEnabled",
      "policies",
      "order_timings as orderTimings",
      "conversation_timings as conversationTimings",
      "version",
      "created_at as createdAt",
    ])
    .executeTakeFirst();
}

export type ShopChange = Partial<
  Pick<Shop, "name" | "timeZone" | "languages" | "agentName" | "isAgentEnabled" | "policies">
>;

/**
 * The new version, or undefined when the row is no longer at `version`. Timings of orders that exist do not change. An
 * agent that is switched on answers what is written from then on.
 */
export async function updateShop(
  trx: ShopTransaction,
  { shopId, version, change, now }: { shopId: ShopId; version: number; change: ShopChange; now: Date },
): Promise<number | undefined> {
  const { name, timeZone, languages, agentName, isAgentEnabled, policies } = change;
  const row = await trx
    .updateTable("shops")
    .set((eb) => ({
      version: eb("version", "+", 1),
      ...(name === undefined ? {} : { name }),
      ...(timeZone === undefined ? {} : { time_zone: timeZone }),
      ...(languages === undefined ? {} : { languages }),
      ...(agentName === undefined ? {} : { agent_name: agentName }),
      ...(isAgentEnabled === undefined
        ? {}
        : {
            is_agent_enabled: isAgentEnabled,
            agent_from: eb
              .case()
              .when(eb.and([eb("is_agent_enabled", "=", false), eb.val(isAgentEnabled)]))
              .then(now)
              .else(eb.ref("agent_from"))
              .end(),
          }),
      ...(policies === undefined ? {} : { policies: JSON.stringify(policies) }),
    }))
    .where("id", "=", shopId)
    .where("version", "=", version)
    .returning("version")
    .executeTakeFirst();
  return row?.version;
}
