import { parseArgs } from "node:util";

import { exceededCounts } from "./measure/expected-counts.ts";
import { round } from "./measure/percentile.ts";
import type { StatementRow } from "./measure/statements.ts";
import { countTurns } from "./measure/turn-counts.ts";
import { numberOption } from "./options.ts";
import { startBenchSystem } from "./system/bench-system.ts";

export const smokeHelp = `npm run bench -- smoke [--turns 20] [--statements]

Counts what one plain turn costs: events, signals, activities, workflow tasks, SQL statements and transactions by login.
No time is measured. Ends with 1 when one of them is higher than bench/measure/expected-counts.ts says, which
test/runtime/turn-counts.test.ts holds too.

  --turns N      turns that are counted (default 20)
  --statements   print every statement with its number of calls a turn`;

export async function smoke(args: string[]): Promise<boolean> {
  const { values } = parseArgs({
    args,
    options: { turns: { type: "string", default: "20" }, statements: { type: "boolean", default: false } },
  });
  const turns = numberOption("turns", values.turns, { min: 1, max: 1_000 });
  const system = await startBenchSystem({ shops: 1, progress: () => undefined });
  try {
    const counted = await countTurns(system, turns);
    const { statements, ...counts } = counted;
    console.log(JSON.stringify(counts, undefined, 2));
    if (values.statements) printStatements(statements);
    const exceeded = exceededCounts(counted);
    for (const line of exceeded) console.error(`bench: ${line}`);
    return exceeded.length === 0;
  } finally {
    await system.stop();
  }
}

function printStatements(statements: readonly StatementRow[]): void {
  for (const { login, calls, ms, text } of statements) {
    const line = text.replaceAll(/\s+/g, " ").slice(0, 220);
    console.log(`${round(calls).padStart(6)} × ${round(ms).padStart(6)} ms  ${login.padEnd(10)} ${line}`);
  }
}
