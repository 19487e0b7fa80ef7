import type { IncidentState } from "./states.ts";
import type { BreachTimings } from "./timings.ts";

export type BreachDeadline = "raiseAlarm" | "listAffected" | "tellAffected" | "readReceipts";

/** What the row of an incident says of its waits. */
export type BreachWaits = {
  state: IncidentState;
  discoveredAt: Date;
  alarmsRaised: number;
  /** When two people stood behind the notice; null: not yet. */
  approvedAt: Date | null;
  /** When the last of those who are affected was written down; null: it goes on. */
  listedAt: Date | null;
  /** When the notice was queued for the last of them; null: it goes on. */
  toldAt: Date | null;
  /** When it was last looked at what became of the notices. */
  receiptsReadAt: Date | null;
  timings: BreachTimings;
};

export type NextBreachDeadline = { deadline: BreachDeadline; at: Date };

/** What comes next, and when; null: a person's word is waited for, and every alarm was raised, or it has ended. */
export function nextBreachDeadline(waits: BreachWaits): NextBreachDeadline | null {
  const { state } = waits;
  if (state !== "open" && state !== "notifying") return null;
  const [first, second] = [nextAlarm(waits), state === "notifying" ? nextStep(waits) : null];
  if (first === null || second === null) return first ?? second;
  // An alarm that is overdue as well as a step: the alarm is the shorter one, and must not wait behind ten thousand people.
  return first.at <= second.at ? first : second;
}

function nextAlarm({ discoveredAt, alarmsRaised, timings }: BreachWaits): NextBreachDeadline | null {
  const afterMs = timings.alarmsMs[alarmsRaised];
  return afterMs === undefined ? null : { deadline: "raiseAlarm", at: after(discoveredAt, afterMs) };
}

function nextStep({
  approvedAt,
  listedAt,
  toldAt,
  receiptsReadAt,
  discoveredAt,
  timings,
}: BreachWaits): NextBreachDeadline {
  const since = approvedAt ?? discoveredAt;
  if (listedAt === null) return { deadline: "listAffected", at: since };
  if (toldAt === null) return { deadline: "tellAffected", at: listedAt };
  return { deadline: "readReceipts", at: after(receiptsReadAt ?? toldAt, timings.receiptsMs) };
}

function after(since: Date, ms: number): Date {
  return new Date(since.getTime() + ms);
}
