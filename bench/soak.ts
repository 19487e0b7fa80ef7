import { setTimeout as wait } from "node:timers/promises";
import { parseArgs } from "node:util";

import { Crowd, newTally } from "./load/crowd.ts";
import type { Tally } from "./load/crowd.ts";
import { closedLoop, meetEverybody, openLoop } from "./load/drive.ts";
import { WebhookPoster } from "./load/webhook-poster.ts";
import { measureConnections } from "./measure/connections.ts";
import { countOpenWorkflows } from "./measure/history.ts";
import { round } from "./measure/percentile.ts";
import { memoryMib, openFiles } from "./measure/processes.ts";
import { judgeSeries } from "./measure/trend.ts";
import type { Sample } from "./measure/trend.ts";
import { numberOption } from "./options.ts";
import { publish } from "./report.ts";
import { startBenchSystem } from "./system/bench-system.ts";
import type { BenchSystem } from "./system/bench-system.ts";

export const soakHelp = `npm run bench -- soak [flags]

Loads the system for long, looks every ten seconds at memory, latency, open workflows, connections and open files, and says
of each whether the last third lies above the first. Ends with 1 when one grows or was not to be measured, or a message stays unanswered.

  --minutes N   length (default 30)
  --rate N      messages a second; by default 70 % of the saturation, which is measured first
  --crowd N     people (default 300)
  --out FILE    also write the report, as JSON when FILE ends so, else as Markdown`;

const everyMs = 10_000;
const shareOfSaturation = 0.7;
const connections = "connections";

function readOptions(args: string[]) {
  const text = (fallback: string) => ({ type: "string", default: fallback }) as const;
  const { values } = parseArgs({
    args,
    options: {
      minutes: text("30"),
      rate: { type: "string" },
      crowd: text("300"),
      out: { type: "string" },
    },
  });
  return {
    minutes: numberOption("minutes", values.minutes, { min: 0.5, max: 24 * 60 }),
    crowd: numberOption("crowd", values.crowd, { min: 1, max: 10_000 }),
    rate: values.rate === undefined ? undefined : numberOption("rate", values.rate, { min: 1, max: 1_000 }),
    out: values.out,
  };
}

export async function soak(args: string[]): Promise<boolean> {
  const options = readOptions(args);
  const { minutes, crowd: size } = options;
  const progress = (line: string) => console.error(line);
  const system = await startBenchSystem({ shops: 3, progress });
  try {
    const poster = new WebhookPoster(system.webhookUrl, system.appSecret);
    const pageIds = system.shops.map(({ metaPageId }) => metaPageId);
    const crowd = new Crowd(poster, pageIds, size);
    crowd.listen(system.outside);
    progress(`bench: ${size} people are met`);
    await meetEverybody(crowd, 8);
    const rate =
      options.rate ?? shareOfSaturation * (await closedLoop(crowd, { atOnce: 40, seconds: 15 })).perSecond;
    progress(`bench: ${round(rate)} messages a second for ${minutes} min`);
    const { samples, unanswered } = await sampled(system, crowd, { rate, minutes, progress });
    poster.close();
    const series = judgeSeries(samples);
    const isGood = unanswered === 0 && series.every(({ verdict }) => verdict === "flat");
    publish(
      {
        command: `npm run bench -- soak${args.map((arg) => ` ${arg}`).join("")}`,
        tables: [
          {
            title: `${round(rate)} messages a second for ${minutes} min`,
            head: ["what", "median of the first third", "of the last third", "verdict"],
            rows: series.map(({ name, first, last, verdict }) => [name, round(first), round(last), verdict]),
          },
        ],
        notes: [
          `${unanswered} messages stayed unanswered.`,
          "`load` is the bench itself; it remembers every message and is not judged.",
        ],
        data: { rate, unanswered, samples },
      },
      options.out,
    );
    return isGood;
  } finally {
    await system.stop();
  }
}

type Plan = { rate: number; minutes: number; progress: (line: string) => void };

/** The load goes on while it is looked at; what waits between two looks is part of what is seen. */
async function sampled(
  system: BenchSystem,
  crowd: Crowd,
  plan: Plan,
): Promise<{ samples: Sample[]; unanswered: number }> {
  const tally = newTally();
  const [samples] = await Promise.all([
    lookOften(system, tally, plan),
    openLoop(crowd, { rate: plan.rate, seconds: plan.minutes * 60, tally }),
  ]);
  return { samples, unanswered: tally.unanswered + tally.refused };
}

async function lookOften(system: BenchSystem, tally: Tally, { minutes, progress }: Plan): Promise<Sample[]> {
  const startedAt = performance.now();
  const looks = Math.floor((minutes * 60_000) / everyMs);
  const samples: Sample[] = [];
  let seen = 0;
  while (samples.length < looks) {
    const dueAt = startedAt + (samples.length + 1) * everyMs;
    await wait(Math.max(0, dueAt - performance.now()));
    const turns = tally.turns.slice(seen);
    seen += turns.length;
    const sample = await look(system, turns);
    samples.push(sample);
    progress(
      `bench: ${samples.length * (everyMs / 1_000)} s, ${turns.length} turns, ${JSON.stringify(sample)}`,
    );
  }
  return withoutGaps(samples);
}

/** A login without a connection has none; whatever else a look lacks was not measured. */
function withoutGaps(samples: Sample[]): Sample[] {
  const names = samples
    .flatMap((sample) => Object.keys(sample))
    .filter((name) => name.startsWith(connections));
  const none = Object.fromEntries(names.map((name) => [name, 0]));
  return samples.map((sample) => ({ ...none, ...sample }));
}

async function look(
  system: BenchSystem,
  turns: readonly { ackMs: number; e2eMs: number }[],
): Promise<Sample> {
  const { load: _own, ...pids } = system.pids();
  const named = (what: string, values: Record<string, number>) =>
    Object.entries(values).map(([name, value]) => [`${what}, ${name}`, value] as const);
  const at = (pick: (turn: (typeof turns)[number]) => number, share: number) => {
    const sorted = turns.map(pick).toSorted((left, right) => left - right);
    return Math.round(sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NaN);
  };
  return Object.fromEntries([
    ...named("MiB", memoryMib(pids)),
    ...named("open files", openFiles(pids)),
    ...named(connections, await measureConnections(system.owner)),
    ["open workflows", await countOpenWorkflows(system.core)],
    ["webhook answer p50 ms", at(({ ackMs }) => ackMs, 0.5)],
    ["end to end p50 ms", at(({ e2eMs }) => e2eMs, 0.5)],
    ["end to end p99 ms", at(({ e2eMs }) => e2eMs, 0.99)],
  ]);
}
