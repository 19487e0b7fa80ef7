import { randomInt } from "node:crypto";
import { Client } from "pg";

import { openDatabase } from "../../db/connection.ts";
import type { Database } from "../../db/connection.ts";
import { newId } from "../../domain/id.ts";
import type { CustomerId, PageId, ShopId } from "../../domain/id.ts";
import type { Sealed } from "../../domain/sealing.ts";
import { createTestDatabase } from "../support/test-database.ts";

type ShopRef = { shopId: ShopId; pageId: PageId };
export type ConversationRef = { shopId: ShopId; customerId: CustomerId };

/** A database with conversations in it, as bare rows; nothing is sealed. */
export async function createConversationWorld() {
  const database = await createTestDatabase();
  const options = { maxConnections: 6, name: "test" };
  const api: Database = openDatabase({ ...options, url: database.urls.api });
  const worker: Database = openDatabase({ ...options, url: database.urls.worker });
  const owner = new Client({ connectionString: database.urls.owner });
  owner.on("error", () => undefined);
  await owner.connect();
  const { shopId, pageId } = await addShop(owner);
  return {
    api,
    worker,
    /** The superuser, whom row security does not bind. */
    owner,
    shopId,
    pageId,
    urls: database.urls,
    /** A shop beside the world's own. */
    addShop: () => addShop(owner),
    addConversation: (shop: ShopRef = { shopId, pageId }) => addConversation(owner, shop),
    close: async () => {
      await Promise.all([api.close(), worker.close(), owner.end()]);
      await database.drop();
    },
  };
}

/** Stands for a sealed value where nobody opens it: the database takes any bytes. */
export function notSealed(text: string): Sealed {
  return Buffer.from(text) as Sealed;
}

export type ConversationWorld = Awaited<ReturnType<typeof createConversationWorld>>;

async function addShop(owner: Client): Promise<ShopRef> {
  const shopId = newId<ShopId>();
  const pageId = newId<PageId>();
  await owner.query(
    `insert into shops (id, name, country, currency, time_zone, languages, agent_name, policies, order_timings,
      conversation_timings, created_at)
      values ($1, 'Shop', 'MM', 'MMK', 'Asia/Yangon', '{my}', 'Aye', '{}', '{}', '{}', now())`,
    [shopId],
  );
  await owner.query(
    `insert into subscriptions (shop_id, plan_code, plan_version, state, starts_at, ends_at, updated_at)
      values ($1, 'trial', 1, 'trial', now(), now() + interval '1 month', now())`,
    [shopId],
  );
  await owner.query(
    `insert into pages (shop_id, id, meta_page_id, name, token, state, created_at)
      values ($1, $2, $3, 'Page', 'token', 'connected', now())`,
    [shopId, pageId, `11${String(Date.now())}${randomInt(1_000)}`],
  );
  return { shopId, pageId };
}

async function addConversation(owner: Client, { shopId, pageId }: ShopRef): Promise<ConversationRef> {
  const customerId = newId<CustomerId>();
  await owner.query(
    "insert into subjects (shop_id, id, kind, created_at) values ($1, $2, 'customer', now())",
    [shopId, customerId],
  );
  await owner.query(
    `insert into customers (shop_id, id, page_id, psid_index, psid, created_at)
      values ($1, $2, $3, $4, 'psid', now())`,
    [shopId, customerId, pageId, Buffer.from(customerId)],
  );
  await owner.query(
    `insert into conversations (shop_id, customer_id, page_id, language, last_customer_action_at, created_at)
      values ($1, $2, $3, 'my', now(), now())`,
    [shopId, customerId, pageId],
  );
  return { shopId, customerId };
}
