import { Registry, collectDefaultMetrics } from "prom-client";

import { createHouseGauges } from "../clients/house-gauges.ts";
import { createMeters } from "../clients/metrics.ts";
import type { ConversationActivities } from "../workflows/conversation.contract.ts";
import type { EvidenceActivities } from "../workflows/evidence.contract.ts";
import type { OrderActivities } from "../workflows/order.contract.ts";
import type { RetentionActivities } from "../workflows/retention.contract.ts";
import type { Reconciled, UpkeepActivities } from "../workflows/upkeep.contract.ts";
import { createOutsideMetrics } from "./outside-metrics.ts";

export const loopNames = [
  "settle",
  "gateways",
  "sweep",
  "objects",
  "policies",
  "credits",
  "push",
  "mail",
  "schedules",
  "audit",
  "access",
  "disclosures",
  "reviews",
] as const;
export type LoopName = (typeof loopNames)[number];

type Activities = ConversationActivities &
  EvidenceActivities &
  OrderActivities &
  RetentionActivities &
  UpkeepActivities;

/** By type complete, so that a new activity cannot be forgotten. */
const activityNames: Record<keyof Activities, true> = {
  runTurn: true,
  carryOutDecision: true,
  loadOrder: true,
  reviewEvidence: true,
  decideOrder: true,
  warnBeforeExpiry: true,
  expireOrder: true,
  remindOfReview: true,
  escalateReview: true,
  tellCustomerReviewIsLate: true,
  declineUnacceptedCod: true,
  remindOfBalance: true,
  remindToShip: true,
  askIfDelivered: true,
  remindOfRefund: true,
  loadEvidence: true,
  decideEvidence: true,
  remindOfEvidence: true,
  reconcile: true,
  checkPages: true,
  settleCommissions: true,
  remindOfAttestations: true,
  remindOfTickets: true,
  tallyPayouts: true,
  tendPage: true,
  beginRetention: true,
  sweepRetention: true,
  endRetention: true,
};

/** Short outages and lost races end sooner. */
const manyAttempts = 6;

/** A registry for each worker, so that two in one process (tests) do not meet. */
export function createWorkerMetrics(startedAt: Date) {
  const activities = Object.keys(activityNames);
  const registry = new Registry();
  const meters = createMeters(registry);
  const durations = meters.histogram({
    name: "shopthread_activity_seconds",
    help: "Duration of attempts of activities; a failed one is tried again, unless it is refused for good",
    labels: { activity: activities, outcome: ["completed", "failed", "refused", "cancelled"] },
    buckets: [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 120],
  });
  const failures = meters.counter({
    name: "shopthread_activity_failures_total",
    help: "Attempts of activities that failed: among the first five, or later",
    labels: { activity: activities, attempt: ["early", "late"] },
  });
  const successes = meters.gauge({
    name: "shopthread_activity_last_success_timestamp_seconds",
    help: "When an activity completed last, or this process began",
    labels: { activity: activities },
  });
  const loopRuns = meters.counter({
    name: "shopthread_loop_runs_total",
    help: "Runs of the worker's loops",
    labels: { loop: loopNames, outcome: ["completed", "failed"] },
  });
  const loopSuccesses = meters.gauge({
    name: "shopthread_loop_last_success_timestamp_seconds",
    help: "When a loop did its work last, or this process began",
    labels: { loop: loopNames },
  });
  const reconciled = {
    openRows: meters.gauge({
      name: "shopthread_reconcile_open_rows",
      help: "Rows that a workflow must stand behind, as the last run counted them",
      labels: {},
    }),
    started: meters.counter({
      name: "shopthread_reconcile_started_processes_total",
      help: "Workflows that were missing and were started from their rows",
      labels: {},
    }),
  };
  const stuckRuns = meters.counter({
    name: "shopthread_stuck_runs_ended_total",
    help: "Workflow runs that could not move, and were ended and started anew from their rows",
    labels: {},
  });
  for (const activity of activities) successes.set({ activity }, startedAt.getTime() / 1_000);
  for (const loop of loopNames) loopSuccesses.set({ loop }, startedAt.getTime() / 1_000);

  return {
    registry,
    house: createHouseGauges(registry),
    outside: createOutsideMetrics(registry),

    activityEnded({ activity, outcome, attempt, seconds }: ActivityEnd): void {
      durations.observe({ activity, outcome }, seconds);
      if (outcome === "completed") successes.set({ activity }, Date.now() / 1_000);
      if (outcome === "failed")
        failures.add({ activity, attempt: attempt < manyAttempts ? "early" : "late" });
    },

    loopEnded(loop: LoopName, isDone: boolean): void {
      loopRuns.add({ loop, outcome: isDone ? "completed" : "failed" });
      if (isDone) loopSuccesses.set({ loop }, Date.now() / 1_000);
    },

    /** `rungConversations` are the sweep's everyday work. */
    wasReconciled({ openRows, startedProcesses }: Reconciled): void {
      reconciled.openRows.set({}, openRows);
      reconciled.started.add({}, startedProcesses);
    },

    stuckRunEnded(): void {
      stuckRuns.add({});
    },
  };
}

export type ActivityOutcome = "completed" | "failed" | "refused" | "cancelled";
type ActivityEnd = { activity: string; outcome: ActivityOutcome; attempt: number; seconds: number };
export type WorkerMetrics = ReturnType<typeof createWorkerMetrics>;

/** Memory, event loop lag and the like; once a process. */
export function collectProcessMetrics({ registry }: WorkerMetrics): void {
  collectDefaultMetrics({ register: registry });
}
