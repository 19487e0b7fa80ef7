import { cancellationSignal } from "@temporalio/activity";

import type { ConversationActivities } from "../../workflows/conversation.contract.ts";
import type { ActivityDeps } from "../deps.ts";
import { carryOutDecision } from "./carry-out-decision.ts";
import { runTurn } from "./run-turn.ts";

export function createConversationActivities(deps: ActivityDeps): ConversationActivities {
  return {
    runTurn: (ref) => runTurn(deps, ref, cancellationSignal()),
    carryOutDecision: (ref) => carryOutDecision(deps, ref),
  };
}
