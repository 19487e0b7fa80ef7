import type { ActivityInterceptorsFactory } from "@temporalio/worker";

import { fromTypeId } from "../domain/id.ts";
import type { Trace } from "../domain/ports/trace.ts";

/** A span for each attempt; the activities of an order go on with its trace, found by the workflow's id. */
export function traceActivities(trace: Trace): ActivityInterceptorsFactory {
  return ({ info: { activityType, attempt, workflowExecution, workflowType } }) => ({
    inbound: {
      execute: (input, next) => {
        const workflowId = workflowExecution?.workflowId ?? "";
        const fields = { activityType, attempt, workflowType, workflowId };
        return trace.span("activity", fields, () => {
          const id = fromTypeId("ord", workflowId.replace(/^order\//, ""));
          if (id !== undefined) trace.follows({ kind: "order", id });
          return next(input);
        });
      },
    },
  });
}
