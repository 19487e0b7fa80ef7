import { afterAll, beforeAll, expect, test } from "vitest";

import { IntakeSweeper } from "../../activities/upkeep/intake-sweeper.ts";
import { openSystemDatabase } from "../../db/system-database.ts";
import type { SystemDatabase } from "../../db/system-database.ts";
import { newId } from "../../domain/id.ts";
import type { Processes } from "../../domain/ports/processes.ts";
import { eventually } from "../support/eventually.ts";
import { createConversationWorld } from "./conversation-world.ts";
import type { ConversationRef, ConversationWorld } from "./conversation-world.ts";

let world: ConversationWorld;
let system: SystemDatabase;

beforeAll(async () => {
  world = await createConversationWorld();
  system = openSystemDatabase({ url: world.urls.system, maxConnections: 2, name: "test" });
});
afterAll(async () => {
  await system.close();
  await world.close();
});

/** A sweeper of three blinks' patience, and the bells that it rang: late or not. */
function sweeperWith({ isTemporalAway }: { isTemporalAway: () => boolean }) {
  const rung: boolean[] = [];
  const refused = () => Promise.reject(new Error("temporal is away"));
  const processes: Processes = {
    ringConversation: async ({ isLate }) => {
      if (isTemporalAway()) await refused();
      rung.push(isLate === true);
    },
    ringErasure: refused,
    ringEvidence: refused,
    ringOrder: refused,
    ringUpgrade: refused,
    ringPayout: refused,
    ringBreach: refused,
    ringPrivacyRequest: refused,
    ringSubscription: refused,
    tendPage: refused,
    sweepRetention: refused,
  };
  const patience = { waitedMs: 0, lateMs: 300 };
  const clock = { now: () => new Date() };
  return { sweeper: new IntakeSweeper({ system, clock, processes, patience }), rung };
}

/** Words that wait for ten minutes already. */
async function hasWritten({ shopId, customerId }: ConversationRef): Promise<void> {
  const id = newId<string>();
  await world.owner.query(
    `insert into intake (shop_id, id, kind, customer_id, event_key, occurred_at, received_at)
      values ($1, $2::uuid, 'message', $3, $2::uuid::text::bytea, now() - interval '10 minutes', now() - interval '10 minutes')`,
    [shopId, id, customerId],
  );
}

test("takes nothing for late that it did not ring for, however old; then once in the time, not at every look", async () => {
  let isAway = true;
  const { sweeper, rung } = sweeperWith({ isTemporalAway: () => isAway });
  await hasWritten(await world.addConversation());

  await expect(sweeper.look()).rejects.toThrow("away");
  isAway = false;
  await sweeper.look();
  await sweeper.look();
  expect(rung).toEqual([false, false]);
  await eventually("it is late", async () => {
    await sweeper.look();
    return rung.at(-1);
  });
  await sweeper.look();
  expect(rung.filter(Boolean)).toHaveLength(1);
  expect(rung.at(-1)).toBe(false);
});
