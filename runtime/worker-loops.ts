import { setMaxListeners } from "node:events";
import { setTimeout as wait } from "node:timers/promises";
import { Client } from "pg";

import { chainAudit } from "../activities/upkeep/chain-audit.ts";
import { checkGateways } from "../activities/gateway/check-gateways.ts";
import { openAccessReviews } from "../activities/upkeep/open-access-reviews.ts";
import { OutboxSettler } from "../activities/upkeep/outbox-settler.ts";
import { PolicyTeller } from "../activities/upkeep/policy-teller.ts";
import { removeLooseObjects } from "../activities/upkeep/remove-loose-objects.ts";
import { sendMails } from "../activities/upkeep/send-mails.ts";
import { sendPushes } from "../activities/upkeep/send-pushes.ts";
import { tendDisclosures } from "../activities/upkeep/tend-disclosures.ts";
import { tendCredits } from "../activities/upkeep/tend-credits.ts";
import { tellOfBreakGlass } from "../activities/upkeep/tell-of-break-glass.ts";
import { IntakeSweeper } from "../activities/upkeep/intake-sweeper.ts";
import type { UpkeepDeps } from "../activities/upkeep/upkeep-deps.ts";
import type { Config } from "./config.ts";
import type { LoopName } from "./worker-metrics.ts";

/** Milliseconds between two looks of each loop. */
export const loopIntervals = { settleMs: 1_000, sweepMs: 5_000, pushMs: 1_000, scheduleMs: 30_000 };

export type Loops = { stop(): Promise<void> };

export type LoopOptions = {
  intervals?: typeof loopIntervals | undefined;
  /** Makes the schedules that Temporal does not know, and answers how many: more than none means that it lost its database. */
  restoreSchedules(): Promise<number>;
  onRun(loop: LoopName, isDone: boolean): void;
};

/**
 * What must work while Temporal is away or just back: sending what was queued, ringing for what nobody claimed, removing
 * bytes that nothing names, telling of policies, tending credits, pushing notices, mailing, speaking with payment providers. An owner's message
 * wakes the sender at once by Postgres NOTIFY; the clock finds whatever a lost notice left.
 */
export function startLoops(
  deps: UpkeepDeps,
  config: Config,
  { intervals = loopIntervals, restoreSchedules, onRun }: LoopOptions,
): Loops {
  const loop = (look: Loop) => keepLooking(deps, look, onRun);
  const stop = new AbortController();
  setMaxListeners(0, stop.signal); // each loop listens while it pauses
  const byClock = (name: LoopName, work: Loop["work"], ms: number) =>
    loop({ name, work, pause: () => nap(ms, stop.signal), stop: stop.signal });
  const sender = wakeable(stop.signal);
  const payer = wakeable(stop.signal);
  const wakeBoth = () => {
    sender.wake();
    payer.wake();
  };
  const settler = new OutboxSettler(deps);
  const sweeper = new IntakeSweeper(deps);
  const policyTeller = new PolicyTeller(deps);
  const loops = [
    loop({
      name: "settle",
      work: () => settler.look(),
      pause: () => sender.sleep(intervals.settleMs),
      stop: stop.signal,
    }),
    loop({
      name: "gateways",
      work: () => checkGateways(deps),
      pause: () => payer.sleep(intervals.settleMs),
      stop: stop.signal,
    }),
    byClock("sweep", () => sweeper.look(), intervals.sweepMs),
    byClock("objects", () => removeLooseObjects(deps), intervals.sweepMs),
    byClock("policies", () => policyTeller.look(), intervals.scheduleMs),
    byClock("credits", () => tendCredits(deps), intervals.sweepMs),
    byClock("push", () => sendPushes(deps), intervals.pushMs),
    byClock("mail", () => sendMails(deps), intervals.pushMs),
    byClock("audit", () => chainAudit(deps), intervals.sweepMs),
    byClock("access", () => tellOfBreakGlass(deps), intervals.sweepMs),
    byClock("reviews", () => openAccessReviews(deps), intervals.scheduleMs),
    byClock("disclosures", () => tendDisclosures(deps), intervals.sweepMs),
    byClock("schedules", () => restoreSchedules(), intervals.scheduleMs),
    listen(deps, { url: config.DATABASE_URL_WORKER ?? "", wake: wakeBoth, stop: stop.signal }),
  ];
  return {
    stop: async () => {
      stop.abort();
      await Promise.all(loops);
      await settler.stop();
    },
  };
}

type Loop = { name: LoopName; work(): Promise<number>; pause(): Promise<void>; stop: AbortSignal };

async function keepLooking(
  deps: UpkeepDeps,
  { name, work, pause, stop }: Loop,
  onRun: LoopOptions["onRun"],
): Promise<void> {
  let failures = 0;
  while (!stop.aborted) {
    try {
      await work();
      failures = 0;
      onRun(name, true);
    } catch (error) {
      failures += 1;
      onRun(name, false);
      // The first of a row tells; an outage must not fill the disk with its log.
      if (failures === 1) deps.log.warn({ err: error, loop: name }, "loop.failed");
    }
    await pause();
  }
}

async function nap(ms: number, signal: AbortSignal): Promise<void> {
  await wait(ms, undefined, { signal }).catch(() => undefined);
}

/** A sleep that a notice ends early; a notice that comes while awake ends the next one. */
function wakeable(stop: AbortSignal) {
  let isRung = false;
  let end = () => {};
  return {
    wake: () => {
      isRung = true;
      end();
    },
    sleep: async (ms: number) => {
      if (!isRung) {
        const early = new AbortController();
        end = () => early.abort();
        stop.addEventListener("abort", end, { once: true });
        if (!stop.aborted) await nap(ms, early.signal);
        stop.removeEventListener("abort", end);
      }
      isRung = false;
    },
  };
}

const reconnectMs = 2_000;

/** One connection of its own that hears `send`; while it is away the clock does. */
async function listen(
  deps: UpkeepDeps,
  { url, wake, stop }: { url: string; wake: () => void; stop: AbortSignal },
): Promise<void> {
  while (!stop.aborted) {
    const client = new Client({ connectionString: url, application_name: "worker listen" });
    const lost = new Promise<void>((resolve) => {
      client.on("error", () => resolve());
      client.on("end", () => resolve());
      stop.addEventListener("abort", () => resolve(), { once: true });
    });
    try {
      await client.connect();
      client.on("notification", wake);
      await client.query("listen send");
      await lost;
    } catch (error) {
      deps.log.warn({ err: error }, "listen.failed");
    }
    await client.end().catch(() => undefined);
    await nap(reconnectMs, stop);
  }
}
