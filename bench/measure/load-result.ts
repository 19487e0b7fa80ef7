import { closedLoop, openLoop } from "../load/drive.ts";
import type { Crowd, Tally } from "../load/crowd.ts";
import { cpuSeconds, difference } from "./processes.ts";
import type { Pids } from "./processes.ts";

export type LoadResult = {
  turns: number;
  unanswered: number;
  refused: number;
  perSecond: number;
  ackMs: number[];
  e2eMs: number[];
  /** Seconds of processor time a thousand turns, by process. */
  cpuPer1000: Record<string, number>;
};

export type LoadPlan = {
  crowd: Crowd;
  pids: () => Pids;
  seconds: number;
  /** Messages a second, or so many people who write as soon as they are answered. */
  load: { rate: number } | { atOnce: number };
};

/** Loads the system, and says what the turns took and cost. */
export async function measureLoad({ crowd, pids, seconds, load }: LoadPlan): Promise<LoadResult> {
  const cpuBefore = cpuSeconds(pids());
  const startedAt = performance.now();
  const tally: Tally =
    "rate" in load
      ? await openLoop(crowd, { ...load, seconds })
      : await closedLoop(crowd, { ...load, seconds });
  const lastedMs = performance.now() - startedAt;
  const cpu = difference(cpuSeconds(pids()), cpuBefore);
  const turns = tally.turns.length;
  const per1000 = Object.entries(cpu).map(([name, value]) => [name, (value * 1_000) / Math.max(1, turns)]);
  return {
    turns,
    unanswered: tally.unanswered,
    refused: tally.refused,
    perSecond: (turns * 1_000) / lastedMs,
    ackMs: tally.acks,
    e2eMs: tally.turns.map(({ e2eMs }) => e2eMs),
    cpuPer1000: Object.fromEntries(per1000) as Record<string, number>,
  };
}
