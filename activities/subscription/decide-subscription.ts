import type { ShopTransaction } from "../../db/connection.ts";
import { lockSubscription } from "../../db/subscriptions.ts";
import type { SubscriptionRow } from "../../db/subscriptions.ts";
import type {
  DecideSubscription,
  SubscriptionDecisionResult,
} from "../../workflows/subscription.contract.ts";
import type { ActivityDeps } from "../deps.ts";
import { lockRequestOfPayment, reversePlanPayment } from "./reverse-plan-payment.ts";
import type { Said } from "./said.ts";
import { cancelDowngrade, scheduleDowngrade } from "./schedule-downgrade.ts";
import { subscriptionSnapshot } from "./subscription-snapshot.ts";

/**
 * A person's word on a subscription, in one transaction. Safe to run twice: the row is locked, and what was decided before
 * is answered as recorded.
 */
export async function decideSubscription(
  deps: ActivityDeps,
  decision: DecideSubscription,
): Promise<SubscriptionDecisionResult> {
  const now = deps.clock.now();
  const { shopId } = decision;
  const { said, row } = await deps.db.withShop(shopId, async (trx) => {
    if (decision.name === "reversePlanPayment") {
      await lockRequestOfPayment(trx, { shopId, paymentId: decision.request.paymentId });
    }
    const row = await lockSubscription(trx, decision);
    const said = await decide(trx, { row, decision, now });
    return { said, row: said === "decided" ? await lockSubscription(trx, decision) : row };
  });
  await deps.atStep("subscription.committed");
  const snapshot = subscriptionSnapshot(row, now);
  return typeof said === "string"
    ? { outcome: said, reason: null, snapshot }
    : { outcome: "refused", reason: said.refused, snapshot };
}

type Deciding = { row: SubscriptionRow; decision: DecideSubscription; now: Date };

function decide(trx: ShopTransaction, { row, decision, now }: Deciding): Promise<Said> {
  switch (decision.name) {
    case "scheduleDowngrade":
      return scheduleDowngrade(trx, { row, request: decision.request, now });
    case "cancelDowngrade":
      return cancelDowngrade(trx, { row, request: decision.request, now });
    case "reversePlanPayment":
      return reversePlanPayment(trx, { row, request: decision.request, now });
  }
}
