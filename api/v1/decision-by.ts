import type { DecisionBy } from "../../workflows/order.contract.ts";
import type { Actor } from "../auth/actor.ts";

/** Who decides, for the story and the audit log: a person, or the key of a program. */
export function decisionBy({ accountId, actorId }: Actor): DecisionBy {
  return { accountId, apiKeyId: accountId === null ? actorId : null };
}
