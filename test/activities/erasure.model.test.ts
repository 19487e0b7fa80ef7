import { afterAll, beforeAll, expect, test } from "vitest";

import { AppError } from "../../domain/app-error.ts";
import type { ErasureRef } from "../../workflows/erasure.contract.ts";
import { fc, runs } from "../support/properties.ts";
import { createErasureWorld, firstSteps, runsOf } from "./erasure-world.ts";
import type { ErasureWorld, Person, StepName } from "./erasure-world.ts";

let world: ErasureWorld;
beforeAll(async () => {
  world = await createErasureWorld();
});
afterAll(() => world.close());

type Step = StepName | "ship" | "deliver" | "ring" | "way";
const anyStep: fc.Arbitrary<Step> = fc.constantFrom<Step>(
  ...firstSteps,
  "endHolds",
  "completeCertificate",
  "ship",
  "deliver",
  "ring",
);
/** The whole way amid the noise, so that there often is something to break. */
const steps = fc.array(
  fc.oneof({ weight: 6, arbitrary: anyStep }, { weight: 1, arbitrary: fc.constant<Step>("way") }),
  {
    minLength: 4,
    maxLength: 24,
  },
);

/** What may be said of an erasure that is not as far yet; all else is a defect. */
const tooEarly = new Set(["erasure.not_found", "erasure.not_certified"]);

async function take(person: Person, ref: ErasureRef, step: Step): Promise<void> {
  const order = { shopId: person.shopId, orderId: person.orders.toSend };
  switch (step) {
    case "ship":
      return void (await world.decide(order, "shipOrder", { trackingIntakeId: null }));
    case "deliver":
      return void (await world.decide(order, "deliverOrder"));
    case "ring":
      return runsOf(person, world.executions);
    case "way":
      return world.run(ref, firstSteps);
    default:
      await world.activities[step](ref);
  }
}

type Seen = {
  stage: string | null;
  leg: number;
  state: string;
  keys: string[];
  held: string[];
  messages: number;
  certificates: number;
  listed: number;
};

async function look({ shopId, customerId }: Person): Promise<Seen> {
  const [row] = await world.rows<Omit<Seen, "listed">>(
    `select e.stage, coalesce(e.leg, 0) as leg, s.state,
      array(select purpose from subject_keys k where k.subject_id = s.id order by 1) as keys,
      array(select distinct purpose from holds h where h.subject_id = s.id and ended_at is null order by 1) as held,
      (select count(*)::int from messages m where m.customer_id = s.id) as messages,
      (select count(*)::int from certificates c where c.request_id = e.request_id) as certificates
    from subjects s left join erasures e on e.subject_id = s.id where s.shop_id = $1 and s.id = $2`,
    [shopId, customerId],
  );
  if (!row) throw new Error("a subject stays");
  const listed = world.erasureList.entries.filter(({ subjectId }) => subjectId === customerId).length;
  return { ...row, listed };
}

const before = ["planned", "fenced", "closed", "cleared"];

function check(seen: Seen): void {
  const { stage, leg, state, keys, held } = seen;
  const isFirstWay = leg <= 1 && (stage === null || before.includes(stage));
  expect(keys.includes("chat"), "the chat key goes at its stage, and never comes back").toBe(isFirstWay);
  for (const purpose of held) expect(keys, "what is held can be read").toContain(purpose);
  if (keys.length < 3) expect(seen.listed, "outside the database first").toBeGreaterThan(0);
  if (stage !== null && stage !== "planned") expect(["erasing", "erased"]).toContain(state);
  if (["removed", "certified"].includes(stage ?? "")) expect(seen.messages).toBe(0);
  if (seen.certificates > 0) expect(isFirstWay, "nobody certifies what is not done").toBe(false);
  if (state === "erased") expect(held, "an order goes on").not.toContain("order");
}

test("an erasure whose steps come in any order, and again, destroys nothing that is held and certifies nothing too early", async () => {
  const shop = await world.addTenant();
  await fc.assert(
    fc.asyncProperty(steps, async (story) => {
      const person = await world.addPerson(shop, { without: ["delivered"] });
      const ref = world.refOf(person);
      runsOf(person, world.executions);
      for (const step of story) {
        await take(person, ref, step).catch((error: unknown) => {
          if (!(error instanceof AppError) || !tooEarly.has(error.code)) throw error;
        });
        check(await look(person));
      }
    }),
    { numRuns: runs(12) },
  );
}, 60_000);
