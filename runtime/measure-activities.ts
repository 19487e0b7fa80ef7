import { ApplicationFailure, CancelledFailure } from "@temporalio/common";
import type { ActivityInterceptorsFactory } from "@temporalio/worker";

import type { Reconciled } from "../workflows/upkeep.contract.ts";
import type { ActivityOutcome, WorkerMetrics } from "./worker-metrics.ts";

/** Every attempt of every activity. Goes outermost, where errors are Temporal's already. */
export function measureActivities(metrics: WorkerMetrics): ActivityInterceptorsFactory {
  return ({ info: { activityType: activity, attempt } }) => ({
    inbound: {
      execute: async (input, next) => {
        const started = performance.now();
        const ended = (outcome: ActivityOutcome) =>
          metrics.activityEnded({
            activity,
            attempt,
            outcome,
            seconds: (performance.now() - started) / 1_000,
          });
        try {
          const result: unknown = await next(input);
          ended("completed");
          if (activity === "reconcile") metrics.wasReconciled(result as Reconciled); // by its contract
          return result;
        } catch (error) {
          ended(outcomeOf(error));
          throw error;
        }
      },
    },
  });
}

function outcomeOf(error: unknown): ActivityOutcome {
  if (error instanceof CancelledFailure) return "cancelled";
  return error instanceof ApplicationFailure && error.nonRetryable ? "refused" : "failed";
}
