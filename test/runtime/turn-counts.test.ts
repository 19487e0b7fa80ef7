import { afterAll, beforeAll, expect, test } from "vitest";

import { countTurns } from "../../bench/measure/turn-counts.ts";
import type { TurnCounts } from "../../bench/measure/turn-counts.ts";
import { startBenchSystem } from "../../bench/system/bench-system.ts";
import type { BenchSystem } from "../../bench/system/bench-system.ts";

/** Counts only: what they cost in time is another machine's matter. */
const turns = 10;
/** Statements of the settler, should it look at the conversation in the middle of a turn. */
const settler = 3;

let system: BenchSystem;
let counts: TurnCounts;
beforeAll(async () => {
  system = await startBenchSystem({ shops: 1, progress: () => undefined });
  counts = await countTurns(system, turns);
}, 120_000);
afterAll(() => system.stop());

test("a plain turn is ten events: one signal, one activity, two workflow tasks", () => {
  const { events, signals, activities, workflowTasks } = counts;
  expect({ events, signals, activities, workflowTasks }).toEqual({
    events: 10,
    signals: 1,
    activities: 1,
    workflowTasks: 2,
  });
});

test("a plain turn asks the model twice and the Graph API three times", () => {
  expect(counts.modelCalls).toBe(2);
  expect(counts.graphCalls).toBe(3);
});

test("the door takes a message in by ten statements and one look for the Page", () => {
  const page = counts.statements.find(
    ({ login, text }) => login === "app_system" && text.includes("meta_page_id"),
  );
  expect(counts.api.transactions).toBe(2);
  expect(counts.api.statements).toBeLessThan(11); // the console's listening connection says something now and then
  expect(page?.calls).toBe(1);
});

test("the worker answers it by 69 statements in nine transactions", () => {
  expect(counts.worker.statements).toBeLessThanOrEqual(69 + settler);
  expect(counts.worker.transactions).toBeLessThan(10);
});

test("the keyring is not asked for a key that was used a moment ago", () => {
  expect(counts.keyring.statements).toBe(0);
});
