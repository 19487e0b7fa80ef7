import { ApplicationFailure } from "@temporalio/common";
import type { ActivityOptions } from "@temporalio/workflow";

/** Options of the activities after the loading one, from the timings of the row. */
export function activityOptions({
  timeoutMs,
  retryMs,
}: {
  timeoutMs: number;
  retryMs: number;
}): ActivityOptions {
  return {
    startToCloseTimeout: timeoutMs,
    heartbeatTimeout: "5s", // a server outage or a dead worker costs this, not the time-out
    retry: { initialInterval: retryMs, maximumInterval: 60 * retryMs },
  };
}

/** For validators: what can never become true is refused before it costs an event; all else the row decides. */
export function refuseImpossibleAmount(request: object): void {
  const amount = "amountMinor" in request ? request.amountMinor : null;
  if (amount === null || (Number.isSafeInteger(amount) && Number(amount) > 0)) return;
  throw ApplicationFailure.nonRetryable("an amount is a positive whole number", "order.amount_invalid");
}
