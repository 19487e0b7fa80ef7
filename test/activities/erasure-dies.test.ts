import { afterAll, beforeAll, describe, expect, test } from "vitest";

import type { ErasureRef } from "../../workflows/erasure.contract.ts";
import { createErasureWorld, firstSteps, runsOf } from "./erasure-world.ts";
import type { ErasureWorld } from "./erasure-world.ts";

let world: ErasureWorld;
beforeAll(async () => {
  world = await createErasureWorld();
});
afterAll(() => world.close());

describe("an erasure that dies", () => {
  const inside = [
    ["fenceSubject", "erasure.indexed"],
    ["closeProcesses", "order.sealed"],
    ["closeProcesses", "order.committed"],
    ["closeProcesses", "erasure.cancelled"],
    ["destroyKeys", "erasure.listed"],
    ["removeRows", "erasure.rows_removed"],
    ["issueCertificate", "erasure.certified"],
  ] as const;

  test.each(inside)("at %s, in %s, ends as one that does not", async (name, step) => {
    await expectWhole(async (ref) => {
      await world.run(ref, firstSteps.slice(0, firstSteps.indexOf(name)));
      world.dying.at = step;
      await expect(world.activities[name](ref)).rejects.toThrow(`died at ${step}`);
      world.dying.at = "";
      await world.run(ref, firstSteps.slice(firstSteps.indexOf(name)));
    });
  });

  test("after each step, so that each runs again from the first on, ends as one that does not", async () => {
    await expectWhole(async (ref) => {
      for (const [index] of firstSteps.entries()) await world.run(ref, firstSteps.slice(0, index + 1));
    });
  });

  async function expectWhole(run: (ref: ErasureRef) => Promise<void>): Promise<void> {
    const shop = await world.addTenant();
    const person = await world.addPerson(shop);
    runsOf(person, world.executions);
    const ref = world.refOf(person);
    await run(ref);
    expect(await world.keysOf(person)).toEqual(["finance", "order"]);
    const { told, revision } = await world.newestCertificate(ref);
    expect(revision).toBe(1);
    expect(told.executions).toEqual({ deleted: 6, finished: 3, terminated: 3 });
    expect(told.keys.map(({ purpose }) => purpose)).toEqual(["chat"]);
    for (const { store, found, removed } of told.stores) {
      if (["messages", "turns", "intake", "outbox", "carts"].includes(store))
        expect([store, removed]).toEqual([store, found]);
    }
    const events = await world.rows<{ action: string }>(
      "select action from audit_events where shop_id = $1 and subject_id = $2 and action like 'erasure.%' order by id",
      [person.shopId, person.customerId],
    );
    expect(events.map(({ action }) => action)).toEqual([
      "erasure.planned",
      "erasure.begun",
      "erasure.evidence_closed",
      "erasure.keys_destroyed",
      "erasure.certified",
    ]);
  }
});
