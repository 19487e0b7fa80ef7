import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";

import { beginHumanMode, lockConversation } from "../../db/conversations.ts";
import { toTypeId } from "../../domain/id.ts";
import type { CustomerOf } from "../api/owner-rows.ts";
import type { Tenant } from "../api/owner-world.ts";
import { Halt, createSendWorld } from "./send-world.ts";
import type { SendWorld } from "./send-world.ts";

let world: SendWorld;
let tenant: Tenant;
let customer: CustomerOf;
beforeAll(async () => {
  world = await createSendWorld();
});
beforeEach(async () => {
  tenant = await world.addTenant();
  customer = await world.addQueued(tenant, ["first", "second"]);
});
afterAll(() => world.close());

/** As an owner does it; resolves with its answer. */
async function takeOver(): Promise<void> {
  const path = `/v1/conversations/${toTypeId("cus", customer.customerId)}/take-over`;
  expect((await world.ask("POST", path, { token: tenant.owner })).status).toBe(200);
}

async function setState(state: "frozen" | "active"): Promise<void> {
  await world.owner.query("update subjects set state = $2 where id = $1", [customer.customerId, state]);
}

const freeze = () => setState("frozen");

test("a claim waits for the take-over that was before it, and then claims nothing", async () => {
  const [afterLook, taken] = [new Halt(), new Halt()];
  const sender = world.sender("sender", { afterLook });
  const ended = sender.drain(customer);
  await afterLook.reached;
  const takingOver = world.deps.db.withShop(customer.shopId, async (trx) => {
    await lockConversation(trx, customer);
    await beginHumanMode(trx, { ...customer, until: new Date(Date.now() + 60_000) });
    await taken.here();
  });
  await taken.reached;
  afterLook.end();
  await world.waitsForALock("sender");
  taken.end();
  await Promise.all([takingOver, ended]);
  expect(sender.sent).toEqual([]);
  expect(await world.statesOf(customer)).toEqual(["dropped", "dropped"]);
});

test("a take-over waits for the claim that was before it: its answer finds that part on its way", async () => {
  const [inClaim, claimed] = [new Halt(), new Halt()];
  const sender = world.sender("sender", { inClaim, claimed });
  const ended = sender.drain(customer);
  await inClaim.reached;
  const answered = takeOver();
  await world.waitsForALock("test"); // the API's connections
  inClaim.end();
  await answered;
  expect(await world.statesOf(customer)).toEqual(["sending", "queued"]);
  claimed.end();
  await ended;
});

test.each([
  ["a take-over", takeOver, "dropped"],
  ["a freeze", freeze, "queued"],
] as const)("what was claimed before %s arrives, and nothing after it", async (_what, silence, rest) => {
  const claimed = new Halt();
  const sender = world.sender("sender", { claimed });
  const ended = sender.drain(customer);
  await claimed.reached;
  await silence();
  claimed.end();
  await ended;
  expect(sender.sent).toEqual(["first"]);
  expect(await world.statesOf(customer)).toEqual(["sent", rest]);
});

test.each([
  ["a take-over", takeOver, "dropped"],
  ["a freeze", freeze, "queued"],
] as const)(
  "what was claimed before %s arrives in the first half of its lease or not at all",
  async (_what, silence, rest) => {
    const [claimed, leaseMs] = [new Halt(), 600];
    const sender = world.sender("sender", { claimed, leaseMs });
    const ended = sender.drain(customer);
    await claimed.reached;
    await silence();
    const isHalfOver = `select 1 from outbox where customer_id = $1 and state = 'sending'
      and sending_at < now() - $2 * interval '1 millisecond'`;
    await world.sees("half of the lease is over", isHalfOver, [customer.customerId, leaseMs / 2]);
    claimed.end();
    await ended;
    expect(sender.sent).toEqual([]);
    expect(await world.statesOf(customer)).toEqual([rest, rest]);
  },
);

test("what may not have arrived when a person took over is not sent again", async () => {
  const inFlight = new Halt();
  const sender = world.sender("sender", { answer: { outcome: "unknown" }, inFlight });
  const ended = sender.drain(customer);
  await inFlight.reached;
  await takeOver();
  inFlight.end();
  await ended; // it asks Messenger, which has not got it
  expect(sender.sent).toEqual(["first"]);
  expect(await world.statesOf(customer)).toEqual(["dropped", "dropped"]);
});

test("what is queued for a person who is frozen waits, and is sent when that ends", async () => {
  const afterLook = new Halt();
  const sender = world.sender("sender", { afterLook });
  const ended = sender.drain(customer);
  await afterLook.reached;
  await freeze();
  afterLook.end();
  await ended;
  expect(sender.sent).toEqual([]);
  await setState("active");
  await sender.drain(customer);
  expect(sender.sent).toEqual(["first", "second"]);
});
