import { afterAll, beforeAll, expect, test } from "vitest";

import { countsByName, exceededCounts, expectedCounts } from "../../bench/measure/expected-counts.ts";
import type { CountName } from "../../bench/measure/expected-counts.ts";
import { countTurns } from "../../bench/measure/turn-counts.ts";
import type { TurnCounts } from "../../bench/measure/turn-counts.ts";
import { startBenchSystem } from "../../bench/system/bench-system.ts";
import type { BenchSystem } from "../../bench/system/bench-system.ts";

/** Counts only: what they cost in time is another machine's matter. */
const turns = 10;

let system: BenchSystem;
let counts: TurnCounts;
beforeAll(async () => {
  system = await startBenchSystem({ shops: 1, progress: () => undefined });
  counts = await countTurns(system, turns);
}, 120_000);
afterAll(() => system.stop());

test("a plain turn is ten events: one signal, one activity, two workflow tasks", () => {
  expectSame(["events", "signals", "activities", "workflowTasks"]);
});

test("a plain turn asks the model twice and the Graph API three times", () => {
  expectSame(["modelCalls", "graphCalls"]);
});

test("the door takes a message in by ten statements and one look for the Page", () => {
  expectSame(["apiTransactions", "looksForPage"]);
});

test("neither door nor worker says more to the database than is expected", () => {
  expect(exceededCounts(counts)).toEqual([]);
});

test("the smoke bench names what is more than expected", () => {
  expect(exceededCounts({ ...counts, modelCalls: 3 })).toEqual(["modelCalls: 3 instead of 2"]);
});

test("the keyring is not asked for a key that was used a moment ago", () => {
  expectSame(["keyringStatements"]);
});

function expectSame(names: CountName[]): void {
  const of = (all: Record<CountName, number>) => Object.fromEntries(names.map((name) => [name, all[name]]));
  expect(of(countsByName(counts))).toEqual(of(expectedCounts));
}
