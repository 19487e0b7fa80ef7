import { expect, test } from "vitest";

import { runCampaign } from "../../bench/campaign/campaign.ts";
import { tempFolder } from "../support/temp-folder.ts";

const seed = 7;
const failpoints = [
  "turn.claimed",
  "turn.stored",
  "outbox.claimed",
  "outbox.sent",
  "db.after_commit",
  "temporal.after_signal",
];
/** Those that strike at once, and a machine of two cores bears beside the other tests. */
const faults: ReadonlySet<string> = new Set([
  "F01",
  "F03",
  "F08",
  "F15",
  "F25",
  "F31",
  "F32",
  "F34",
  "F38",
  "F39",
]);

test(`nothing is lost, doubled or stuck when every process is killed and webhooks repeat (seed ${seed})`, async () => {
  const lines: string[] = [];
  const result = await runCampaign({
    seed,
    seconds: 30,
    home: await tempFolder(),
    shops: 2,
    customersPerShop: 3,
    hasSmallDisks: false,
    faults: ({ id }) => faults.has(id),
    failpoints,
    mustStrikeAll: true,
    say: (line) => lines.push(line),
  });
  const story = [...lines, result.trace ?? ""].join("\n");
  expect(result.violations, story).toEqual([]);
  const struck = new Set(result.strikes.map(({ name }) => name));
  const missed = failpoints.filter((name) => !struck.has(name));
  expect(missed, story).toEqual([]);
  expect(result.counts["orders placed"], story).toBeGreaterThan(0);
}, 600_000);
