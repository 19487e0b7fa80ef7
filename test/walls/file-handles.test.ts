import { once } from "node:events";
import { Agent, request } from "node:http";
import type { IncomingMessage } from "node:http";
import { Client } from "pg";
import { expect, onTestFinished, test } from "vitest";
import type { TestContext } from "vitest";

import { findFreePort } from "../../runtime/free-port.ts";
import { taskQueues } from "../../runtime/queues.ts";
import { envelope, messageItem, newMid, newPsid, signedPost } from "../api/api-world.ts";
import { eventually } from "../support/eventually.ts";
import { exhaustHandles } from "../support/file-handles.ts";
import { openTestShop, startHouse } from "../support/house.ts";
import type { House, HouseOptions } from "../support/house.ts";
import { askForSummary, countHeard, listOrders, openStory } from "../support/order-story.ts";
import { rowsOf } from "../support/outside.ts";
import { startOwnTemporal } from "../support/own-temporal.ts";
import { spawnApi, spawnWorker } from "../support/worker-process.ts";

async function openHouse(options: HouseOptions = {}): Promise<House> {
  const house = await startHouse(options);
  onTestFinished(() => house.close());
  return house;
}

async function exhausted(context: TestContext, pid: number): Promise<() => Promise<void>> {
  const giveBack = await exhaustHandles(pid);
  return giveBack ?? context.skip("there is no prlimit here to take file handles away with");
}

/** Over a connection of the agent's; 0: there was no answer. */
async function statusOf(agent: Agent, url: string, { method = "GET", headers = {}, body }: RequestInit = {}) {
  const asking = request(url, { agent, method, headers: headers as Record<string, string> });
  asking.end(body);
  try {
    const [answer] = (await once(asking, "response")) as [IncomingMessage];
    answer.resume();
    await once(answer, "end");
    return answer.statusCode ?? 0;
  } catch {
    return 0;
  }
}

/** Nobody stores a message while `fn` runs. */
async function whileIntakeIsLocked(house: House, fn: () => Promise<unknown>): Promise<void> {
  const client = new Client({ connectionString: house.database.urls.owner });
  await client.connect();
  try {
    await client.query("begin");
    await client.query("lock table intake in exclusive mode");
    await fn();
  } finally {
    await client.end();
  }
}

test("an API without file handles refuses what it cannot store, and takes it when it has some again", async (context) => {
  const house = await openHouse();
  await house.stopWorker();
  const shop = await openTestShop(house);
  const port = await findFreePort(0, "a port");
  const api = spawnApi(house, port);
  await api.ready;
  const door = `http://127.0.0.1:${port}/webhooks/messenger`;
  const webhooks = Array.from({ length: 12 }, () => {
    const item = messageItem(shop, newPsid(), { mid: newMid(), text: "Hello" });
    const body = envelope({ metaPageId: shop.metaPageId, items: [item] });
    return signedPost(body, { secret: house.config.META_APP_SECRET[0] ?? "" });
  });
  const stored = async () =>
    (await rowsOf(house, "select 1 from intake where shop_id = $1", [shop.shopId])).length;

  const kept = new Agent({ keepAlive: true });
  onTestFinished(() => kept.destroy());
  const [first, ...others] = webhooks;
  expect(await statusOf(kept, door, first)).toBe(200);
  const live = webhooks.map(() => statusOf(kept, `http://127.0.0.1:${port}/health/live`));
  expect(new Set(await Promise.all(live))).toEqual(new Set([200]));
  const giveBack = await exhausted(context, api.pid);

  let answers: Promise<number>[] = [];
  await whileIntakeIsLocked(house, async () => {
    answers = others.map((webhook) => statusOf(kept, door, webhook));
    const refused = await Promise.race(answers);
    expect(refused).toBe(503);
  });
  const statuses = await Promise.all(answers);
  expect(new Set(statuses)).toEqual(new Set([200, 503]));
  expect(await stored()).toBe(1 + statuses.filter((status) => status === 200).length);

  await giveBack();
  const fresh = new Agent();
  const again = await Promise.all(webhooks.map((webhook) => statusOf(fresh, door, webhook)));
  expect(new Set(again)).toEqual(new Set([200]));
  expect(await stored()).toBe(webhooks.length);
  expect(api.hasEnded()).toBe(false);
}, 120_000);

test("a worker without file handles ends, and the next one places the order, once", async (context) => {
  const temporal = { ...(await startOwnTemporal()), taskQueue: taskQueues.main };
  const house = await openHouse({ temporal });
  const { owner, customer } = await openStory(house);
  const confirm = await askForSummary(customer);
  await house.stopWorker();
  const worker = spawnWorker(house);
  await worker.ready;
  await exhausted(context, worker.pid);

  await customer.tap(confirm);
  await eventually("it has ended", () => worker.hasEnded(), 60_000);
  spawnWorker(house);
  await customer.hearsText(account, 60_000);
  expect(await countHeard(customer, account)).toBe(1);
  expect(await listOrders(owner)).toHaveLength(1);
}, 240_000);

const account = "09 777 000 123"; // stands in the message that an order is placed
