import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";

import { findFreePort } from "../../runtime/free-port.ts";
import { eventually } from "../support/eventually.ts";
import { openTestShop, startHouse } from "../support/house.ts";
import type { House } from "../support/house.ts";
import { Customer } from "../support/people.ts";
import { readSamples } from "../support/prometheus.ts";
import type { Sample } from "../support/prometheus.ts";

type Rule = { alert: string; expr: string; for: string; severity: string; summary: string; runbook: string };
type Panel = {
  id: number;
  type: string;
  title: string;
  datasource?: { uid: string };
  targets?: { expr: string; datasource: { uid: string } }[];
};
type Dashboard = { templating: { list: { name: string; type: string; query: string }[] }; panels: Panel[] };

const read = (name: string) => readFileSync(new URL(`../../docs/${name}`, import.meta.url), "utf8");
const rules = read("alerts.yml")
  .split(/^ {6}- /m)
  .slice(1)
  .map(toRule);
const dashboard = JSON.parse(read("grafana/shopthread.json")) as Dashboard;

function toRule(text: string): Rule {
  const field = (name: string) =>
    new RegExp(`^ *${name}: ["']?(.+?)["']?$`, "m").exec(text)?.[1] ?? `no ${name}`;
  return {
    alert: field("alert"),
    expr: field("expr"),
    for: field("for"),
    severity: field("severity"),
    summary: field("summary"),
    runbook: field("runbook"),
  };
}

let house: House;
/** Everything that API and worker show, by the names of the samples; histograms by the name of their type. */
let samples: Sample[];
let types: Set<string>;

beforeAll(async () => {
  const port = await findFreePort(0, "a port");
  house = await startHouse({ env: { SHOPTHREAD_WORKER_METRICS_PORT: String(port) } });
  const customer = new Customer(house, await openTestShop(house));
  await customer.say("Hello");
  await customer.hearsText(/./);
  const scrape = async () => {
    const addresses = [`${house.apiUrl}/metrics`, `http://127.0.0.1:${port}/metrics`];
    return (await Promise.all(addresses.map(async (url) => (await fetch(url)).text()))).join("\n");
  };
  const text = await eventually("Temporal's core has seen a workflow task", async () => {
    const shown = await scrape();
    return shown.includes("temporal_workflow_task_execution_latency_seconds_count{") && shown;
  });
  samples = readSamples(text);
  types = new Set([...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name = ""]) => name));
});
afterAll(() => house.close());

/** Shown by Prometheus itself and by the node exporter. */
const fromElsewhere = /^(?:up|node_\w+)$/;

/** `name{label="value",…}` for each metric of an expression. */
function selectorsOf(expr: string): { name: string; labels: [string, string][] }[] {
  const selectors = [
    ...expr.matchAll(/\b((?:shopthread|temporal|nodejs|process|node)_\w+|up)\b(?:\{([^}]*)\})?/g),
  ];
  return selectors.map(([, name = "", labels = ""]) => ({
    name,
    labels: [...labels.matchAll(/(\w+)="([^"]*)"/g)].map(([, label = "", value = ""]) => [label, value]),
  }));
}

/** Names that nobody shows, and values that a label never has. */
function unknownIn(expr: string): string[] {
  return selectorsOf(expr).flatMap(({ name, labels }) => {
    if (fromElsewhere.test(name)) return [];
    const base = types.has(name) ? name : name.replace(/_(?:bucket|count|sum)$/, "");
    if (!types.has(base)) return [name];
    const shown = samples.filter((sample) => sample.name === name);
    const fits = (sample: Sample) =>
      labels.every(([label, value]) => label === "job" || sample.labels[label] === value);
    // A histogram's label has only the values that came up so far.
    return base !== name || shown.length === 0 || shown.some(fits)
      ? []
      : [`${name} ${JSON.stringify(labels)}`];
  });
}

test("every alarm looks at figures that API and worker really show", () => {
  expect(rules.length).toBeGreaterThan(20);
  expect(rules.flatMap(({ alert, expr }) => unknownIn(expr).map((name) => `${alert}: ${name}`))).toEqual([]);
  expect(rules.filter(({ expr }) => selectorsOf(expr).length === 0)).toEqual([]);
});

test("every alarm says how bad it is, what it means and where to read on", () => {
  for (const rule of rules) {
    expect(rule.for).toMatch(/^\d+m$/);
    expect(rule.severity).toMatch(/^(?:warning|critical)$/);
    expect(rule.summary).toMatch(/\w.*\.$|\)\.$/);
    expect(rule.runbook).toBe(`docs/runbook.md#${rule.alert.toLowerCase()}`);
  }
});

test("the runbook has one entry for each alarm and none besides, with all its parts", () => {
  const entries = read("runbook.md").split(/^## /m).slice(1);
  const headings = entries.map((entry) => entry.split("\n")[0] ?? "");
  const byName = (left: string, right: string) => left.localeCompare(right);
  const names = rules.map(({ alert }) => alert);
  expect(headings.toSorted(byName)).toEqual(names.toSorted(byName));
  const parts = ["Means", "Causes", "Look at", "Do", "Do not"].map((part) => `- **${part}:** `);
  for (const entry of entries)
    for (const part of parts) expect(entry.split(part), `${entry.split("\n")[0]}: ${part}`).toHaveLength(2);
});

test("every panel of the dashboard shows figures that are there, from the source that is chosen", () => {
  expect(dashboard.templating.list).toMatchObject([
    { name: "datasource", type: "datasource", query: "prometheus" },
  ]);
  const ids = dashboard.panels.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  const panels = dashboard.panels.filter(({ type }) => type !== "row");
  expect(panels.length).toBeGreaterThan(20);
  const targets = panels.flatMap(({ title, targets = [] }) =>
    targets.map((target) => ({ title, ...target })),
  );
  expect(targets.length).toBeGreaterThanOrEqual(panels.length);
  for (const { datasource } of [...panels, ...targets]) expect(datasource?.uid).toBe("${datasource}");
  expect(targets.flatMap(({ title, expr }) => unknownIn(expr).map((name) => `${title}: ${name}`))).toEqual(
    [],
  );
});

test("every figure of ours is watched: by an alarm, or on the dashboard", () => {
  const watched = [...rules, ...dashboard.panels.flatMap(({ targets = [] }) => targets)]
    .flatMap(({ expr }) => selectorsOf(expr))
    .map(({ name }) => name.replace(/_(?:bucket|count|sum)$/, ""));
  const ours = [...types].filter((name) => name.startsWith("shopthread_"));
  expect(ours.filter((name) => !watched.includes(name))).toEqual([]);
});
