import { describeRun } from "../report.ts";
import type { CampaignResult } from "./campaign.ts";
import { failpointNames } from "./failpoint-names.ts";
import { faultKinds } from "./faults/index.ts";

export type Run = { seed: number; result: CampaignResult };

/** As Markdown: what struck, what was left at the end, what was broken and how. */
export function describeRuns(runs: Run[], { minutes }: { minutes: number }): string {
  const results = runs.map(({ result }) => result);
  const faults = results.flatMap((result) => result.faults).filter(({ hasStruck }) => hasStruck);
  const strikes = results.flatMap((result) => result.strikes);
  const broken = runs.filter(({ result }) => result.violations.length > 0);
  const seeds = runs.map(({ seed }) => seed).join(", ");
  return [
    "",
    `${runs.length} campaigns of ${minutes} min, seeds ${seeds}, on ${describeRun()}: ${faults.length} faults, ${strikes.length} of them at failpoints; ` +
      `API and workers were started ${sum(results.map(({ starts }) => starts))} times.`,
    "",
    table("fault", count(faults.map(({ id, title }) => `${id} ${title}`))),
    table("failpoint struck", count(strikes.map(({ name }) => name))),
    `Never struck: ${neverStruck(runs).join(", ") || "none"}.`,
    "",
    table("at the end", addUp(results.map(({ counts }) => counts))),
    broken.length === 0 ? "Every invariant held." : broken.map(describeBroken).join("\n"),
    "",
  ].join("\n");
}

/** A long campaign in which a failpoint or a kind of fault never struck has not proved what it claims. */
export function neverStruck(runs: Run[]): string[] {
  const struck = new Set(
    runs.flatMap(({ result: { strikes, faults } }) => [
      ...strikes.map(({ name }) => name),
      ...faults.filter(({ hasStruck }) => hasStruck).map(({ title }) => title),
    ]),
  );
  return [...failpointNames, ...faultKinds.map(({ title }) => title)].filter((name) => !struck.has(name));
}

function describeBroken({ seed, result: { violations, trace } }: Run): string {
  const lines = violations.map(({ invariant, what }) => `- ${invariant}: ${what}`);
  return [`Seed ${seed}:`, "", ...lines, "", "```", trace ?? "", "```", ""].join("\n");
}

function count(names: string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const name of names.toSorted()) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

function addUp(all: Record<string, number>[]): Map<string, number> {
  const totals = new Map<string, number>();
  for (const [name, value] of all.flatMap((counts) => Object.entries(counts)))
    totals.set(name, (totals.get(name) ?? 0) + value);
  return totals;
}

function sum(numbers: number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}

function table(title: string, counts: Map<string, number>): string {
  const lines = [...counts].map(([name, times]) => `| ${name} | ${times} |`);
  return [`| ${title} | count |`, "| --- | ---: |", ...lines, ""].join("\n");
}
