import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";

import { takeInMissed } from "../../activities/upkeep/take-in-missed.ts";
import { findPage } from "../../db/pages.ts";
import type { HeardMessage } from "../../domain/ports/messenger-client.ts";
import { newPsid, ownAppId } from "../api/api-world.ts";
import type { CustomerOf } from "../api/owner-rows.ts";
import type { Tenant } from "../api/owner-world.ts";
import { createSendWorld } from "./send-world.ts";
import type { SendWorld } from "./send-world.ts";
import { upkeepDeps } from "./upkeep-deps.ts";

let world: SendWorld;
let shop: Tenant;
let customer: CustomerOf;
let psid: string;
beforeAll(async () => {
  world = await createSendWorld();
});
beforeEach(async () => {
  shop = await world.addTenant();
});
afterAll(() => world.close());

/** A customer to whom these words were sent, and nobody knows whether they arrived. */
async function writtenTo(texts: string[]): Promise<string[]> {
  customer = await world.addQueued(shop, texts);
  psid = newPsid();
  const index = await world.deps.blindIndexer.index(shop.shopId, "customer.psid", psid);
  await world.owner.query("update customers set psid_index = $2 where id = $1", [customer.customerId, index]);
  const { rows } = await world.owner.query<{ id: string }>(
    "update outbox set state = 'unknown', sending_at = now() where customer_id = $1 returning id",
    [customer.customerId],
  );
  return rows.map(({ id }) => id).toSorted();
}

type Item = { message: { mid: string; app_id?: string; metadata?: string } };

async function takeIn(messages: Partial<HeardMessage>[]): Promise<Item[]> {
  const { shopId, pageId } = shop;
  const page = await world.worker.withShop(shopId, (trx) => findPage(trx, { shopId, pageId }));
  if (page === undefined) throw new Error("no Page");
  const taken: object[] = [];
  const deps = upkeepDeps(world, {
    door: { receive: ({ items }) => Promise.resolve(taken.push(...items)) },
  });
  const heard = messages.map((message, index) => ({
    mid: `m_${index}`,
    psid,
    isFromPage: true,
    at: new Date(),
    text: "",
    attachments: [],
    ...message,
  }));
  await takeInMissed(deps, { page, messages: heard, openedAt: new Date() });
  return taken as Item[];
}

test("the Page's words are our own where a send of the same words may have arrived, else a person's", async () => {
  const [first] = await writtenTo(["It costs 45,000", "Anything else?"]);
  const items = await takeIn([{ text: "It costs 45,000" }, { text: "Come and see us" }]);
  expect(items.map(({ message }) => message)).toEqual([
    expect.objectContaining({ app_id: ownAppId, metadata: first }),
    expect.not.objectContaining({ app_id: ownAppId }),
  ]);
});

test("the same words, sent once and heard twice, are ours once", async () => {
  await writtenTo(["Anything else?"]);
  const items = await takeIn([{ text: "Anything else?" }, { text: "Anything else?" }]);
  expect(items.map(({ message }) => message.app_id)).toEqual([ownAppId, undefined]);
});
