import { readdir } from "node:fs/promises";
import { afterAll, beforeAll, expect, test } from "vitest";

import { createKeyring } from "../../clients/keyring.ts";
import { createSealer } from "../../clients/sealer.ts";
import { accountPlace, findAccount } from "../../db/accounts.ts";
import { openKeyRows } from "../../db/key-rows.ts";
import type { KeyRowStore } from "../../db/key-rows.ts";
import type { AccountId } from "../../domain/id.ts";
import { bulkQueueOf } from "../../runtime/queues.ts";
import { statePaths } from "../../runtime/state-paths.ts";
import { keyRotationWorkflow } from "../../workflows/key-rotation.contract.ts";
import type { KeyRotation } from "../../workflows/key-rotation.contract.ts";
import { ActivityFailures } from "../support/fail-activities.ts";
import { openTestShop, startHouse } from "../support/house.ts";
import type { House, TestShop } from "../support/house.ts";
import { rowsOf } from "../support/outside.ts";
import { Customer } from "../support/people.ts";

/** Rotations are nobody's: their activities name no shop. */
const nobodys = "";

let house: House;
let shop: TestShop;
let rows: KeyRowStore;
const failures = new ActivityFailures((step) => step.startsWith("key."));
beforeAll(async () => {
  house = await startHouse({
    worker: {
      interceptors: failures.interceptors,
      deps: { atStep: failures.atStep, keyCacheTtlMs: 300 },
    },
  });
  shop = await openTestShop(house);
  rows = openKeyRows({ url: house.database.urls.keyring, maxConnections: 2, name: "test" });
});
afterAll(async () => {
  await rows.close();
  await house.close();
});

function rotate(workflowId: string): Promise<KeyRotation> {
  return house.core.temporal.client.workflow.execute(keyRotationWorkflow, {
    workflowId,
    taskQueue: bulkQueueOf(house.temporal.taskQueue),
    args: [],
  });
}

const epochs = () =>
  rowsOf<{ id: number; state: string }>(house, "select id, state from key_epochs order by id");
const keyFiles = async () =>
  (await readdir(statePaths(house.config.SHOPTHREAD_HOME).keyring))
    .filter((name) => name.includes("epoch"))
    .sort();

/** By a process that holds no key yet. */
async function readAddress(accountId: AccountId): Promise<string | undefined> {
  const keyring = await createKeyring({ folder: statePaths(house.config.SHOPTHREAD_HOME).keyring, rows });
  const account = await house.core.db.withoutShop((trx) => findAccount(trx, accountId));
  if (account === undefined) throw new TypeError("the account is gone");
  const place = accountPlace(accountId, "account.email");
  const [email] = await createSealer(keyring).open([{ place, sealed: account.email }]);
  return email?.toString("utf8");
}

test("the weekly change dies before, inside and after each of its steps, while customers write, and ends", async () => {
  failures.arm(nobodys, { kind: "every", when: ["before", "inside", "after"] });
  const customer = new Customer(house, shop);
  const rotation = rotate("rotation-that-dies");
  await customer.say("Hello");
  await customer.hearsText(/./);
  expect(await rotation).toEqual({ version: 1, epoch: 1, isDestroyed: true });
  expect(failures.namesStruckAt(nobodys, "before")).toEqual([
    "closeKeyEpoch",
    "countKeysLeft",
    "destroyKeyEpoch",
    "rewrapKeys",
  ]);
  expect(failures.namesStruckAt(nobodys, "after")).toEqual(failures.namesStruckAt(nobodys, "before"));
  expect(failures.namesStruckAt(nobodys, "inside")).toEqual(["key.page_rewrapped"]);
  failures.arm(nobodys, null);
  expect(await epochs()).toEqual([
    { id: 1, state: "destroyed" },
    { id: 2, state: "open" },
  ]);
  expect(await keyFiles()).toEqual(["epoch-2.key"]);
  expect(await readAddress(shop.accountId)).toBe(shop.owner.email);
  const other = new Customer(house, shop);
  await other.say("Hello");
  await other.hearsText(/./);
});

test("a change of an epoch that a restored database has open again ends, and destroys nothing", async () => {
  const before = await epochs();
  await house.restartWorker({
    deps: {
      keyCacheTtlMs: 1,
      keyRotator: { ...house.core.keyRotator, closeEpoch: () => Promise.resolve(before.at(-1)?.id ?? 0) },
    },
  });
  const ended = await rotate("rotation-of-an-open-epoch");
  expect(ended.isDestroyed).toBe(false);
  expect(await epochs()).toEqual(before);
  expect(await readAddress(shop.accountId)).toBe(shop.owner.email);
  await house.restartWorker({ deps: { keyCacheTtlMs: 1 } });
});

test("two changes at once change it once each or together, and nobody's key is lost", async () => {
  const ended = await Promise.all([rotate("rotation-one"), rotate("rotation-two")]);
  expect(ended.every(({ isDestroyed }) => isDestroyed)).toBe(true);
  const states = await epochs();
  expect(states.filter(({ state }) => state !== "destroyed")).toHaveLength(1);
  const files = await keyFiles(); // whoever came second may have made the next one already
  for (const { id, state } of states)
    expect(files.includes(`epoch-${id}.key`), `${id}`).toBe(state === "open");
  expect(await readAddress(shop.accountId)).toBe(shop.owner.email);
});
