import { ScheduleAlreadyRunning, ScheduleOverlapPolicy } from "@temporalio/client";
import type { Client } from "@temporalio/client";

import {
  attestationReminderWorkflow,
  commissionWorkflow,
  pageCheckWorkflow,
  reconcileWorkflow,
} from "../workflows/upkeep.contract.ts";

/** All that is periodic, but the loops that must work when Temporal is away. */
const schedules = [
  { scheduleId: "reconcile", workflowType: reconcileWorkflow, every: "5 minutes" },
  { scheduleId: "page-check", workflowType: pageCheckWorkflow, every: "1 hour" },
  { scheduleId: "commissions", workflowType: commissionWorkflow, every: "15 minutes" },
  { scheduleId: "attestation-reminder", workflowType: attestationReminderWorkflow, every: "1 day" },
] as const;

/** Creates the schedules that are missing, and answers how many were; safe at any time. */
export async function ensureSchedules(client: Client, taskQueue: string): Promise<number> {
  let made = 0;
  for (const { scheduleId, workflowType, every } of schedules) {
    try {
      await client.schedule.create({
        scheduleId,
        spec: { intervals: [{ every }] },
        action: {
          type: "startWorkflow",
          workflowType,
          taskQueue,
          workflowId: scheduleId,
          args: [],
        },
        policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: "1 day" },
      });
      made += 1;
    } catch (error) {
      if (!(error instanceof ScheduleAlreadyRunning)) throw error;
    }
  }
  return made;
}
