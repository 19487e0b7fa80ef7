import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";

import { UsageError, runCommand } from "../../runtime/run-command.ts";
import { describeRun } from "../report.ts";
import { runCampaign } from "./campaign.ts";
import type { CampaignOptions } from "./campaign.ts";
import { failpointNames } from "./failpoint-names.ts";
import { faultKinds } from "./faults/index.ts";
import { describeRuns, neverStruck } from "./report.ts";
import type { Run } from "./report.ts";

const help = `npm run campaign -- [--seed <n>] [--runs <n>] [--minutes <m>] [--shops <n>] [--customers <n>] [--fault <id>]… [--failpoint <name>]… [--keep] [--out <file>]

Runs the whole system as separate processes (API, two workers, Postgres, Temporal, simulators) in a temporary folder:
customers order, pay and cancel, owners decide and pay for plans, admins decide about those and pay commissions out, plans
end, Pages break, and faults strike. Then everything is repaired, comes to rest, and is checked from outside against the invariants. The seed decides who does what
and which faults strike when; what the machine makes of it differs a little each time.

  --seed <n>       default 1; printed, and enough to run the same plan again on the same commit
  --runs <n>       so many campaigns, each with the next seed; default 1; failpoints that did not strike yet come first
  --minutes <m>    how long faults strike, default 3; a fraction will do
  --shops <n>      default 3
  --customers <n>  of each shop, default 8
  --fault <id>     only this kind, as F39; may be given several times
  --failpoint <name>  only this one, as turn.stored or "after runTurn"; may be given several times. The campaign goes on,
                   up to eight times as long, until each has struck
  --no-disks       do not try to mount small file systems that can be filled up
  --keep           keep the folders, which are printed
  --out <file>     write the report as Markdown

Ends with 0 when every invariant held, 1 when one was broken, 2 when the campaign could not be made or, over half an
hour and all kinds of fault, left a failpoint unstruck. SIGINT or SIGTERM: the faults under way end, everything is stopped
and taken away, the campaigns before are reported, and it ends with 130.`;

const interruption = new AbortController();
const { signal } = interruption;
// A terminal and npm may both send it: more than one is no haste.
for (const name of ["SIGINT", "SIGTERM"] as const) process.on(name, () => interrupt(name));
await runCommand({ help, run: (args) => run(args).catch(unlessInterrupted) });
if (signal.aborted) process.exit(130);

function interrupt(name: string): void {
  if (signal.aborted) return;
  console.log(`${name}: the faults under way end, then everything is stopped`);
  interruption.abort(new Error(`interrupted by ${name}`));
}

function unlessInterrupted(error: unknown): boolean {
  if (signal.aborted) return false;
  throw error;
}

async function run(args: string[]): Promise<boolean> {
  const { values } = parseArgs({
    args,
    options: {
      seed: { type: "string", default: "1" },
      runs: { type: "string", default: "1" },
      minutes: { type: "string", default: "3" },
      shops: { type: "string", default: "3" },
      customers: { type: "string", default: "8" },
      fault: { type: "string", multiple: true },
      failpoint: { type: "string", multiple: true },
      "no-disks": { type: "boolean", default: false },
      keep: { type: "boolean", default: false },
      out: { type: "string" },
    },
  });
  const wanted = values.fault;
  const unknown = wanted?.find((id) => !faultKinds.some((kind) => kind.id === id));
  if (unknown !== undefined) throw new UsageError(`there is no fault ${unknown}`);
  const failpoints = values.failpoint;
  const unheard = failpoints?.find((name) => !failpointNames.includes(name));
  if (unheard !== undefined) throw new UsageError(`there is no failpoint ${unheard}`);
  const [seed, count] = [positive("--seed", values.seed), positive("--runs", values.runs)];
  const minutes = positive("--minutes", values.minutes);
  const options = {
    seconds: minutes * 60,
    shops: positive("--shops", values.shops),
    customersPerShop: positive("--customers", values.customers),
    hasSmallDisks: !values["no-disks"],
    ...(wanted ? { faults: ({ id }: { id: string }) => wanted.includes(id) } : {}),
    ...(failpoints ? { failpoints, mustStrikeAll: true } : {}),
    signal,
    say: (line: string) => console.log(line),
  };
  const runs: Run[] = [];
  for (let next = seed; next < seed + count; next += 1) {
    const struckBefore = new Set(runs.flatMap(({ result }) => result.strikes.map(({ name }) => name)));
    const result = await runInFolder({ ...options, seed: next, struckBefore }, values.keep).catch(
      unlessInterruptedAfter(runs),
    );
    if (!result) break;
    runs.push({ seed: next, result });
  }
  const report = describeRuns(runs, { minutes });
  console.log(report);
  if (values.out !== undefined) await writeFile(values.out, report);
  if (!wanted && !failpoints && minutes * count >= 30 && neverStruck(runs).length > 0)
    throw new Error(`the campaign proves nothing; never struck: ${neverStruck(runs).join(", ")}`);
  return runs.every(({ result }) => result.violations.length === 0);
}

/** The campaigns that came to their end are told of. */
function unlessInterruptedAfter(runs: readonly Run[]): (error: unknown) => undefined {
  return (error) => {
    if (!signal.aborted || runs.length === 0) throw error;
  };
}

async function runInFolder(options: Omit<CampaignOptions, "home">, isKept: boolean) {
  const home = await mkdtemp(join(tmpdir(), "shopthread-campaign-"));
  options.say(`campaign of seed ${options.seed} on ${describeRun()}, in ${home}`);
  try {
    return await runCampaign({ ...options, home });
  } finally {
    if (!isKept) await rm(home, { recursive: true, force: true });
  }
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (Number.isFinite(value) && value > 0) return value;
  throw new UsageError(`${name} must be a number above 0`);
}
