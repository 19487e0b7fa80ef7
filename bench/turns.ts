import { parseArgs } from "node:util";
import { setTimeout as wait } from "node:timers/promises";

import { startBaseline } from "./baseline/start-baseline.ts";
import type { RunningApp } from "./baseline/start-baseline.ts";
import { Crowd } from "./load/crowd.ts";
import { meetEverybody } from "./load/drive.ts";
import { WebhookPoster } from "./load/webhook-poster.ts";
import { measureConnections } from "./measure/connections.ts";
import { measureGrowth } from "./measure/growth.ts";
import { measureIdle } from "./measure/idle.ts";
import { measureLoad } from "./measure/load-result.ts";
import type { LoadResult } from "./measure/load-result.ts";
import { memoryMib } from "./measure/processes.ts";
import type { Pids } from "./measure/processes.ts";
import { countTurns } from "./measure/turn-counts.ts";
import { numberOption } from "./options.ts";
import { installPeers } from "./peer-apps.ts";
import { publish } from "./report.ts";
import { appId, startBenchSystem } from "./system/bench-system.ts";
import type { BenchSystem } from "./system/bench-system.ts";
import { tablesOf } from "./turns-tables.ts";
import type { TurnsData } from "./turns-tables.ts";

export const turnsHelp = `npm run bench -- turns [flags]

Measures the whole system, as processes of its own in a temporary folder, and in the same run the same turn without
durability. Only ratios within one run mean something on a machine that others use too. About six minutes.

  --seconds N    length of each load (default 20)
  --rate N       messages a second of the open loop (default 20)
  --at-once N    people of the closed loop (default 40)
  --crowd N      people in all (default 200)
  --shops N      shops they write to (default 3)
  --growth N     turns of the long conversation, 0 leaves it out (default 1000)
  --idle N       idle conversations, 0 leaves them out (default 10000)
  --counted N    turns whose statements and events are counted (default 20)
  --no-baseline  the product alone
  --peers        also the peers of bench/peers, which are installed first
  --out FILE     also write the report, as JSON when FILE ends so, else as Markdown
  --profile DIR  write V8's processor profiles of worker and API there; the figures are worse then`;

type Options = ReturnType<typeof readOptions>;

function readOptions(args: string[]) {
  const text = (fallback: string) => ({ type: "string", default: fallback }) as const;
  const flag = { type: "boolean", default: false } as const;
  const { values } = parseArgs({
    args,
    options: {
      seconds: text("20"),
      rate: text("20"),
      "at-once": text("40"),
      crowd: text("200"),
      shops: text("3"),
      growth: text("1000"),
      idle: text("10000"),
      counted: text("20"),
      "no-baseline": flag,
      peers: flag,
      out: { type: "string" },
      profile: { type: "string" },
    },
  });
  return {
    seconds: numberOption("seconds", values.seconds, { min: 1, max: 600 }),
    rate: numberOption("rate", values.rate, { min: 0.1, max: 1_000 }),
    atOnce: numberOption("at-once", values["at-once"], { min: 1, max: 1_000 }),
    crowd: numberOption("crowd", values.crowd, { min: 1, max: 10_000 }),
    shops: numberOption("shops", values.shops, { min: 1, max: 100 }),
    growth: numberOption("growth", values.growth, { max: 10_000 }),
    idle: numberOption("idle", values.idle, { max: 100_000 }),
    counted: numberOption("counted", values.counted, { min: 1, max: 1_000 }),
    hasPeers: values.peers,
    hasBaseline: !values["no-baseline"],
    out: values.out,
    profileTo: values.profile,
  };
}

export async function turns(args: string[]): Promise<boolean> {
  const options = readOptions(args);
  const progress = (line: string) => console.error(line);
  const { shops, profileTo } = options;
  const system = await startBenchSystem({
    shops,
    progress,
    ...(profileTo === undefined ? {} : { profileTo }),
  });
  try {
    const data = await measureAll(system, options, progress);
    const command = `npm run bench -- turns${args.map((arg) => ` ${arg}`).join("")}`;
    publish({ command, data, ...tablesOf(data, options) }, options.out);
    return data.variants.every(({ loads }) => loads.every(({ unanswered }) => unanswered === 0));
  } finally {
    await system.stop();
  }
}

async function measureAll(
  system: BenchSystem,
  options: Options,
  progress: (line: string) => void,
): Promise<TurnsData> {
  progress("bench: the first reply");
  const startedAt = performance.now();
  const counts = await countTurns(system, options.counted);
  const firstReplyMs = system.startUpMs + counts.firstMs;
  progress(`bench: counted, in ${Math.round(performance.now() - startedAt)} ms`);
  const variants = [
    { name: "Shopthread", loads: await loadSystem(system, options, progress) },
    ...(options.hasBaseline ? [await loadBaseline(system, options, progress)] : []),
    ...(options.hasPeers ? await loadPeers(system, options, progress) : []),
  ];
  progress("bench: one long conversation");
  const growth = options.growth > 0 ? await measureGrowth(system, options.growth) : undefined;
  progress("bench: idle conversations");
  const idle = options.idle > 0 ? await measureIdle(system, options.idle) : undefined;
  return {
    counts,
    variants,
    growth,
    idle,
    firstReplyMs,
    startUpMs: system.startUpMs,
    memoryMib: memoryMib(system.pids()),
    connections: await measureConnections(system.owner),
  };
}

function loadSystem(system: BenchSystem, options: Options, progress: (line: string) => void) {
  const { webhookUrl, shops } = system;
  const pageIds = shops.map(({ metaPageId }) => metaPageId);
  return loadAt(system, { webhookUrl, pageIds, pids: () => system.pids(), options, progress });
}

type Target = {
  webhookUrl: string;
  pageIds: string[];
  pids: () => Pids;
  options: Options;
  progress: (line: string) => void;
};

/** Open loop without and with a model that thinks, then the closed loop. */
async function loadAt(system: BenchSystem, target: Target): Promise<(LoadResult & { load: string })[]> {
  const { outside, appSecret } = system;
  const { options, progress, pids } = target;
  const poster = new WebhookPoster(target.webhookUrl, appSecret);
  const crowd = new Crowd(poster, target.pageIds, options.crowd);
  crowd.listen(outside);
  outside.modelMs = 0;
  progress(`bench: ${options.crowd} people are met`);
  await meetEverybody(crowd, 8);
  const { seconds, rate, atOnce } = options;
  const results = [];
  for (const modelMs of [0, 300]) {
    outside.modelMs = modelMs;
    progress(`bench: ${rate} messages a second, model at ${modelMs} ms`);
    const result = await measureLoad({ crowd, pids, seconds, load: { rate } });
    results.push({ ...result, load: `open-${modelMs}` });
    await wait(500);
  }
  outside.modelMs = 0;
  progress(`bench: ${atOnce} people at once`);
  results.push({
    ...(await measureLoad({ crowd, pids, seconds, load: { atOnce } })),
    load: "closed",
  });
  poster.close();
  return results;
}

async function loadBaseline(system: BenchSystem, options: Options, progress: (line: string) => void) {
  const app = await startBaseline(worldOf(system));
  try {
    return { name: "not durable", loads: await loadApp(system, app, { options, progress }) };
  } finally {
    await app.stop();
  }
}

async function loadPeers(system: BenchSystem, options: Options, progress: (line: string) => void) {
  const variants = [];
  for (const { name, start } of installPeers()) {
    const app = await start(worldOf(system));
    try {
      variants.push({ name, loads: await loadApp(system, app, { options, progress }) });
    } finally {
      await app.stop();
    }
  }
  return variants;
}

function worldOf({ ownerUrl, outside, appSecret }: BenchSystem) {
  return { databaseUrl: ownerUrl, outsideUrl: outside.url, appId, appSecret };
}

/** PostgreSQL serves the idle product beside it, whose share is known to be small. */
function loadApp(
  system: BenchSystem,
  { webhookUrl, pids: own }: RunningApp,
  given: Pick<Target, "options" | "progress">,
) {
  const pids = () => ({ ...own, postgres: system.pids()["postgres"] ?? 0, load: process.pid });
  return loadAt(system, { ...given, webhookUrl, pageIds: ["110000000000001"], pids });
}
