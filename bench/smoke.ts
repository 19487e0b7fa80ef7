import { parseArgs } from "node:util";

import { round } from "./measure/percentile.ts";
import { countTurns } from "./measure/turn-counts.ts";
import { startBenchSystem } from "./system/bench-system.ts";

export const smokeHelp = `npm run bench -- smoke [--turns 20] [--statements]

Counts what one plain turn costs: events, signals, activities, workflow tasks, SQL statements and transactions by login.
No time is measured; test/runtime/turn-counts.test.ts holds the counts.

  --turns N      turns that are counted (default 20)
  --statements   print every statement with its number of calls a turn`;

export async function smoke(args: string[]): Promise<boolean> {
  const { values } = parseArgs({
    args,
    options: { turns: { type: "string", default: "20" }, statements: { type: "boolean", default: false } },
  });
  const system = await startBenchSystem({ shops: 1, progress: () => undefined });
  try {
    const { statements, ...counts } = await countTurns(system, Number(values.turns));
    console.log(JSON.stringify(counts, undefined, 2));
    if (!values.statements) return true;
    for (const { login, calls, ms, text } of statements) {
      const line = text.replaceAll(/\s+/g, " ").slice(0, 220);
      console.log(`${round(calls).padStart(6)} × ${round(ms).padStart(6)} ms  ${login.padEnd(10)} ${line}`);
    }
    return true;
  } finally {
    await system.stop();
  }
}
