import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

import { dataPurposes } from "../../domain/privacy/data-purpose.ts";
import {
  activityPurposes,
  loopPurposes,
  schedulePurposes,
  workflowPurposes,
} from "../../domain/privacy/process-purposes.ts";
import { checkoutFolder } from "../../runtime/config.ts";
import { renderInventory } from "../../runtime/render-inventory.ts";
import { scheduleIds } from "../../runtime/schedules.ts";
import { loopNames } from "../../runtime/worker-metrics.ts";

const read = (path: string) => readFileSync(join(checkoutFolder, path), "utf8");

test("docs/data-inventory.md is what npm run inventory writes", () => {
  expect(read("docs/data-inventory.md")).toBe(renderInventory());
});

/** Of those that run, the ones without a purpose; and the declared ones that are no more. */
function strayed(registered: readonly string[], declared: Record<string, unknown>): string[] {
  const named = Object.keys(declared);
  return [
    ...registered.filter((name) => !named.includes(name)),
    ...named.filter((name) => !registered.includes(name)),
  ];
}

function listWorkflows(): string[] {
  const exported = [...read("workflows/index.ts").matchAll(/export \{([^}]+)\}/g)];
  return exported.flatMap(([, names = ""]) => names.split(",").map((name) => name.trim())).filter(Boolean);
}

function listActivityGroups(): string[] {
  const folder = join(checkoutFolder, "activities");
  return readdirSync(folder).filter((name) => existsSync(join(folder, name, "index.ts")));
}

test("P:ONA-14 every workflow, group of activities, loop and schedule has declared its purposes", () => {
  expect(listWorkflows()).toContain("conversation");
  expect(strayed(listWorkflows(), workflowPurposes)).toEqual([]);
  expect(strayed(listActivityGroups(), activityPurposes)).toEqual([]);
  expect(strayed(loopNames, loopPurposes)).toEqual([]);
  expect(strayed(scheduleIds, schedulePurposes)).toEqual([]);
  expect(strayed([...scheduleIds, "profiling"], schedulePurposes)).toEqual(["profiling"]);
});

test("P:ONA-14 the page lists every purpose with its basis, and no other", () => {
  const [, table = ""] = /## Purposes\n\n([^#]+)/.exec(read("docs/data-inventory.md")) ?? [];
  const rows = [...table.matchAll(/^\| `(\w+)` \| [^|]+ \| ([^|]+) \|/gm)].map(([, name, basis]) => [
    name,
    basis,
  ]);
  expect(rows).toEqual(
    Object.entries(dataPurposes).map(([name, { basis }]) => [name, basis.replaceAll("_", " ")]),
  );
});
