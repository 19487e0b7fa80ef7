import { expect, onTestFinished, test } from "vitest";

import { loadBackupKey } from "../../clients/backup-folder.ts";
import { createErasureList } from "../../clients/erasure-list.ts";
import { listUnevenGrants } from "../../db/system-credits.ts";
import type { SubjectId } from "../../domain/id.ts";
import { backUp } from "../../runtime/backup.ts";
import { systemClock } from "../../runtime/open-core.ts";
import { restore } from "../../runtime/restore.ts";
import { statePaths } from "../../runtime/state-paths.ts";
import { listRunning } from "../../runtime/temporal-client.ts";
import { eventually } from "../support/eventually.ts";
import { startHouse } from "../support/house.ts";
import type { House } from "../support/house.ts";
import {
  decide,
  listOrders,
  openStory,
  orderBecomes,
  place,
  slip,
  underReview,
} from "../support/order-story.ts";
import { rowsOf } from "../support/outside.ts";
import { Customer, Owner } from "../support/people.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { createTestDatabase } from "../support/test-database.ts";

async function openHouse(...options: Parameters<typeof startHouse>): Promise<House> {
  const house = await startHouse(...options);
  onTestFinished(() => house.close());
  return house;
}

/** The same state folder and outside world on a restored database, beside a Temporal that knows nothing of it. */
async function moveIn(old: House, database: House["database"]): Promise<House> {
  const { config } = old;
  return openHouse({
    database,
    env: {
      SHOPTHREAD_HOME: config.SHOPTHREAD_HOME,
      GRAPH_BASE_URL: config.GRAPH_BASE_URL,
      META_APP_ID: config.META_APP_ID ?? "",
      META_APP_SECRET: config.META_APP_SECRET.join(","),
    },
  });
}

async function loseTemporal({ core, temporal }: House): Promise<void> {
  for (const id of await listRunning(core.temporal, temporal.taskQueue))
    await core.temporal.client.workflow.getHandle(id).terminate();
}

async function idOf(house: House, orderId: string): Promise<SubjectId> {
  const [row] = await rowsOf<{ customer_id: SubjectId }>(
    house,
    "select customer_id from orders where number = (select max(number) from orders)",
  );
  if (row === undefined) throw new TypeError(`no customer of ${orderId}`);
  return row.customer_id;
}

type Message = Record<string, unknown>;
const messagesOf = (owner: Owner, customerId: string) =>
  owner.get<{ data: Message[] }>(`/v1/conversations/${customerId}/messages?limit=100`);

test("the drill: a backup from before X was erased comes back without X, Y is whole, and open orders go on", async () => {
  const house = await openHouse();
  const story = await openStory(house);
  const x = story.customer;
  const y = new Customer(house, story.shop);
  const orderOfX = await place(story);
  await x.sendSlip(slip());
  await decide(story.owner, await underReview(story.owner, orderOfX.id), "confirm-payment");
  const xId = await idOf(house, orderOfX.id);
  const orderOfY = await place({ ...story, customer: y }, { method: "Cash on delivery" });
  const yId = await idOf(house, orderOfY.id);
  const ofY = await eventually("all is sent and stored", async () => {
    const [open] = await rowsOf(
      house,
      "select 1 from outbox where state in ('queued', 'sending', 'unknown')",
    );
    return open === undefined && conversationOf(story.owner, orderOfY.id);
  });

  const home = house.config.SHOPTHREAD_HOME;
  const to = await tempFolder();
  const secret = await loadBackupKey(statePaths(home).keyring);
  const save = { ownerUrl: house.database.urls.owner, home, to, secret, keepDays: 30, clock: systemClock };
  const { name } = await backUp(save);
  const before = await listOrders(story.owner);

  const purposes = ["chat" as const, "order" as const];
  const list = createErasureList(statePaths(home).erasureList);
  await list.append([{ shopId: story.shop.shopId, subjectId: xId, purposes, at: new Date() }]);
  await rowsOf(house, "delete from subject_keys where subject_id = $1 and purpose <> 'finance'", [xId]);
  await backUp(save);
  await house.stopWorker();
  await loseTemporal(house);

  const database = await createTestDatabase();
  const ownerUrl = database.urls.owner;
  const quiet = () => undefined;
  await restore({ ownerUrl, home, from: to, set: name, secret, mayEmpty: true, progress: quiet });
  const restored = await moveIn(house, database);
  const owner = new Owner(restored, story.shop);

  expect(await listOrders(owner)).toEqual(before);
  expect(await listUnevenGrants(restored.core.system)).toEqual([]);
  expect(await conversationOf(owner, orderOfY.id)).toEqual(ofY);
  expect(await rowsOf(restored, "select 1 from messages where customer_id = $1", [xId])).toEqual([]);
  expect(await rowsOf(restored, "select 1 from messages where customer_id = $1", [yId])).not.toEqual([]);
  const psidOfX = "select encode(psid_index, 'hex') as psid from customers where id = $1";
  expect(await rowsOf(restored, psidOfX, [xId])).not.toEqual(await rowsOf(house, psidOfX, [xId]));
  expect(await rowsOf(restored, "select state from subjects where id = $1", [xId])).toEqual([
    { state: "erased" },
  ]);
  expect(await owner.get(`/v1/orders/${orderOfX.id}`)).toMatchObject({ contact: null, paymentState: "paid" });
  expect(await owner.get(`/v1/orders/${orderOfY.id}`)).toMatchObject({ contact: { name: "Ma Hla" } });

  await decide(owner, orderOfY, "accept-cash-on-delivery");
  for (const verb of ["ship", "deliver"]) await decide(owner, orderOfY, verb);
  await orderBecomes(owner, orderOfY.id, { orderState: "completed", paymentState: "paid" });
  await y.hearsText("has been delivered");
});

/** All that both said, as the owner reads it; marks of delivery come when they come. */
async function conversationOf(owner: Owner, orderId: string): Promise<unknown> {
  const { customerId } = await owner.get<{ customerId: string }>(`/v1/orders/${orderId}`);
  const { data } = await messagesOf(owner, customerId);
  return data.map((message) => {
    const { deliveredAt: _, readAt: __, state: ___, ...said } = message;
    return said;
  });
}
