import { setTimeout as wait } from "node:timers/promises";

import { newTally } from "./crowd.ts";
import type { Crowd, Tally } from "./crowd.ts";

export type OpenLoad = {
  rate: number;
  seconds: number;
  patienceMs?: number;
  /** Given by whoever looks at it meanwhile. */
  tally?: Tally;
};

/** `rate` messages a second, whatever comes back; each by somebody who waits for nothing. */
export async function openLoop(
  crowd: Crowd,
  { rate, seconds, patienceMs, tally = newTally() }: OpenLoad,
): Promise<Tally> {
  const total = Math.round(rate * seconds);
  const startedAt = performance.now();
  const open = new Set<Promise<void>>();
  let next = 0;
  for (let sent = 0; sent < total; sent += 1) {
    const dueInMs = startedAt + (sent * 1_000) / rate - performance.now();
    if (dueInMs > 0) await wait(dueInMs);
    next = findIdle(crowd, next);
    const talker = crowd.talkers[next];
    if (talker === undefined) throw new TypeError("a crowd without people");
    next += 1;
    const turn = crowd.talk(talker, tally, patienceMs).finally(() => open.delete(turn));
    open.add(turn);
  }
  await Promise.all(open);
  return tally;
}

/** The next person who waits for nothing; when all do, the next person. */
function findIdle(crowd: Crowd, from: number): number {
  const { talkers } = crowd;
  for (let step = 0; step < talkers.length; step += 1) {
    const index = (from + step) % talkers.length;
    const talker = talkers[index];
    if (talker && !crowd.isBusy(talker)) return index;
  }
  return from % talkers.length;
}

/** So many people at once, each of whom writes again as soon as the answer is there. */
export async function closedLoop(
  crowd: Crowd,
  { atOnce, seconds }: { atOnce: number; seconds: number },
): Promise<Tally & { perSecond: number }> {
  const tally = newTally();
  const startedAt = performance.now();
  const endsAt = startedAt + seconds * 1_000;
  const talkOn = async (index: number) => {
    const talker = crowd.talkers[index];
    if (talker === undefined) throw new TypeError("more at once than there are");
    while (performance.now() < endsAt) await crowd.talk(talker, tally);
  };
  const people = Math.min(atOnce, crowd.talkers.length);
  await Promise.all(Array.from({ length: people }, (_, index) => talkOn(index)));
  const lastedMs = performance.now() - startedAt;
  return { ...tally, perSecond: (tally.turns.length * 1_000) / lastedMs };
}

/** Each person says one thing, so many at once: the first contact, which costs more than what follows. */
export async function meetEverybody(crowd: Crowd, atOnce: number): Promise<Tally> {
  const tally = newTally();
  const rest = [...crowd.talkers];
  const work = async () => {
    for (let talker = rest.shift(); talker; talker = rest.shift()) await crowd.talk(talker, tally);
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return tally;
}
