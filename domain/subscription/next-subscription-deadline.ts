import type { SubscriptionState } from "./subscription.ts";
import type { SubscriptionTimings } from "./timings.ts";

export const subscriptionTransitions = {
  trial: ["active", "grace"],
  active: ["grace"],
  grace: ["active", "limited"],
  limited: ["active", "suspended"],
  suspended: ["active"],
} as const satisfies Record<SubscriptionState, readonly SubscriptionState[]>;

export type SubscriptionDeadline = "remindOfEnd" | "endPeriod" | "limitService" | "suspendService";

/** What the row of a subscription says of its waits. */
export type SubscriptionStanding = {
  state: SubscriptionState;
  /** Grace and what follows count from here: an outage of ours is no time of the owner's. */
  stateSince: Date;
  endsAt: Date;
  /** How long before this end the last reminder was due; null: nobody was reminded of it. */
  remindedBeforeMs: number | null;
  /** What comes after this end is paid for: there is nothing to remind of. */
  isPaidBeyond: boolean;
  timings: SubscriptionTimings;
};

/** The deadline that comes next, and when; null: nothing happens until somebody pays. */
export function nextSubscriptionDeadline(
  standing: SubscriptionStanding,
  now: Date,
): { deadline: SubscriptionDeadline; at: Date } | null {
  const { state, stateSince, endsAt, timings } = standing;
  switch (state) {
    case "trial":
    case "active": {
      const reminder = nextReminder(standing, now);
      return reminder === null
        ? { deadline: "endPeriod", at: endsAt }
        : { deadline: "remindOfEnd", at: reminder.at };
    }
    case "grace":
      return { deadline: "limitService", at: after(stateSince, timings.graceMs) };
    case "limited":
      return { deadline: "suspendService", at: after(stateSince, timings.limitedMs) };
    case "suspended":
      return null;
  }
}

export type Reminder = { beforeMs: number; at: Date };

/** Of the reminders that are late, because nobody was there to send them, only the nearest to the end is told. */
export function nextReminder(
  { endsAt, remindedBeforeMs, isPaidBeyond, timings }: SubscriptionStanding,
  now: Date,
): Reminder | null {
  if (isPaidBeyond || endsAt <= now) return null;
  const open = timings.remindersBeforeMs
    .filter((beforeMs) => remindedBeforeMs === null || beforeMs < remindedBeforeMs)
    .map((beforeMs) => ({ beforeMs, at: after(endsAt, -beforeMs) }))
    .toSorted((left, right) => left.at.getTime() - right.at.getTime());
  return open.findLast(({ at }) => at <= now) ?? open[0] ?? null;
}

/** What it becomes unless somebody pays, and when; null: it stays as it is, or goes on with what is paid for. */
export function nextSubscriptionState(
  standing: SubscriptionStanding,
): { state: SubscriptionState; at: Date } | null {
  const { state, stateSince, endsAt, isPaidBeyond, timings } = standing;
  switch (state) {
    case "trial":
    case "active":
      return isPaidBeyond ? null : { state: "grace", at: endsAt };
    case "grace":
      return { state: "limited", at: after(stateSince, timings.graceMs) };
    case "limited":
      return { state: "suspended", at: after(stateSince, timings.limitedMs) };
    case "suspended":
      return null;
  }
}

function after(at: Date, ms: number): Date {
  return new Date(at.getTime() + ms);
}
