import type { ActivityInterceptorsFactory } from "@temporalio/worker";

import { toActivityFailure } from "../activities/activity-failure.ts";
import type { Log } from "../activities/deps.ts";

/** What every activity gets: heartbeats, its errors translated, and a word to the operator when it keeps failing. */
export function activityInterceptors(log: Log): ActivityInterceptorsFactory[] {
  return [beat, translateFailures, tellOfStubborn(log)];
}

/**
 * Tells the server that this process still works on it, for every activity whose workflow asks for that: a result that
 * could not be reported, or a worker that died, then costs seconds and not the whole time-out.
 */
const beat: ActivityInterceptorsFactory = (context) => ({
  inbound: {
    execute: async (input, next) => {
      const { heartbeatTimeoutMs } = context.info;
      if (!heartbeatTimeoutMs) return next(input);
      // Often enough that one lost beat is no death.
      const timer = setInterval(() => context.heartbeat(), Math.max(100, heartbeatTimeoutMs / 3));
      try {
        return await next(input);
      } finally {
        clearInterval(timer);
      }
    },
  },
});

/** Every activity's errors become Temporal's in one place. */
const translateFailures: ActivityInterceptorsFactory = () => ({
  inbound: {
    execute: async (input, next) => {
      try {
        return await next(input);
      } catch (error) {
        throw toActivityFailure(error);
      }
    },
  },
});

/** Short outages and lost races end sooner; what fails so often waits for a person. Told again ever more rarely. */
const toldAttempts: ReadonlySet<number> = new Set([6, 20, 100, 1_000, 10_000]);

/** An activity is retried until it succeeds, so that nothing is lost; but somebody must know that it does not. */
function tellOfStubborn(log: Log): ActivityInterceptorsFactory {
  return ({ info }) => ({
    inbound: {
      execute: async (input, next) => {
        try {
          return await next(input);
        } catch (err) {
          const { attempt, activityType, workflowExecution } = info;
          if (toldAttempts.has(attempt)) {
            const workflowId = workflowExecution?.workflowId ?? null;
            log.error({ err, attempt, activityType, workflowId }, "activity.keeps_failing");
          }
          throw err;
        }
      },
    },
  });
}
