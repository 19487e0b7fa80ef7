import type { PayoutState } from "./states.ts";
import type { PayoutTimings } from "./timings.ts";

export type PayoutDeadline =
  | "gatePayout"
  | "executePayout"
  | "remindOfPayout"
  | "escalatePayout"
  | "tellParticipant";

/** What the row of a payout says of its waits. */
export type PayoutWaits = {
  state: PayoutState;
  /** Whether the participant has yet to be told what became of it. */
  hasNoticeDue: boolean;
  /** When the gate was last looked at; null: never. */
  gatedAt: Date | null;
  /** Since when somebody's word is waited for. */
  waitingSince: Date;
  remindedAt: Date | null;
  escalatedAt: Date | null;
  timings: PayoutTimings;
};

export type NextPayoutDeadline = { deadline: PayoutDeadline; at: Date };

/** The deadline that comes next, and when; null: it has ended, and its participant knows. */
export function nextPayoutDeadline(waits: PayoutWaits): NextPayoutDeadline | null {
  const { state, gatedAt, waitingSince, timings } = waits;
  if (waits.hasNoticeDue) return { deadline: "tellParticipant", at: waitingSince };
  switch (state) {
    case "tallied":
      if (gatedAt === null) return { deadline: "gatePayout", at: waitingSince };
      return ofPerson(waits, timings.proposalReminderMs, timings.proposalEscalationMs);
    case "held":
      return { deadline: "gatePayout", at: after(gatedAt ?? waitingSince, timings.gateAgainMs) };
    case "failed":
      return ofPerson(waits, timings.proposalReminderMs, timings.proposalEscalationMs);
    case "proposed":
      return ofPerson(waits, timings.approvalReminderMs, timings.approvalEscalationMs);
    case "approved":
      return { deadline: "executePayout", at: waitingSince };
    case "executing":
      return ofPerson(waits, timings.recordReminderMs, timings.recordEscalationMs);
    case "paid":
    case "cancelled":
      return null;
  }
}

function ofPerson(
  { waitingSince, remindedAt, escalatedAt, timings }: PayoutWaits,
  reminderMs: number,
  escalationMs: number,
): NextPayoutDeadline {
  if (remindedAt === null) return { deadline: "remindOfPayout", at: after(waitingSince, reminderMs) };
  const at =
    escalatedAt === null ? after(waitingSince, escalationMs) : after(escalatedAt, timings.escalateAgainMs);
  return { deadline: "escalatePayout", at };
}

function after(since: Date, ms: number): Date {
  return new Date(since.getTime() + ms);
}
