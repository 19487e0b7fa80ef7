import { ScheduleAlreadyRunning, ScheduleOverlapPolicy } from "@temporalio/client";
import type { Client } from "@temporalio/client";

import { retentionWorkflow } from "../workflows/retention.contract.ts";
import { keyRotationWorkflow } from "../workflows/key-rotation.contract.ts";
import {
  attestationReminderWorkflow,
  commissionWorkflow,
  pageCheckWorkflow,
  payoutTallyWorkflow,
  reconcileWorkflow,
  ticketReminderWorkflow,
} from "../workflows/upkeep.contract.ts";

export const pageCheckSchedule = "page-check";
export const keyRotationSchedule = "key-rotation";

const every = (span: "5 minutes" | "15 minutes" | "1 hour" | "1 day") => ({
  spec: { intervals: [{ every: span }] },
  catchupWindow: "1 day" as const,
});

/** On the first of each month, early in UTC; what an outage kept from running is made good as long as the month is young. */
const monthly = { spec: { calendars: [{ dayOfMonth: 1, hour: 1 }] }, catchupWindow: "20 days" as const };

/** Early on Sundays in UTC; after an outage of at most six days it is made good, and the next one comes as it should. */
const weekly = {
  spec: { calendars: [{ dayOfWeek: "SUNDAY" as const, hour: 2 }] },
  catchupWindow: "6 days" as const,
};

/** All that is periodic, but the loops that must work when Temporal is away. */
const schedules = [
  { scheduleId: "reconcile", workflowType: reconcileWorkflow, ...every("5 minutes") },
  { scheduleId: pageCheckSchedule, workflowType: pageCheckWorkflow, ...every("1 hour") },
  { scheduleId: "commissions", workflowType: commissionWorkflow, ...every("15 minutes") },
  { scheduleId: "attestation-reminder", workflowType: attestationReminderWorkflow, ...every("1 day") },
  { scheduleId: "tickets", workflowType: ticketReminderWorkflow, ...every("1 hour") },
  { scheduleId: "retention", workflowType: retentionWorkflow, ...every("1 day") },
  { scheduleId: "payouts", workflowType: payoutTallyWorkflow, ...monthly },
  { scheduleId: keyRotationSchedule, workflowType: keyRotationWorkflow, ...weekly },
];

export const scheduleIds = schedules.map(({ scheduleId }) => scheduleId);

/** Creates the schedules that are missing, and answers how many were; safe at any time. */
export async function ensureSchedules(client: Client, taskQueue: string): Promise<number> {
  let made = 0;
  for (const { scheduleId, workflowType, spec, catchupWindow } of schedules) {
    try {
      await client.schedule.create({
        scheduleId,
        spec,
        action: {
          type: "startWorkflow",
          workflowType,
          taskQueue,
          workflowId: scheduleId,
          args: [],
        },
        policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow },
      });
      made += 1;
    } catch (error) {
      if (!(error instanceof ScheduleAlreadyRunning)) throw error;
    }
  }
  return made;
}
