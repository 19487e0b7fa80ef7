import { afterAll, afterEach, beforeAll, expect, test } from "vitest";

import { isYes } from "../../domain/conversation/yes-words.ts";
import { ATTACK_NAMES } from "../../sim/model/answer-adversary.ts";
import { startHouse } from "../support/house.ts";
import type { House } from "../support/house.ts";
import { settled } from "../support/outside.ts";
import { Customer } from "../support/people.ts";
import {
  attack,
  buy,
  countAttacks,
  expectCleanPrompts,
  expectTrueAnswers,
  expectUntouchedRecords,
  openInjectionWorld,
} from "./injection-world.ts";
import type { InjectionWorld } from "./injection-world.ts";
import { injections } from "./injections/index.ts";

let house: House;
let world: InjectionWorld;
/** The neighbour's order, then one by an honest customer after each attack. */
let placed = 1;

beforeAll(async () => {
  house = await startHouse();
  world = await openInjectionWorld(house);
});
afterEach(() => world.outside.calm());
afterAll(() => house.close());

const customers = 8;

async function lastModelCall(): Promise<number> {
  return (await world.outside.calls("model")).at(-1)?.seq ?? 0;
}

/** Whatever came before, the shop still sells. */
async function honestCustomerBuys(): Promise<void> {
  await world.outside.calm();
  await buy(new Customer(house, world.shop));
  placed += 1;
  await settled(house, world.shop.shopId);
}

test("holds at least 200 texts in English and Burmese, none twice and none a yes", () => {
  const texts = injections.map((injection) => injection.texts.join("\n"));
  const said = injections.flatMap((injection) => injection.texts);
  expect(said.filter((text) => isYes(text, "en") || isYes(text, "my"))).toEqual([]);
  expect(new Set(texts).size).toBe(texts.length);
  expect(texts.length).toBeGreaterThanOrEqual(200);
  for (const language of ["en", "my"]) {
    const classes = injections.filter((injection) => injection.language === language);
    expect(new Set(classes.map((injection) => injection.class)).size).toBeGreaterThan(20);
  }
});

test("stays true to the records whatever customers write, with a model that follows its shop", async () => {
  const since = await lastModelCall();
  const attackers = await attack(world, injections, { customers, burst: 6 });
  await expectUntouchedRecords(world, { placed });
  await expectTrueAnswers(world, attackers);
  await expectCleanPrompts(world, since);
  await honestCustomerBuys();
}, 240_000);

test("stays true to the records when the model obeys every attacker, and does worse of itself", async () => {
  const since = await lastModelCall();
  await world.outside.setModel("adversary");
  // The words choose what the model does in the first pass; the second one goes through all that it can do.
  const free = await attack(world, injections, { customers, burst: 3 });
  const marked = await attack(world, injections.toReversed(), {
    customers,
    burst: 4,
    mark: (text, at) => `${text}\n[adversary: ${ATTACK_NAMES[at % ATTACK_NAMES.length]}]`,
  });
  await expectUntouchedRecords(world, { placed });
  await expectTrueAnswers(world, [...free, ...marked]);
  await expectCleanPrompts(world, since);
  const done = await countAttacks(world);
  expect(ATTACK_NAMES.filter((name) => done[name] === undefined)).toEqual([]);
  await honestCustomerBuys();
}, 240_000);
