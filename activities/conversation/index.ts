import { activityInfo, cancellationSignal, heartbeat } from "@temporalio/activity";

import type { ConversationActivities } from "../../workflows/conversation.contract.ts";
import type { ActivityDeps } from "../deps.ts";
import { carryOutDecision } from "./carry-out-decision.ts";
import { runTurn } from "./run-turn.ts";

export function createConversationActivities(deps: ActivityDeps): ConversationActivities {
  return {
    runTurn: async (ref) => {
      const beat = setInterval(() => heartbeat(), beatMs());
      try {
        return await runTurn(deps, ref, cancellationSignal());
      } finally {
        clearInterval(beat);
      }
    },
    carryOutDecision: (ref) => carryOutDecision(deps, ref),
  };
}

/** Often enough that one lost beat is no death. */
function beatMs(): number {
  return Math.max(100, (activityInfo().heartbeatTimeoutMs ?? 5_000) / 3);
}
