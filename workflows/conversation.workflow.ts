import {
  condition,
  continueAsNew,
  defineSignal,
  proxyActivities,
  setHandler,
  sleep,
  workflowInfo,
} from "@temporalio/workflow";

import { bell } from "./conversation.contract.ts";
import type { ConversationActivities, ConversationInput } from "./conversation.contract.ts";
import type { ConversationTimings } from "../domain/conversation/timings.ts";

/** Keeps replays short: a turn is ten events, and a run is suggested to end at 4,096. */
const turnsPerRun = 100;

/**
 * One conversation at a time: it wakes on a bell, answers a burst once, carries out what the turn decided,
 * and ends when idle. The facts are in Postgres; a bell says only "look".
 */
export async function conversation(input: ConversationInput): Promise<void> {
  const { shopId, customerId, timings } = input;
  const { runTurn, carryOutDecision } = activities(timings);
  let isRung = true; // started means: somebody rang
  let lastTurnAt = Date.now();
  let turns = 0;

  setHandler(defineSignal(bell), () => {
    isRung = true;
  });
  const idle = startIdleTimer(timings.idleEndMs);

  for (;;) {
    while (isRung) {
      isRung = false;
      const turn = await runTurn({ shopId, customerId, timings });
      if (turn.decision && turn.turnId) {
        await carryOutDecision({ shopId, customerId, turnId: turn.turnId, decision: turn.decision });
      }
      if (turn.hasMore) isRung = true;
      turns += 1;
      lastTurnAt = Date.now();
      if (turns >= turnsPerRun || workflowInfo().continueAsNewSuggested) {
        // A bell that rings from here on is carried by the server into the next run, which looks first.
        await continueAsNew<typeof conversation>(input);
      }
    }
    await condition(() => isRung || idle.hasFired());
    if (isRung) continue;
    const remainingMs = lastTurnAt + timings.idleEndMs - Date.now();
    if (remainingMs <= 0) return;
    idle.arm(remainingMs);
  }
}

/** One timer a run that no message cancels: a timer a turn would cost two events. */
function startIdleTimer(firstMs: number) {
  let hasFired = false;
  const arm = (ms: number) => {
    hasFired = false;
    void sleep(ms).then(() => {
      hasFired = true;
    });
  };
  arm(firstMs);
  return { arm, hasFired: () => hasFired };
}

function activities(timings: ConversationTimings): ConversationActivities {
  return proxyActivities<ConversationActivities>({
    startToCloseTimeout: timings.turnTimeoutMs,
    heartbeatTimeout: timings.turnHeartbeatMs, // it outlives a server outage and a dead worker by this, not by its time-out
    retry: { initialInterval: timings.retryMs, maximumInterval: 30 * timings.retryMs },
  });
}
