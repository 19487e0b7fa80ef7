import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { findProcessingLimits, liftProcessingLimit, setProcessingLimit } from "../../db/processing-limits.ts";
import type { CustomerId, ShopId } from "../../domain/id.ts";
import { limitGrounds, processingLimits } from "../../domain/privacy/processing-limit.ts";
import type { LimitGround, ProcessingLimit } from "../../domain/privacy/processing-limit.ts";
import { fc, runs } from "../support/properties.ts";
import { createConversationWorld } from "./conversation-world.ts";
import type { ConversationWorld } from "./conversation-world.ts";

let world: ConversationWorld;
let person: { shopId: ShopId; customerId: CustomerId };
beforeAll(async () => {
  world = await createConversationWorld();
});
beforeEach(async () => {
  person = await world.addConversation();
});
afterAll(() => world.close());

type Change = { limit: ProcessingLimit; ground?: LimitGround };

function change(verb: typeof setProcessingLimit, { limit, ground = "request" }: Change): Promise<boolean> {
  const { shopId, customerId: subjectId } = person;
  const wanted = { shopId, subjectId, limit, ground, requestId: null, now: new Date() };
  return world.api.withShop(shopId, (trx) => verb(trx, wanted));
}
const set = (wanted: Change) => change(setProcessingLimit, wanted);
const lift = (wanted: Change) => change(liftProcessingLimit, wanted);

async function look(): Promise<{ state: string; limits: ProcessingLimit[] }> {
  const { shopId, customerId: subjectId } = person;
  const { rows } = await world.owner.query<{ state: string }>("select state from subjects where id = $1", [
    subjectId,
  ]);
  const limits = await world.api.withShop(shopId, (trx) => findProcessingLimits(trx, { shopId, subjectId }));
  return { state: rows[0]?.state ?? "", limits: [...limits].toSorted() };
}

test("a limit is in force while any ground for it is, and a person is frozen just while one restricts", async () => {
  const anyChange = fc.record({
    isSet: fc.boolean(),
    limit: fc.constantFrom(...processingLimits),
    ground: fc.constantFrom(...limitGrounds),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(anyChange, { maxLength: 12 }), async (changes) => {
      person = await world.addConversation();
      const open = new Set<string>();
      for (const { isSet, limit, ground } of changes) {
        const key = `${limit}/${ground}`;
        const isChange = isSet ? !open.has(key) : open.has(key);
        expect(await (isSet ? set : lift)({ limit, ground })).toBe(isChange);
        if (isSet) open.add(key);
        else open.delete(key);
        const limits = processingLimits.filter((one) =>
          limitGrounds.some((why) => open.has(`${one}/${why}`)),
        );
        expect(await look()).toEqual({
          state: limits.includes("restricted") ? "frozen" : "active",
          limits: limits.toSorted(),
        });
      }
    }),
    { numRuns: runs(15) },
  );
});

describe("of a person who is being erased", () => {
  test.each(["erasing", "erased"])("nothing is limited, and %s stays", async (state) => {
    await set({ limit: "restricted" });
    await world.owner.query("update subjects set state = $2 where id = $1", [person.customerId, state]);
    expect(await set({ limit: "no_ai" })).toBe(false);
    expect(await lift({ limit: "restricted" })).toBe(true);
    expect(await look()).toEqual({ state, limits: [] });
  });
});

test("what was written meanwhile is looked at when the limit is lifted, and by the agent only after a restriction", async () => {
  const sql = "select human_until, agent_from from conversations where customer_id = $1";
  const mode = async () =>
    (await world.owner.query<{ human_until: Date | null; agent_from: Date | null }>(sql, [person.customerId]))
      .rows[0];
  await set({ limit: "restricted" });
  await lift({ limit: "restricted" });
  expect(await mode()).toEqual({ human_until: new Date(0), agent_from: null });
  await set({ limit: "no_ai" });
  await lift({ limit: "no_ai" });
  expect((await mode())?.agent_from).toBeInstanceOf(Date);
});
