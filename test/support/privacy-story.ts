import { toTypeId } from "../../domain/id.ts";
import type { PrivacyRequestId } from "../../domain/id.ts";
import { createProcesses } from "../../runtime/temporal-client.ts";
import { privacyWorkflowId } from "../../workflows/privacy-request.contract.ts";
import { eventually } from "./eventually.ts";
import { openTestShop } from "./house.ts";
import type { House, TestShop, TestShopOptions } from "./house.ts";
import { onlyCustomer, rowsOf, settled } from "./outside.ts";
import { Customer, Owner } from "./people.ts";

export type RequestRow = {
  id: PrivacyRequestId;
  state: string;
  kind: string;
  answer: string | null;
  version: number;
};

/** A shop, its owner, and a customer whom the agent has greeted. */
export type PrivacyStory = { house: House; shop: TestShop; owner: Owner; customer: Customer };

export async function openPrivacyStory(house: House, options: TestShopOptions = {}): Promise<PrivacyStory> {
  const shop = await openTestShop(house, options);
  const customer = new Customer(house, shop);
  await customer.say("What are your opening hours?");
  await customer.hearsText("9 to 19");
  await settled(house, shop.shopId);
  return { house, shop, owner: new Owner(house, shop), customer };
}

/** The customer writes the words, and taps Yes under the question. */
export async function askAndConfirm(story: PrivacyStory, words: string): Promise<void> {
  const { customer } = story;
  await customer.say(words);
  const { id } = await requestBecomes(story, "received");
  await customer.tap(await customer.offered(`privacyyes:${toTypeId("pvr", id)}`));
}

export function requestsOf({ house, shop }: PrivacyStory): Promise<RequestRow[]> {
  return rowsOf<RequestRow>(
    house,
    "select id, state, kind, answer, version from privacy_requests where shop_id = $1 order by id",
    [shop.shopId],
  );
}

/** Of one kind, where several are open. */
export function requestBecomes(
  story: PrivacyStory,
  state: string,
  kind?: string,
  timeoutMs?: number,
): Promise<RequestRow> {
  const find = async () => {
    const rows = await requestsOf(story);
    return rows.find((row) => row.state === state && (kind === undefined || row.kind === kind));
  };
  return eventually(`the request is ${state}`, find, timeoutMs);
}

export function handleOf({ house }: PrivacyStory, { id }: Pick<RequestRow, "id">) {
  return house.core.temporal.client.workflow.getHandle(privacyWorkflowId(toTypeId("pvr", id)));
}

/** As if its time had come: changes the row, and lets its process look. */
export async function hurry(story: PrivacyStory, row: RequestRow, set: string): Promise<void> {
  const { house, shop } = story;
  const sql = `update privacy_requests set ${set}, version = version + 1 where shop_id = $1 and id = $2`;
  await rowsOf(house, sql, [shop.shopId, row.id]);
  const { core, temporal } = house;
  const processes = createProcesses(core.temporal, temporal.taskQueue, () => undefined);
  await processes.ringPrivacyRequest({ shopId: shop.shopId, requestId: row.id });
}

/** Requests that are made from now on are tried again as soon as a test's are. */
export async function shortenRetries(house: House): Promise<void> {
  for (const sql of [
    `create function shorten_retries() returns trigger language plpgsql as $$ begin
      new.timings = new.timings || '{"activityRetryMs": 50}'; return new; end $$`,
    `create trigger shorten before insert on privacy_requests for each row execute function shorten_retries()`,
  ])
    await rowsOf(house, sql);
}

export function hasEnded(story: PrivacyStory, row: RequestRow): Promise<true> {
  return eventually(
    "its process has ended",
    async () => (await handleOf(story, row).describe()).status.name === "COMPLETED",
  );
}

export async function customerIdOf({ house, shop }: PrivacyStory): Promise<string> {
  return toTypeId("cus", await onlyCustomer(house, shop.shopId));
}
