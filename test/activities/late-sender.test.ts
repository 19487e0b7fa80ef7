import { afterAll, beforeAll, expect, test } from "vitest";

import { lockConversation } from "../../db/conversations.ts";
import type { CustomerOf } from "../api/owner-rows.ts";
import { Halt, createSendWorld } from "./send-world.ts";
import type { SendWorld } from "./send-world.ts";

let world: SendWorld;
beforeAll(async () => {
  world = await createSendWorld();
});
afterAll(() => world.close());

const leaseMs = 500;
const texts = ["first", "second"];

/** A sender that goes on when its lease is over. */
type Late = { sent: string[]; goOn: () => Promise<void> };

/** It waits for whoever has the conversation's lock; the lease that it gets then is counted from before the wait. */
async function waitsForTheLock(customer: CustomerOf): Promise<Late> {
  const [locked, afterLook] = [new Halt(), new Halt()];
  const holder = world.worker.withShop(customer.shopId, async (trx) => {
    await lockConversation(trx, customer);
    await locked.here();
  });
  await locked.reached;
  const { sent, drain } = world.sender("late", { leaseMs, afterLook });
  const ended = drain(customer);
  await world.waitsForALock("late");
  await isOlderThanItsLease();
  locked.end();
  await holder;
  await afterLook.reached;
  const isOver = "select 1 from conversations where customer_id = $1 and lease_until < now()";
  await world.sees("its lease is over", isOver, [customer.customerId]);
  return { sent, goOn: () => goOn(afterLook, ended) };
}

/** It has begun its look, and its transaction's time stands still with it. */
async function standsStill(customer: CustomerOf): Promise<Late> {
  const inLook = new Halt();
  const { sent, drain } = world.sender("late", { leaseMs, inLook });
  const ended = drain(customer);
  await inLook.reached;
  await isOlderThanItsLease();
  return { sent, goOn: () => goOn(inLook, ended) };
}

function isOlderThanItsLease(): Promise<true> {
  const sql = `select 1 from pg_stat_activity where datname = current_database() and application_name = 'late'
    and xact_start < now() - $1 * interval '1 millisecond'`;
  return world.sees("its look began longer ago than its lease lasts", sql, [leaseMs]);
}

function goOn(halt: Halt, ended: Promise<void>): Promise<void> {
  halt.end();
  return ended;
}

const ways = [
  ["waited for the conversation's lock", waitsForTheLock],
  ["stood still in its look", standsStill],
] as const;

/** The late one goes on to its end while another, which has the lease, is sending. */
async function overtaken(late: (customer: CustomerOf) => Promise<Late>) {
  const customer = await world.addQueued(await world.addTenant(), texts);
  const { sent, goOn } = await late(customer);
  const inFlight = new Halt();
  const other = world.sender("other", { inFlight });
  const otherEnded = other.drain(customer);
  await inFlight.reached;
  const before = await world.leaseOwner(customer);
  await goOn();
  const after = await world.leaseOwner(customer);
  inFlight.end();
  await otherEnded;
  return { customer, lateSent: sent, otherSent: other.sent, leaseOwners: { before, after } };
}

test.each(ways)(
  "a sender that %s beyond its lease sends nothing of what another sends",
  async (_how, late) => {
    const { lateSent, otherSent } = await overtaken(late);
    expect({ lateSent, otherSent }).toEqual({ lateSent: [], otherSent: texts });
  },
);

test.each(ways)("a sender that %s beyond its lease leaves the other's lease alone", async (_how, late) => {
  const { leaseOwners } = await overtaken(late);
  expect(leaseOwners.before).not.toBeNull();
  expect(leaseOwners.after).toBe(leaseOwners.before);
});
