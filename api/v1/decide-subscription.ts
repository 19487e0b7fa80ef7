import type { Context } from "hono";

import { toTypeId } from "../../domain/id.ts";
import type { ShopId } from "../../domain/id.ts";
import { subscriptionWorkflow, subscriptionWorkflowId } from "../../workflows/subscription.contract.ts";
import type {
  SubscriptionInput,
  SubscriptionUpdateName,
  SubscriptionUpdates,
} from "../../workflows/subscription.contract.ts";
import type { ApiEnv } from "../env.ts";
import { requestDecision } from "./request-decision.ts";

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
  const input: SubscriptionInput = { version: 1, shopId };
  await requestDecision(c, {
    of: "subscription",
    workflowId: subscriptionWorkflowId(toTypeId("shop", shopId)),
    workflowType: subscriptionWorkflow,
    input,
    update: asked.name,
    request: asked.request,
    isRecorded,
  });
}
