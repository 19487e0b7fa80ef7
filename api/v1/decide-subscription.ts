import type { Context } from "hono";

import { AppError } from "../../domain/app-error.ts";
import { toTypeId } from "../../domain/id.ts";
import type { ShopId } from "../../domain/id.ts";
import { subscriptionWorkflow, subscriptionWorkflowId } from "../../workflows/subscription.contract.ts";
import type {
  SubscriptionDecisionResult,
  SubscriptionInput,
  SubscriptionUpdateName,
  SubscriptionUpdates,
} from "../../workflows/subscription.contract.ts";
import type { ApiEnv } from "../env.ts";
import { requestUpdate } from "../request-update.ts";
import { notTheirs, ofTheirs } from "./not-theirs.ts";

type Outcome = Pick<SubscriptionDecisionResult, "outcome" | "reason">;

export type AskedSubscription = {
  [Name in SubscriptionUpdateName]: { name: Name; request: SubscriptionUpdates[Name] };
}[SubscriptionUpdateName];

/**
 * Carries a person's word to the shop's subscription. What that does not allow is a 409 with the reason's code; an admin
 * to whom it is not theirs to decide gets a 403. `isRecorded`: whether the rows say it already.
 */
export async function decideSubscription(
  c: Context<ApiEnv>,
  {
    shopId,
    asked,
    isRecorded,
  }: { shopId: ShopId; asked: AskedSubscription; isRecorded: () => Promise<boolean> },
): Promise<void> {
  const { deps, effect } = c.var;
  const input: SubscriptionInput = { version: 1, shopId };
  const result = await requestUpdate<Outcome>(deps.temporal, {
    workflowId: subscriptionWorkflowId(toTypeId("shop", shopId)),
    workflowType: subscriptionWorkflow,
    input,
    update: asked.name,
    request: asked.request,
    updateId: effect.updateId,
    findRecorded: async () => ((await isRecorded()) ? { outcome: "already", reason: null } : undefined),
  });
  if (result.outcome !== "refused") return;
  const code = result.reason ?? "subscription.refused";
  throw notTheirs.has(code)
    ? ofTheirs(code)
    : new AppError("conflict", code, {
        internal: "the row does not allow the decision",
        public: "The subscription does not allow this now. Read it again.",
      });
}
