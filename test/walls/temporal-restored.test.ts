import { onTestFinished, test } from "vitest";

import { eventually } from "../support/eventually.ts";
import { openTestShop, startHouse } from "../support/house.ts";
import { startOwnTemporal } from "../support/own-temporal.ts";
import { Customer } from "../support/people.ts";

/** A minute in three seconds. */
const worker = { deps: { patience: { waitedMs: 1_000, lateMs: 3_000 } } };

async function asksAndHears(customer: Customer): Promise<void> {
  const before = (await customer.received()).length;
  await customer.say("How much is the Red Dress?");
  await eventually("an answer is heard", async () => (await customer.received()).length > before, 60_000);
}

test("answers everybody after an older copy of Temporal's database is put back under the worker", async () => {
  const temporal = await startOwnTemporal();
  const house = await startHouse({ temporal, worker });
  onTestFinished(() => house.close());
  const shop = await openTestShop(house);
  const customers = Array.from({ length: 4 }, () => new Customer(house, shop));
  for (const customer of customers) await asksAndHears(customer);
  await temporal.keepCopy();
  for (const [index, customer] of customers.entries()) {
    for (let turn = 0; turn <= 2 * index; turn += 1) await asksAndHears(customer);
  }

  await temporal.restoreCopy();
  await temporal.start();
  await Promise.all(customers.map(asksAndHears)); // a worker that remembers more takes a bell for one that it has heard
  await house.restartWorker(worker); // and one that remembers nothing finds histories that fit no code
  await Promise.all(customers.map(asksAndHears));
}, 300_000);
