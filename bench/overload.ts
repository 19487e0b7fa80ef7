import { parseArgs } from "node:util";

import { waitUntil } from "../runtime/wait-until.ts";
import { Crowd, newTally } from "./load/crowd.ts";
import type { Tally } from "./load/crowd.ts";
import { closedLoop, meetEverybody, openLoop } from "./load/drive.ts";
import { WebhookPoster } from "./load/webhook-poster.ts";
import { fateOf } from "./measure/lost.ts";
import type { Fate } from "./measure/lost.ts";
import { percentile, round, spread } from "./measure/percentile.ts";
import { numberOption } from "./options.ts";
import { publish } from "./report.ts";
import { startBenchSystem } from "./system/bench-system.ts";
import type { BenchSystem } from "./system/bench-system.ts";

export const overloadHelp = `npm run bench -- overload [flags]

Measures the rate at saturation, then writes faster than that, and waits until everything is answered. Ends with 1 when the
webhook's p99 is not below a second, when a message that was answered with 200 is lost or doubled, or when the queue does
not drain by itself. One shop writes the flood; what a customer of another shop waits meanwhile is shown beside it.

  --seconds N   length of the flood (default 30)
  --times N     how many times the saturation (default 3)
  --rate N      messages a second; the saturation is not measured then
  --crowd N     people of the flood (default 400)
  --drain N     seconds within which the queue must have drained (default 600)
  --out FILE    also write the report, as JSON when FILE ends so, else as Markdown`;

const ackGoalMs = 1_000;

type Options = ReturnType<typeof readOptions>;

function readOptions(args: string[]) {
  const text = (fallback: string) => ({ type: "string", default: fallback }) as const;
  const { values } = parseArgs({
    args,
    options: {
      seconds: text("30"),
      times: text("3"),
      rate: { type: "string" },
      crowd: text("400"),
      drain: text("600"),
      out: { type: "string" },
    },
  });
  return {
    seconds: numberOption("seconds", values.seconds, { min: 1, max: 3_600 }),
    times: numberOption("times", values.times, { min: 0.1, max: 20 }),
    rate: values.rate === undefined ? undefined : numberOption("rate", values.rate, { min: 0.1, max: 5_000 }),
    crowd: numberOption("crowd", values.crowd, { min: 1, max: 10_000 }),
    drainMs: 1_000 * numberOption("drain", values.drain, { min: 1, max: 3_600 }),
    out: values.out,
  };
}

export async function overload(args: string[]): Promise<boolean> {
  const options = readOptions(args);
  const progress = (line: string) => console.error(line);
  const system = await startBenchSystem({ shops: 2, progress });
  try {
    const seen = await flood(system, options, progress);
    const isGood = isGoodEnough(seen);
    const rows = rowsOf(seen, isGood);
    publish(
      {
        command: `npm run bench -- overload${args.map((arg) => ` ${arg}`).join("")}`,
        tables: [{ title: "Overload", head: ["what", "value"], rows }],
        notes: ["All messages of the flood are one shop's; the machine is shared with the load itself."],
        data: Object.fromEntries(rows),
      },
      options.out,
    );
    return isGood;
  } finally {
    await system.stop();
  }
}

type Seen = {
  saturation: number | undefined;
  rate: number;
  flood: Tally;
  /** Of the other shop's customer, before and meanwhile. */
  calm: Tally;
  beside: Tally;
  fate: Fate;
  accepted: number;
  /** From the flood's end until everything was answered. */
  drainedAfterMs: number | undefined;
};

async function flood(system: BenchSystem, options: Options, progress: (line: string) => void): Promise<Seen> {
  const [flooded, quiet] = system.shops;
  if (!flooded || !quiet) throw new TypeError("two shops were asked for");
  const poster = new WebhookPoster(system.webhookUrl, system.appSecret);
  const crowd = new Crowd(poster, [flooded.metaPageId], options.crowd);
  const other = new Crowd(poster, [quiet.metaPageId], 1);
  system.outside.onReply = (reply) => {
    crowd.hear(reply);
    other.hear(reply);
  };
  progress(`bench: ${options.crowd} people are met`);
  await meetEverybody(crowd, 8);
  await meetEverybody(other, 1);
  const saturation = options.rate === undefined ? await saturate(crowd) : undefined;
  const rate = options.rate ?? options.times * (saturation ?? 0);
  const { seconds, drainMs: patienceMs } = options;
  const calm = await keepTalking(other, { untilMs: performance.now() + 3_000, patienceMs });
  progress(`bench: ${round(rate)} messages a second for ${seconds} s`);
  const endsAt = performance.now() + seconds * 1_000;
  const [tally, beside] = await Promise.all([
    openLoop(crowd, { rate, seconds, patienceMs }),
    keepTalking(other, { untilMs: endsAt, patienceMs }),
  ]);
  progress("bench: waiting until everything is answered");
  const accepted = [...crowd.accepted, ...other.accepted];
  const isDrained = await waitUntil(async () => isAtRest(await fateOf(system, accepted)) || undefined, {
    timeoutMs: patienceMs,
    everyMs: 500,
  });
  poster.close();
  return {
    saturation,
    rate,
    flood: tally,
    calm,
    beside,
    fate: await fateOf(system, accepted),
    accepted: accepted.length,
    drainedAfterMs: isDrained ? performance.now() - endsAt : undefined,
  };
}

function isAtRest({ lost, dead, unclaimed, unanswered }: Fate): boolean {
  return lost + dead > 0 || unclaimed + unanswered === 0;
}

function isGoodEnough({ flood: { acks, refused }, fate, drainedAfterMs }: Seen): boolean {
  const isKept = fate.lost + fate.dead + fate.doubled === 0 && refused === 0;
  return isKept && drainedAfterMs !== undefined && percentile(acks, 0.99) < ackGoalMs;
}

function rowsOf(seen: Seen, isGood: boolean): [string, string][] {
  const { saturation, flood: tally, fate, drainedAfterMs, calm, beside } = seen;
  const waits = ({ turns }: Tally) => `${spread(turns.map(({ e2eMs }) => e2eMs))} (${turns.length} turns)`;
  return [
    ["saturation, turns/s", saturation === undefined ? "not measured" : round(saturation)],
    ["flood, messages/s", round(seen.rate)],
    ["webhook answer ms, p50/p99", spread(tally.acks)],
    ["messages accepted, refused", `${seen.accepted}, ${tally.refused}`],
    ["lost, dead letters, doubled", `${fate.lost}, ${fate.dead}, ${fate.doubled}`],
    ["left unanswered", String(fate.unclaimed + fate.unanswered)],
    [
      "drained after the flood's end, s",
      drainedAfterMs === undefined ? "not" : round(drainedAfterMs / 1_000),
    ],
    ["another shop's customer before the flood, ms", waits(calm)],
    ["another shop's customer during the flood, ms", waits(beside)],
    ["verdict", isGood ? "good" : "not good"],
  ];
}

async function saturate(crowd: Crowd): Promise<number> {
  return (await closedLoop(crowd, { atOnce: 40, seconds: 10 })).perSecond;
}

/** One person, one message after another. */
async function keepTalking(
  crowd: Crowd,
  { untilMs, patienceMs }: { untilMs: number; patienceMs: number },
): Promise<Tally> {
  const tally = newTally();
  const [talker] = crowd.talkers;
  if (talker === undefined) throw new TypeError("a crowd without people");
  while (performance.now() < untilMs) await crowd.talk(talker, tally, patienceMs);
  return tally;
}
